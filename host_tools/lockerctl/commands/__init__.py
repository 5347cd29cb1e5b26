"""One module for each word after ``lockerctl``; each has a Typer ``app``. Imported on first use
(see ``lockerctl.cli``).
"""

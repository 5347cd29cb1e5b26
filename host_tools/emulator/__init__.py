"""The real MicroPython image in an emulated chip, wired to the models of the virtual bench.

Needs the ``emulator`` extra; see README.md for what is modelled and what is not.
"""

"""The virtual bench: a modelled locker that real firmware runs against.

The models take the time as an argument and know no thread, socket or clock; see README.md for who
drives them.
"""

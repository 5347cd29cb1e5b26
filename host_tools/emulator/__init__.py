"""The real MicroPython image in an emulated chip, wired to the same bench models as everything else.

Needs the ``emulator`` extra; see README.md of this folder for what is modelled and what is not.
"""

"""What can go wrong in an emulation that is not the story's fault."""


class EmulatorError(Exception):
    """The emulated board cannot be prepared or went down; the text says why."""

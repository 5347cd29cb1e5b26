"""The virtual board has no pins: the bench ends every pulse by its own clock."""


def outputs_safe() -> None:
    """Nothing to do."""

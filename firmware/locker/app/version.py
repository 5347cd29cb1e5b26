"""Of the firmware, as the host is told it."""

FIRMWARE = "0.1"

"""Laboratories: the device's own decisions under many years of modelled time; see README.md."""

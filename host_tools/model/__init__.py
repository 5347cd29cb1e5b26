"""Exhaustive search of the real door code: see README.md."""

"""Values out of a JSON object, checked. No I/O."""

from typing import Any


def whole(fields: dict[str, Any], name: str, low: int, high: int) -> int:
    """A whole number low..high. Raises ValueError that names the key."""
    value = fields.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ValueError(f"{name!r} must be a whole number {low}..{high}")
    return value


def flag(fields: dict[str, Any], name: str) -> bool:
    """True or false. Raises ValueError that names the key."""
    value = fields.get(name)
    if not isinstance(value, bool):
        raise ValueError(f"{name!r} must be true or false")
    return value


def text(fields: dict[str, Any], name: str) -> str:
    """Text that is not empty. Raises ValueError that names the key."""
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name!r} must be text")
    return value


def list_of(fields: dict[str, Any], name: str) -> list[Any]:
    """A list. Raises ValueError that names the key."""
    value = fields.get(name)
    if not isinstance(value, list):
        raise ValueError(f"{name!r} must be a list")
    return value


def object_of(fields: dict[str, Any], name: str) -> dict[str, Any]:
    """An object. Raises ValueError that names the key."""
    value = fields.get(name)
    if not isinstance(value, dict):
        raise ValueError(f"{name!r} must be an object")
    return value

"""Turn the engine's dataclasses into JSON-ready dictionaries and back."""

from dataclasses import fields, is_dataclass
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


def to_dict(value: Any) -> dict[str, Any]:
    """Return the fields of a dataclass as a JSON-ready dictionary."""
    return {item.name: _encode(getattr(value, item.name)) for item in fields(value)}


def from_dict(kind: type[T], data: dict[str, Any]) -> T:
    """Build `kind` from the dictionary that `to_dict` returned.

    Missing fields keep their defaults.

    Raises:
        TypeError: a field without a default is missing.
    """
    hints = get_type_hints(kind)
    known = {name: _decode(hint, data[name]) for name, hint in hints.items() if name in data}
    return kind(**known)


def _encode(value: Any) -> Any:
    if is_dataclass(value):
        return to_dict(value)
    if isinstance(value, tuple):
        return [_encode(item) for item in value]
    return str(value) if isinstance(value, Path) else value


def _decode(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    if get_origin(hint) is UnionType:
        return _decode(get_args(hint)[0], value)
    if get_origin(hint) is tuple:
        return _decode_tuple(get_args(hint), value)
    if is_dataclass(hint) and isinstance(hint, type):
        return from_dict(hint, value)
    return hint(value) if hint in {Path, float} else value


def _decode_tuple(hints: tuple[Any, ...], values: list[Any]) -> tuple[Any, ...]:
    if hints[-1] is Ellipsis:
        return tuple(_decode(hints[0], value) for value in values)
    return tuple(_decode(hint, value) for hint, value in zip(hints, values, strict=True))

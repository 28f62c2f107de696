"""JSON objects as dataclasses, strictly: what is unknown or of the wrong type is refused by name."""

import types
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

Record = TypeVar("Record")


class RecordError(ValueError):
    """What is wrong with a JSON object, in words for its author."""


def record(kind: type[Record], data: object) -> Record:
    """*data* as a *kind*; missing fields take their defaults. Raises RecordError."""
    values = _checked(kind, data)
    needed = [each.name for each in fields(cast(Any, kind)) if each.default is each.default_factory is MISSING]
    if missing := [name for name in needed if name not in values]:
        raise RecordError(f"{kind.__name__} needs {', '.join(missing)}")
    return kind(**values)


def changed(current: Record, data: object) -> None:
    """Set in *current* the fields that *data* names. Raises RecordError, and then nothing is set."""
    for name, value in _checked(type(current), data).items():
        setattr(current, name, value)


def _checked(kind: type[Any], data: object) -> dict[str, object]:
    if not isinstance(data, dict):
        raise RecordError(f"{kind.__name__} is a JSON object")
    known = [field.name for field in fields(kind)]
    unknown = sorted(set(data) - set(known))
    if unknown:
        raise RecordError(f"{kind.__name__} has no {', '.join(unknown)}; it has {', '.join(known)}")
    hints = get_type_hints(kind)
    return {name: _value(hints[name], value, name) for name, value in data.items()}


def _value(hint: Any, value: Any, name: str) -> Any:
    """*value* when it fits *hint*, with its lists and objects turned into records."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        if value is None and type(None) in arguments:
            return None
        return _value(next(each for each in arguments if each is not type(None)), value, name)
    if origin is list and isinstance(value, list):
        return [_value(arguments[0], each, name) for each in value]
    if is_dataclass(hint) and isinstance(hint, type):
        return record(hint, value)
    if _fits(hint, value):
        return value
    raise RecordError(f"{name}: {value!r} is not {getattr(hint, '__name__', hint)}")


def _fits(hint: Any, value: object) -> bool:
    if get_origin(hint) is Literal:
        return value in get_args(hint)
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, get_origin(hint) or hint)

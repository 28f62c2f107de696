"""JSON that nobody promised us: read what is there, believe nothing about it, never fail on a single field."""

import json
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson

from reelhook.kit.text import shorten, storable

MOST_ID = 512
MOST_URL = 8192
MOST_TEXT = 2000
LONGEST_FILM_S = 7 * 86_400
MOST_BITS = 63  # what orjson can write again
DEEPEST = 100  # no payload of HeyGen nests deeper than six; orjson cannot write more than 254

Reader = Callable[[object], str | None]


def decode(body: bytes) -> object:
    """The JSON value in *body*, all its text storable and all its numbers finite. Raises *ValueError* otherwise.

    What orjson refuses but senders do produce is read all the same: a byte order mark, half a surrogate pair, NaN.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return cleaned(_standard(body))
    return value if _surely_clean(body) else cleaned(value)


def _standard(body: bytes) -> object:
    try:
        return json.loads(body.decode("utf-8-sig"))
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _surely_clean(body: bytes) -> bool:
    """Whether a body that orjson read needs no walk: it holds no NUL, and too few brackets to nest deeply."""
    return b"\\u0000" not in body and body.count(b"{") + body.count(b"[") <= DEEPEST


def cleaned(value: object, deeper: int = DEEPEST) -> object:
    """*value* with storable text and finite numbers only. Raises *ValueError* when it nests too deeply."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, int) and value.bit_length() > MOST_BITS:
        return str(value)
    if not isinstance(value, (dict, list)):
        return value
    if not deeper:
        raise ValueError("nested too deeply")
    if isinstance(value, list):
        return [cleaned(one, deeper - 1) for one in value]
    return {storable(name): cleaned(one, deeper - 1) for name, one in value.items()}


def text(value: object, most: int = MOST_TEXT) -> str | None:
    """Text or a number as text of at most *most* characters; None for anything else, and for empty text."""
    if not isinstance(value, str):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return None
        value = str(value)
    return shorten(storable(value).strip(), most) or None


def ident(value: object) -> str | None:
    """An id. One that is too long is no id: cut short, it could be taken for another."""
    if value is None:  # most of those that may be there are not
        return None
    found = text(value, MOST_ID + 1)
    return found if found and len(found) <= MOST_ID else None


def link(value: object) -> str | None:
    """The address of something that can be fetched over HTTP."""
    found = text(value, MOST_URL + 1) if isinstance(value, str) else None
    return found if found and len(found) <= MOST_URL and found.lower().startswith(("http://", "https://")) else None


def seconds(value: object) -> float | None:
    """A duration."""
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0 else None


def length_ms(data: Mapping[str, Any]) -> int | None:
    """How long a film is; None when that is not told, or cannot be."""
    told = seconds(data.get("duration")) or seconds(data.get("duration_seconds"))
    return round(told * 1000) if told and told <= LONGEST_FILM_S else None


def first(data: Mapping[str, Any], names: Iterable[str], read: Reader) -> str | None:
    """The first of the fields *names* in which *read* finds something. HeyGen uses "" and null alike."""
    for name in names:
        if found := read(data.get(name)):
            return found
    return None


def mapping(value: object) -> dict[str, Any]:
    """*value* if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def objects(value: object) -> list[dict[str, Any]]:
    """The objects in a list; anything else in it is left out."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []

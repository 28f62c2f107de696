"""What HeyGen is known to refuse in a request for a video, told before it is asked: each fault by its field.

Only what its reference says plainly (developers.heygen.com/docs/usage-limits, /reference/create-video) and only of the
types `avatar` and `image`. Everything else is HeyGen's to judge: it may take tomorrow what nobody knows of today.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

MOST_SCRIPT = 5_000  # characters
SPEECH = ("script", "audio_url", "audio_asset_id")
SUBJECT_OF = {"avatar": "avatar_id", "image": "image"}  # what each type shows


class Fault(NamedTuple):
    """What is wrong with one *field*, in words that go on after its name."""

    field: str
    message: str


def faults(request: Mapping[str, Any]) -> Iterator[Fault]:
    """Everything that is known to be refused in this v3 create body; nothing for bodies of other types."""
    kind = request.get("type")
    shown = SUBJECT_OF.get(kind) if isinstance(kind, str) else None
    if shown is None:
        return
    if _missing(request.get(shown)):
        yield Fault(shown, "is needed")
    given = [name for name in SPEECH if request.get(name) is not None]
    if not given:
        yield Fault("script", f"is needed, or one of {' and '.join(SPEECH[1:])} in its place")
    for further in given[1:]:
        yield Fault(further, f"cannot stand beside {given[0]}: a video has one speech")
    if "script" in given:
        yield from _of_script(request["script"])


def _of_script(script: object) -> Iterator[Fault]:
    if _missing(script) or not isinstance(script, str):
        yield Fault("script", "must be text that can be spoken")
    elif len(script) > MOST_SCRIPT:
        yield Fault("script", f"has {len(script)} characters; HeyGen takes at most {MOST_SCRIPT}")


def _missing(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())

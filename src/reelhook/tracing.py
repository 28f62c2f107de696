"""Spans: which work was part of which, and how long each took. They cost nothing until a tracer is in `use`.

Where a span belongs travels as text (`traceparent` of W3C Trace Context), so that work which waits in a row of the
database goes on in the trace of what queued it.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Literal, Protocol

Attribute = str | int | float | bool | None  # None is left out
Attributes = Mapping[str, Attribute]
Kind = Literal["internal", "server", "client", "producer", "consumer"]

NOTHING_KNOWN: Attributes = {}
_NO_SPAN = nullcontext()


class Tracer(Protocol):
    """What makes spans. The functions of this module say what each of its methods is for."""

    def span(
        self, name: str, kind: Kind, after: str | None, since: datetime | None, about: Attributes
    ) -> AbstractContextManager[None]: ...

    def note(self, about: Attributes) -> None: ...

    def rename(self, name: str) -> None: ...

    def fail(self, code: str) -> None: ...

    def carried(self) -> str | None: ...

    def trouble(self) -> str | None: ...


_tracer: Tracer | None = None


def use(tracer: Tracer) -> Callable[[], None]:
    """Have *tracer* make the spans of this process. Returns what ends it."""
    global _tracer
    _tracer = tracer
    return _forget


def _forget() -> None:
    global _tracer
    _tracer = None


def span(
    name: str,
    kind: Kind = "internal",
    *,
    after: str | None = None,
    since: datetime | None = None,
    about: Attributes = NOTHING_KNOWN,
) -> AbstractContextManager[None]:
    """The block is one unit of work, part of the one around it; an error that leaves it is noted by its code.

    With *after*, the context that something `carried`, it belongs there, and is only linked with what is around it.
    *since*: it began earlier than the block. What it is *about* holds no secrets and nothing of persons.
    """
    return _NO_SPAN if _tracer is None else _tracer.span(name, kind, after, since, about)


def note(**about: Attribute) -> None:
    """Say more of the span that this runs in."""
    if _tracer is not None:
        _tracer.note(about)


def rename(name: str) -> None:
    """Give the span that this runs in the name that is only known now."""
    if _tracer is not None:
        _tracer.rename(name)


def fail(code: str) -> None:
    """The span that this runs in failed; what it was about stands in the log."""
    if _tracer is not None:
        _tracer.fail(code)


def carried() -> str | None:
    """The context of the span that this runs in, to be kept with what it queues; None without one."""
    return None if _tracer is None else _tracer.carried()


def trouble() -> str | None:
    """Why spans are being lost, in words; None while they are not."""
    return None if _tracer is None else _tracer.trouble()

"""One wide log line per unit of work, as JSON or for a person's eyes. Secrets are masked on the way out."""

import logging
import sys
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager, suppress
from typing import Any, cast

import structlog
from structlog.contextvars import bind_contextvars, clear_contextvars

from reelhook import tracing
from reelhook.kit.clock import Clock, SystemClock
from reelhook.kit.thinning import Thinning
from reelhook.masking import mask, scrub
from reelhook.setting_types import ALWAYS_SHOWN, ROOMS

__all__ = ["about", "configure", "flush", "get", "mask", "on_crash", "swallowed", "unit"]

# What others say is shown from this level on, whatever ours is; those who say too much from a higher one.
OTHERS = logging.INFO
NOISY = ("alembic", "uvicorn.error", "Cloudinary")
LONGEST_NAME = 100  # of what tells one kind of line from another

# Called with an error that was logged with its traceback, and the line as it was given, with its secrets.
Listener = Callable[[BaseException, Mapping[str, Any]], None]
_listeners: list[Listener] = []
Line = MutableMapping[str, Any]


def on_crash(listener: Listener) -> Callable[[], None]:
    """Have *listener* called, in whatever thread logs. Returns what ends it."""
    _listeners.append(listener)
    return lambda: _listeners.remove(listener)


def _told(_: object, __: str, line: Line) -> Line:
    if _listeners and line.get("level") in ("error", "critical") and (error := _error(line.get("exc_info"))):
        for listener in tuple(_listeners):
            listener(error, line)
    return line


def _error(said: Any) -> BaseException | None:
    """What *exc_info* means: an error, its triple, or True for the one that is being handled."""
    if isinstance(said, BaseException):
        return said
    return (said if isinstance(said, tuple) else sys.exc_info())[1] if said else None


def _traced(_: object, __: str, line: Line) -> Line:
    """The span that the line was written in, by which a trace is found from a line, and lines from a trace."""
    if carried := tracing.carried():
        _, line["trace_id"], line["span_id"], _ = carried.split("-")
    return line


def _masked(_: object, __: str, line: Line) -> Line:
    for name, value in line.items():
        if not name.startswith("_"):  # structlog's own, not shown
            line[name] = scrub(value, name)
    return line


def _in_order(_: object, __: str, line: Line) -> Line:
    """What every line has comes first, so that lines can be read below each other."""
    return {**{name: line[name] for name in ALWAYS_SHOWN if name in line}, **line}


class _Flood:
    """Thins equal lines: those with the same name, and the same code, reason or error. See docs/logs.md."""

    def __init__(self, clock: Clock) -> None:
        self._thinning = Thinning(clock)

    def __call__(self, _: object, __: str, line: Line) -> Line:
        self.tell()
        error = _error(line.get("exc_info"))
        why = line.get("code") or line.get("reason") or (type(error).__name__ if error else None)
        if not self._thinning.keeps((str(line.get("event"))[:LONGEST_NAME], str(why)[:LONGEST_NAME] if why else None)):
            raise structlog.DropEvent
        return line

    def drops(self, event: str) -> bool:
        """Whether the next line of this name, without a reason, is left out; if so, it is counted as that."""
        self.tell()
        return self._thinning.drops((event, None))

    def tell(self, *, now: bool = False) -> None:
        """Say how many lines were left out in the last second; *now*: also in this one, before it is over."""
        for kind, suppressed in self._thinning.ended(now=now).items():
            of, why = cast("tuple[str, str | None]", kind or ("others", None))
            get("logs").warning("lines.left_out", of=of, why=why, suppressed=suppressed)


_flood = _Flood(SystemClock())


def _thinned(logger: object, method: str, line: Line) -> Line:
    """By the flood of now: loggers keep the chain that they had when they were first used."""
    return _flood(logger, method, line)


class _Stderr(logging.StreamHandler[Any]):
    """Lines of other libraries are thinned while they are formatted, ours before they come here."""

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(structlog.DropEvent):
            super().emit(record)


def configure(
    style: str = "auto",
    level: str = "info",
    levels: Mapping[str, str] | None = None,
    *,
    clock: Clock | None = None,
) -> None:
    """Send all logs of the process to stderr. *style* is `json`, `console`, or `auto` (console on a terminal).

    *level* is the least that is logged; *levels* are those of single rooms. What is left out of floods goes by *clock*.
    """
    global _flood
    _flood = _Flood(clock or SystemClock())
    console = style == "console" or (style == "auto" and sys.stderr.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        _traced,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _told,  # of every crash, also of those whose lines are left out
        _thinned,
        structlog.processors.format_exc_info,  # into text before it is masked
        _masked,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = _Stderr(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _in_order, _renderer(console)],
        )
    )
    logging.getLogger().handlers[:] = [handler]
    _set_levels(level, levels or {})


def _set_levels(level: str, levels: Mapping[str, str]) -> None:
    least = logging.getLevelNamesMapping()[level.upper()]
    logging.getLogger().setLevel(max(least, OTHERS))
    for noisy in NOISY:
        logging.getLogger(noisy).setLevel(max(least, logging.WARNING))
    for room in ROOMS:
        logging.getLogger(room).setLevel(levels.get(room, level).upper())


def get(name: str) -> structlog.stdlib.BoundLogger:
    """The logger of one room, which is among `ROOMS`."""
    return cast(structlog.stdlib.BoundLogger, structlog.get_logger(name))


def swallowed(event: str) -> bool:
    """Whether a flood swallows the next line *event*; if so it is counted as left out, and need not be made.

    For lines that come with each request and have no reason: to ask costs a fraction of what it saves.
    """
    return _flood.drops(event)


@contextmanager
def unit(**ids: str | None) -> Iterator[None]:
    """A unit of work: all lines inside name *ids*, and what `about` adds."""
    clear_contextvars()
    about(**ids)
    try:
        yield
    finally:
        clear_contextvars()


def about(**ids: str | None) -> None:
    """Name what this unit of work is about, in all its lines from here on, the wide one at its end too."""
    bind_contextvars(**{name: value for name, value in ids.items() if value is not None})


def flush() -> None:
    """Say what was left out of the last lines. Before the process ends."""
    _flood.tell(now=True)


def _renderer(console: bool) -> Any:
    if console:
        return structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    return structlog.processors.JSONRenderer()

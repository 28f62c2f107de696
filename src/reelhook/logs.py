"""One wide log line per unit of work, as JSON or for a person's eyes. Secrets are masked on the way out."""

import logging
import sys
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, cast

import structlog

from reelhook.masking import mask, scrub

__all__ = ["configure", "get", "mask", "on_crash"]

# Called with an error that was logged with its traceback, and the line as it was given, with its secrets.
Listener = Callable[[BaseException, Mapping[str, Any]], None]
_listeners: list[Listener] = []


def on_crash(listener: Listener) -> Callable[[], None]:
    """Have *listener* called, in whatever thread logs. Returns what ends it."""
    _listeners.append(listener)
    return lambda: _listeners.remove(listener)


def _told(_: object, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if _listeners and line.get("level") in ("error", "critical") and (error := _error(line.get("exc_info"))):
        for listener in tuple(_listeners):
            listener(error, line)
    return line


def _error(said: Any) -> BaseException | None:
    """What *exc_info* means: an error, its triple, or True for the one that is being handled."""
    if isinstance(said, BaseException):
        return said
    return (said if isinstance(said, tuple) else sys.exc_info())[1] if said else None


def _masked(_: object, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in line.items():
        if not name.startswith("_"):  # structlog's own, not shown
            line[name] = scrub(value, name)
    return line


def configure(style: str = "auto") -> None:
    """Send all logs of the process to stderr. *style* is `json`, `console`, or `auto` (console on a terminal)."""
    console = style == "console" or (style == "auto" and sys.stderr.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _told,
        structlog.processors.format_exc_info,  # into text before it is masked
        _masked,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer(console)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for noisy in ("alembic", "uvicorn.error", "Cloudinary"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def get(name: str) -> structlog.stdlib.BoundLogger:
    """The logger of one room."""
    return cast(structlog.stdlib.BoundLogger, structlog.get_logger(name))


def _renderer(console: bool) -> Any:
    if console:
        return structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    return structlog.processors.JSONRenderer()

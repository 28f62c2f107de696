"""One wide log line per unit of work, as JSON or for a person's eyes. Secrets are masked on the way out."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, cast

import structlog

SECRET_NAMES = re.compile(r"secret|password|token|api_key|authorization|cookie|signature$", re.IGNORECASE)
# What a signed link, a token in an address, and a password in a database address look like.
SECRET_PARTS = re.compile(
    r"((?:[?&](?:token|signature|key-pair-id|x-amz-signature|policy)=)|(?:#link=)|(?<=://)[^/\s:@]+:)[^&\s\"'@]+",
    re.IGNORECASE,
)


def mask(text: str) -> str:
    """*text* with the secret parts of every address in it replaced by asterisks."""
    return SECRET_PARTS.sub(lambda found: found.group(1) + "***", text)


def _masked(_: object, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in line.items():
        if SECRET_NAMES.search(name):
            line[name] = "***"
        elif isinstance(value, str):
            line[name] = mask(value)
    return line


def configure(style: str = "auto") -> None:
    """Send all logs of the process to stderr. *style* is `json`, `console`, or `auto` (console on a terminal)."""
    console = style == "console" or (style == "auto" and sys.stderr.isatty())
    renderer: Any = structlog.dev.ConsoleRenderer() if console else structlog.processors.JSONRenderer()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
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
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
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

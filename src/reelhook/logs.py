"""One wide log line per unit of work, as JSON or for a person's eyes. Secrets are masked on the way out."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, cast

import structlog

SECRET_NAMES = re.compile(r"secret|password|token|api[_-]?key|authorization|cookie|signature$", re.IGNORECASE)
# What is secret in an address, in a header, and standing alone. Each keeps its first group and hides the rest.
SECRET_PARTS = (
    # a signed link of CloudFront, S3, Google or Azure, a token or a password in a query or fragment
    r"([?&#;](?:[\w-]*(?:token|signature|credential|secret|password|policy)|key-pair-id|api_?key|sig|link)=)[^&\s\"'<>]+",
    # the password in the address of a database, a proxy or Cloudinary; not the port of one without
    r"(://[^/\s:@\"']*:)(?!\d{1,5}/)[^\s\"']+(?=@)",
    # a per-request callback's token is a part of its path
    r"(/webhooks/heygen/callback/)[^/?\s\"']+",
    r"(\b(?:Bearer|Basic)\s+)[\w.~+/=-]{8,}",
    r"(\b(?:rhk|whsec)_)[\w+/=-]+",
)
MASKS = tuple(re.compile(pattern, re.IGNORECASE) for pattern in SECRET_PARTS)
HIDDEN = "***"


def mask(text: str) -> str:
    """*text* with the secrets in it replaced by asterisks."""
    for pattern in MASKS:
        text = pattern.sub(rf"\1{HIDDEN}", text)
    return text


def _masked(_: object, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in line.items():
        if not name.startswith("_"):  # structlog's own, not shown
            line[name] = _shown(name, value)
    return line


def _shown(name: str, value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if SECRET_NAMES.search(name):
        return HIDDEN
    if isinstance(value, Mapping):
        return {str(key): _shown(str(key), part) for key, part in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_shown("", part) for part in value]
    return mask(value if isinstance(value, str) else repr(value))


def configure(style: str = "auto") -> None:
    """Send all logs of the process to stderr. *style* is `json`, `console`, or `auto` (console on a terminal)."""
    console = style == "console" or (style == "auto" and sys.stderr.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
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

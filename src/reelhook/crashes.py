"""Crashes told to Sentry, freed of secrets. Nothing is sent, and nothing of Sentry loaded, until SENTRY_DSN is set."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from pydantic import SecretStr

from reelhook import __version__, logs
from reelhook.errors import WrongSetting
from reelhook.masking import scrub

FLUSH_S = 2.0  # a stopping process waits so long for what is not sent yet


@contextmanager
def reported(dsn: SecretStr | None) -> Iterator[None]:
    """Tell Sentry, inside this block, of every error that is logged with its traceback. Raises *WrongSetting*."""
    if dsn is None:
        yield
        return
    sentry = _started(dsn.get_secret_value())
    stop = logs.on_crash(partial(_report, sentry))
    try:
        yield
    finally:
        stop()
        sentry.get_client().close(timeout=FLUSH_S)


def _started(dsn: str) -> Any:
    try:
        import sentry_sdk as sentry  # noqa: PLC0415 - an extra
    except ImportError:
        raise WrongSetting("REELHOOK_SENTRY_DSN is set, but the extra is missing: install reelhook[sentry]") from None
    try:
        sentry.init(
            dsn=dsn,
            release=f"reelhook@{__version__}",
            # Its integrations look into requests and queries, so we tell it of a crash ourselves. What it knows of
            # persons it leaves out unless it is asked for it.
            default_integrations=False,
            auto_enabling_integrations=False,
            include_local_variables=False,
            max_request_body_size="never",
            max_breadcrumbs=0,
            auto_session_tracking=False,
            send_client_reports=False,
            enable_backpressure_handling=False,
            before_send=_scrubbed,
            before_breadcrumb=_scrubbed,
        )
    except ValueError:  # its message repeats the DSN
        raise WrongSetting("REELHOOK_SENTRY_DSN must look like https://KEY@HOST/PROJECT") from None
    return sentry


def _report(sentry: Any, error: BaseException, line: Mapping[str, Any]) -> None:
    said = {name: value for name, value in line.items() if name != "exc_info" and not name.startswith("_")}
    with suppress(Exception), sentry.new_scope() as scope:  # what watches over us must not stop us
        scope.set_level("fatal" if line.get("level") == "critical" else "error")
        scope.set_context("log line", scrub(said))
        scope.capture_exception(error)


def _scrubbed(told: Any, _: Any) -> Any:
    return scrub(told)

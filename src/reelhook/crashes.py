"""Crashes told to Sentry, freed of secrets. Nothing is sent, and nothing of Sentry loaded, until SENTRY_DSN is set."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from pydantic import SecretStr

from reelhook import __version__, logs, metrics
from reelhook.errors import WrongSetting
from reelhook.kit.clock import Clock, SystemClock
from reelhook.masking import scrub

FLUSH_S = 2.0  # a stopping process waits so long for what is not sent yet
# What a crash can be found by, where its line names it. Some lines call it shorter.
TAGS = {"event_id", "video_id", "job_id", "kind", "trace_id"}
LONG = {"video": "video_id", "job": "job_id"}

TROUBLE_S = 600.0  # a loss counts for so long, for nobody says when it is well again


class _Losses:
    """Why the last report was not taken."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last: tuple[float, str] | None = None

    def note(self, reason: str) -> None:
        metrics.TELEMETRY_LOST.labels("crashes").inc()
        self._last = self._clock.monotonic(), reason

    def trouble(self) -> str | None:
        if self._last is None or self._clock.monotonic() - self._last[0] >= TROUBLE_S:
            return None
        return f"Sentry took no report ({self._last[1]})"


_losses = _Losses(SystemClock())


def trouble() -> str | None:
    """Why reports are being lost, in words; None when none was lost lately."""
    return _losses.trouble()


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
            traces_sample_rate=None,  # how long things take is for a collector (docs/tracing.md)
            auto_session_tracking=False,
            send_client_reports=False,
            enable_backpressure_handling=False,
            transport=_telling_of_losses(sentry.transport.HttpTransport),
            before_send=_scrubbed,
            before_breadcrumb=_scrubbed,
        )
    except ValueError:  # its message repeats the DSN
        raise WrongSetting("REELHOOK_SENTRY_DSN must look like https://KEY@HOST/PROJECT") from None
    return sentry


def _telling_of_losses(transport: Any) -> Any:
    """Like *transport*, whose own hook hears of what is not sent; it is called in a thread of its own."""
    return type("Transport", (transport,), {"on_dropped_event": lambda _, reason: _losses.note(reason)})


def _report(sentry: Any, error: BaseException, line: Mapping[str, Any]) -> None:
    said = {name: value for name, value in line.items() if name != "exc_info" and not name.startswith("_")}
    with suppress(Exception), sentry.new_scope() as scope:  # what watches over us must not stop us
        scope.set_level("fatal" if line.get("level") == "critical" else "error")
        scope.set_context("log line", scrub(said))
        scope.set_tags({tag: scrub(said[name]) for name in said if (tag := LONG.get(name, name)) in TAGS})
        scope.capture_exception(error)


def _scrubbed(told: Any, _: Any) -> Any:
    return scrub(told)

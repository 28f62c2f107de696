"""`reelhook worker`: jobs without a web service, beside other processes on one Postgres."""

import asyncio
import signal

import typer
import uvloop

from reelhook import collector, crashes, logs, settings
from reelhook.app import Service
from reelhook.cli.beside import served
from reelhook.errors import WrongSetting
from reelhook.settings import Settings


def register(app: typer.Typer) -> None:
    app.command()(worker)


def worker() -> None:
    config = settings.load()
    logs.configure(config.log_format, config.log_level, config.log_levels)
    if config.sqlite_path is not None:
        raise WrongSetting("`worker` needs Postgres; on SQLite `serve` is the one process and runs the jobs itself")
    with crashes.reported(config.sentry_dsn), collector.told(config.tracing):
        uvloop.run(_run(config))


async def _run(config: Settings) -> None:
    service, told, now = Service(config, listens=False), asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, lambda: (now if told.is_set() else told).set())
    loop.add_signal_handler(signal.SIGINT, now.set)
    async with served(service.doors.operations, config.metrics_bind) as serving:
        service.start()
        ends = (_when_told(service, told), now.wait(), service.gave_up.wait())
        waiting = [asyncio.ensure_future(end) for end in ends]
        await asyncio.wait([*waiting, *serving], return_when=asyncio.FIRST_COMPLETED)
        for each in waiting:
            each.cancel()
    await service.stop()
    if service.failed is not None:
        raise service.failed


async def _when_told(service: Service, told: asyncio.Event) -> None:
    """Return as soon as the running jobs have ended after the first SIGTERM, or were given back after DRAIN_S."""
    await told.wait()
    if service.drain():
        await service.jobs_ended()

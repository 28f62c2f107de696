"""`reelhook worker`: jobs without a web service, beside other processes on one Postgres."""

import asyncio
import signal

import typer
import uvloop

from reelhook import logs, settings
from reelhook.app import Service
from reelhook.errors import WrongSetting
from reelhook.settings import Settings


def register(app: typer.Typer) -> None:
    app.command()(worker)


def worker() -> None:
    """Run jobs only. Needs Postgres: a SQLite file belongs to one process, and `serve` runs its jobs itself."""
    config = settings.load()
    logs.configure(config.log_format)
    if config.sqlite_path is not None:
        raise WrongSetting("`worker` needs Postgres; on SQLite `serve` is the one process and runs the jobs itself")
    uvloop.run(_run(config))


async def _run(config: Settings) -> None:
    service, ended = Service(config), asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, ended.set)
    service.start()
    gave_up = asyncio.create_task(service.gave_up.wait(), name="give-up")
    gave_up.add_done_callback(lambda _: ended.set())
    await ended.wait()
    gave_up.cancel()
    await service.stop()
    if service.failed is not None:
        raise service.failed

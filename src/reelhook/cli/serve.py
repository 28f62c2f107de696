"""`reelhook serve`: the web service and, unless told otherwise, its worker."""

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
import uvloop

from reelhook import logs, settings
from reelhook.app import Service
from reelhook.backup.placing import finish
from reelhook.cli.server import Server, addresses, tcp_socket, unix_socket
from reelhook.db.ownership import Ownership, socket_path
from reelhook.errors import WrongSetting
from reelhook.kit.files import make_folder
from reelhook.settings import Settings

log = logs.get("serve")


def register(app: typer.Typer) -> None:
    app.command()(serve)


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes any free one.")] = 8080,
    workers: Annotated[int, typer.Option(min=1, help="Processes; more than one needs Postgres.")] = 1,
    no_worker: Annotated[bool, typer.Option("--no-worker", help="Run no jobs in this process.")] = False,
) -> None:
    """Run the service. An empty database is prepared; an old schema stops the start and names `migrate`."""
    config = settings.load()
    logs.configure(config.log_format)
    if workers > 1:
        raise WrongSetting("--workers above 1 is not possible yet: one process serves, and owns a SQLite file alone")
    own(config)
    sys.exit(uvloop.run(run(config, host, port, works=not no_worker)))


def own(config: Settings) -> Ownership | None:
    """The lock on a SQLite file, held until the process ends. Raises *AlreadyOwned*, or *WrongSetting* for a folder
    that cannot be made; a folder that cannot be written is the database being away, not a wrong setting."""
    path = config.sqlite_path
    if path is None:
        return None
    try:
        make_folder(path.parent)
        lock = Ownership.take(path)
        if replaced := finish(path.resolve()):
            log.warning("restore.finished", help="a crash had interrupted it", replaced=str(replaced))
        return lock
    except OSError as error:
        raise WrongSetting(f"REELHOOK_DATABASE_URL: {path.parent} cannot be used: {error.strerror}") from None


@contextmanager
def owned(config: Settings) -> Iterator[None]:
    """The same lock, for as long as the block lasts."""
    lock = own(config)
    try:
        yield
    finally:
        if lock is not None:
            lock.release()


async def run(config: Settings, host: str, port: int, *, works: bool, make: Callable[..., Service] = Service) -> int:
    """Serve what *make* makes, until a signal comes; returns the exit code."""
    sockets = [tcp_socket(host, port)]
    if config.sqlite_path is not None:
        sockets.append(unix_socket(socket_path(config.sqlite_path)))
    service = make(config, works=works)
    greeting = asyncio.create_task(_greet(service, addresses(sockets)[0]), name="greet")
    try:
        await Server(service).serve(sockets)
    finally:
        greeting.cancel()
    if service.failed is not None:
        print(f"reelhook: {service.failed.message}", file=sys.stderr)
        return 1
    return 0


async def _greet(service: Service, address: str) -> None:
    """Say where the service is and, at the first start, how to sign in."""
    base = service.parts.config.public_url or address
    log.info("serving", address=address, public_url=service.parts.config.public_url)
    print(f"Reelhook serves {base}", file=sys.stderr, flush=True)
    await service.opened.wait()
    if token := await service.parts.access.links.for_first_admin():
        print(f"First start: make yourself the admin at {base}/sign-in#link={token}", file=sys.stderr, flush=True)

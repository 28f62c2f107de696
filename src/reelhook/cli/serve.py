"""`reelhook serve`: the web service and, unless told otherwise, its worker; in one process or in several."""

import asyncio
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from tempfile import TemporaryDirectory
from typing import Annotated, NoReturn

import typer
import uvloop

from reelhook import collector, crashes, logs, settings
from reelhook.app import Service
from reelhook.cli.owning import own
from reelhook.cli.processes import PASSED_ON, Processes, command
from reelhook.cli.server import Server
from reelhook.cli.sockets import BACKLOG, addresses, tcp_socket, unix_socket
from reelhook.db.ownership import socket_path
from reelhook.errors import WrongSetting
from reelhook.kit.kept import kept
from reelhook.settings import Settings

log = logs.get("serve")


def register(app: typer.Typer) -> None:
    app.command()(serve)


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes any free one.")] = 8080,
    workers: Annotated[int, typer.Option(min=1, help="Processes; more than one needs Postgres and Redis.")] = 1,
    no_worker: Annotated[bool, typer.Option("--no-worker", help="Run no jobs here.")] = False,
    shared: Annotated[int | None, typer.Option("--socket", hidden=True, help="A bound socket of our parent.")] = None,
    greets: Annotated[bool, typer.Option("--greet/--no-greet", hidden=True)] = True,
) -> None:
    config = settings.load()
    logs.configure(config.log_format, config.log_level, config.log_levels)
    if workers > 1:
        refuse_without_servers(config)
        _run_several(config, tcp_socket(host, port), workers, ("--no-worker",) if no_worker else ())
    own(config)
    listener = tcp_socket(host, port) if shared is None else socket.socket(fileno=shared)
    with crashes.reported(config.sentry_dsn), collector.told(config.tracing):
        code = uvloop.run(run(config, listener, works=not no_worker, child=shared is not None, greets=greets))
    sys.exit(code)


async def run(
    config: Settings,
    listener: socket.socket,
    *,
    works: bool,
    make: Callable[..., Service] = Service,
    child: bool = False,
    greets: bool = True,
) -> int:
    """Serve what *make* makes on *listener* until a signal comes, a *child* until its parent is gone too.

    Returns the exit code.
    """
    sockets = [listener]
    if config.sqlite_path is not None:
        sockets.append(unix_socket(socket_path(config.sqlite_path)))
    with kept():
        service = make(config, works=works)
    greeting = asyncio.create_task(_greet(service, addresses(sockets)[0], child, greets), name="greet")
    if child:
        asyncio.get_running_loop().add_reader(sys.stdin.fileno(), _parent_is_gone)
    try:
        await Server(service).serve(sockets)
    finally:
        greeting.cancel()
    if service.failed is not None:
        print(f"reelhook: {service.failed.message}", file=sys.stderr)
        return 1
    return 0


def refuse_without_servers(config: Settings) -> None:
    """Raises *WrongSetting* when several processes could not work together."""
    if config.sqlite_path is not None:
        raise WrongSetting("--workers above 1 needs Postgres in REELHOOK_DATABASE_URL: one process owns a SQLite file")
    if config.redis_url is None:
        raise WrongSetting("--workers above 1 needs REELHOOK_REDIS_URL, by which the processes tell each other")


def _run_several(config: Settings, listener: socket.socket, count: int, options: Sequence[str]) -> NoReturn:
    """Run *count* processes until a signal comes, and end by that signal, as one process does."""
    # It listens as long as we live: while a process is replaced, connections wait for another and none is refused.
    listener.listen(BACKLOG)
    handlers = {sig: signal.getsignal(sig) for sig in PASSED_ON}
    greetings = ["--greet"] + ["--no-greet"] * (count - 1)
    commands = [command(listener, greeting, *options) for greeting in greetings]
    with TemporaryDirectory(prefix="reelhook-metrics-") as counted:
        heard = uvloop.run(Processes(commands, listener, config.drain_s, counted).run())
    for sig, handler in handlers.items():
        signal.signal(sig, handler)
    signal.raise_signal(heard)
    sys.exit(0)


def _parent_is_gone() -> None:
    """It never writes, but holds the other end of our stdin as long as it lives."""
    asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
    log.warning("parent.gone")
    signal.raise_signal(signal.SIGTERM)


async def _greet(service: Service, address: str, child: bool, greets: bool) -> None:
    """Say where the service is and, at the first start, how to sign in. A child tells its parent that it is ready."""
    base = service.parts.config.public_url or address
    log.info("serving", address=address, public_url=service.parts.config.public_url)
    if greets:
        print(f"Reelhook serves {base}", file=sys.stderr, flush=True)
    await service.opened.wait()
    if child:
        with suppress(BrokenPipeError):  # it died meanwhile, which we notice elsewhere
            print("ready", flush=True)
    if greets and (token := await service.parts.access.links.for_first_admin()):
        print(f"First start: make yourself the admin at {base}/sign-in#link={token}", file=sys.stderr, flush=True)

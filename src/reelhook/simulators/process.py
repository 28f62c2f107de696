"""Both simulators in one process: `python -m reelhook.simulators`, or `running()` inside a program of one's own."""

import argparse
import asyncio
import logging
import signal
import socket
import sys
from collections.abc import AsyncIterator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from secrets import token_hex

import orjson
import uvicorn
from starlette.types import ASGIApp

from reelhook.simulators.cloudinary.account import Account as CloudinaryAccount
from reelhook.simulators.cloudinary.app import create_app as create_cloudinary
from reelhook.simulators.connection import HangUpProtocol
from reelhook.simulators.heygen.account import Account as HeyGenAccount
from reelhook.simulators.heygen.app import create_app as create_heygen

DESCRIPTION = "HeyGen and Cloudinary as local servers; says where they are as one line of JSON."
SHUTDOWN_S = 1
BACKLOG = 2048
CLOUD, CLOUDINARY_KEY = "demo", "271828182845904"


@dataclass(frozen=True)
class SimulatorConfig:
    """Where the simulators listen (port 0: any free one) and how quick renders are."""

    heygen_port: int = 0
    cloudinary_port: int = 0
    host: str = "127.0.0.1"
    public_host: str | None = None
    """The host in the links they give out; None: *host*."""
    seconds_per_render: float = 3.0
    heygen_api_key: str | None = None
    """None: a new one at every start; so is the next."""
    cloudinary_secret: str | None = None


@dataclass(frozen=True)
class Addresses:
    """Where the simulators are, and the credentials they accept."""

    heygen: str
    cloudinary: str
    cloudinary_url: str
    heygen_api_key: str


class _Server(uvicorn.Server):
    """Leaves signals to whoever runs it; two servers in one process would fight for them."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


@asynccontextmanager
async def running(config: SimulatorConfig) -> AsyncIterator[Addresses]:
    """Both simulators listen inside this block."""
    heygen_socket, heygen_url = _listen(config, config.heygen_port)
    cloudinary_socket, cloudinary_url = _listen(config, config.cloudinary_port)
    api_key, secret = config.heygen_api_key or f"sk_V2_{token_hex(16)}", config.cloudinary_secret or token_hex(14)
    heygen = HeyGenAccount(heygen_url, api_key, config.seconds_per_render)
    cloudinary = CloudinaryAccount(cloudinary_url, CLOUD, CLOUDINARY_KEY, secret)
    async with (
        _serving(create_heygen(heygen), heygen_socket),
        _serving(create_cloudinary(cloudinary), cloudinary_socket),
    ):
        yield Addresses(heygen_url, cloudinary_url, cloudinary.environment_url, heygen.api_key)


def _listen(config: SimulatorConfig, port: int) -> tuple[socket.socket, str]:
    listener = socket.create_server((config.host, port), backlog=BACKLOG)
    return listener, f"http://{config.public_host or config.host}:{listener.getsockname()[1]}"


@asynccontextmanager
async def _serving(app: ASGIApp, listener: socket.socket) -> AsyncIterator[None]:
    server = _Server(
        uvicorn.Config(
            app, http=HangUpProtocol, log_config=None, access_log=False, proxy_headers=False, server_header=False,
            timeout_graceful_shutdown=SHUTDOWN_S,
        )
    )  # fmt: skip
    task = asyncio.create_task(server.serve([listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await task
        listener.close()


async def run(config: SimulatorConfig, *, end_with_stdin: bool = False) -> None:
    """Run until SIGTERM or SIGINT (or the end of stdin). Once both listen, one line of JSON on stdout says where."""
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, ended.set)
    if end_with_stdin:
        await _at_end_of_stdin(ended)
    async with running(config) as addresses:
        print(orjson.dumps(asdict(addresses)).decode(), flush=True)
        await ended.wait()


async def _at_end_of_stdin(ended: asyncio.Event) -> None:
    """Set *ended* when whoever holds the other end of stdin is gone."""

    class Watch(asyncio.Protocol):
        def connection_lost(self, _: Exception | None) -> None:
            ended.set()

    await asyncio.get_running_loop().connect_read_pipe(Watch, sys.stdin.buffer)


def main(argv: Sequence[str] | None = None, *, prog: str = "python -m reelhook.simulators") -> int:
    """The command line; returns the exit code: 0, or 1 when it cannot listen."""
    defaults = SimulatorConfig()
    parser = argparse.ArgumentParser(prog=prog, description=DESCRIPTION)
    parser.add_argument("--heygen-port", type=int, default=0, help="0: any free one")
    parser.add_argument("--cloudinary-port", type=int, default=0, help="0: any free one")
    parser.add_argument("--host", default=defaults.host, help="address to listen on (default: %(default)s)")
    parser.add_argument("--public-host", help="host in the links given out (default: that of --host)")
    parser.add_argument(
        "--seconds-per-render", type=float, default=defaults.seconds_per_render, help="(default: %(default)s)"
    )
    parser.add_argument("--heygen-api-key", help="(default: a new one at every start)")
    parser.add_argument("--cloudinary-secret", help="(default: a new one at every start)")
    parser.add_argument("--end-with-stdin", action="store_true", help="end when stdin is closed")
    arguments = vars(parser.parse_args(argv))
    end_with_stdin = arguments.pop("end_with_stdin")
    logging.basicConfig(level=logging.WARNING)
    try:
        asyncio.run(run(SimulatorConfig(**arguments), end_with_stdin=end_with_stdin))
    except OSError as error:
        print(f"The simulators cannot listen: {error}", file=sys.stderr)
        return 1
    return 0

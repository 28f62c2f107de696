"""Real processes for tests: the service as `reelhook serve`, the simulators, and clients that speak to them."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import httpx2 as httpx

from reelhook.events import sign
from tests.forking import Forked, fork

START_LIMIT_S = 40.0
STOP_LIMIT_S = 40.0
COMMAND_LIMIT_S = 120.0
SECRET = "whsec_test"
STDERR = 2


def clean_environment(**own: object) -> dict[str, str]:
    """This process's environment without any of our settings, plus *own*, by their short names."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("REELHOOK_")}
    return kept | {f"REELHOOK_{name.upper()}": str(value) for name, value in own.items()}


def wait_until(condition: Callable[[], Any], *, within_s: float = START_LIMIT_S, what: str = "condition") -> Any:
    """What *condition* returns, as soon as it is true. Fails after *within_s* seconds."""
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what} did not come true within {within_s:g} s")


@dataclass
class Service:
    """One `reelhook serve`, which can be killed and started again on the same folder."""

    folder: Path
    settings: dict[str, object] = field(default_factory=dict)
    port: int = 0
    process: subprocess.Popen[bytes] | Forked | None = None
    secret: str = SECRET
    """What HeyGen signs with, as far as `introduce` made it known."""
    confine: Callable[[], None] | None = None
    """Called in the new process before it becomes the service: what it may not do."""

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return (self.folder / "serve.log").read_text()

    def environment(self) -> dict[str, str]:
        usual: dict[str, object] = {
            "database_url": f"sqlite:///{self.folder / 'reelhook.db'}",
            "stores": f"local:{self.folder / 'media'}",
            "heygen_webhook_secrets": SECRET,
            "log_format": "json",
            "drain_s": 0,
        }
        return clean_environment(**(usual | self.settings))

    def start(self, *, ready: bool = True, arguments: tuple[str, ...] = ()) -> "Service":
        self.port = self.port or free_port()
        with (self.folder / "serve.log").open("ab") as log:
            self.process = self._begin(log.fileno(), "serve", "--port", str(self.port), *arguments)
        wait_until(lambda: self.answers("/readyz" if ready else "/healthz"), what=f"start: {self.log}")
        return self

    def _begin(self, log: int, *words: str) -> subprocess.Popen[bytes] | Forked:
        if self.confine is None:
            return fork("reelhook", *words, environment=self.environment(), stdin=None, stdout=log, stderr=log)
        return subprocess.Popen(
            [sys.executable, "-m", "reelhook", *words],
            env=self.environment(),
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=self.confine,
        )

    def introduce(self, outside: "Simulators") -> "Service":
        """Start it as a service that the simulated HeyGen knows, and that learns its secret without a new start."""
        secrets = self.folder / "webhook-secrets"
        secrets.write_text(SECRET)
        self.settings |= {"heygen_webhook_secrets": "", "heygen_webhook_secrets_file": secrets}
        self.start()
        self.secret = outside.register(f"{self.base}/webhooks/heygen")
        secrets.write_text(self.secret)
        return self

    def answers(self, path: str) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise AssertionError(f"the service ended with {self.process.returncode}: {self.log}")
        with suppress(httpx.TransportError):
            return bool(httpx.get(self.base + path, timeout=2).status_code == 200)
        return False

    def kill(self) -> None:
        """SIGKILL: no word of goodbye."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(STOP_LIMIT_S)

    def stop(self) -> int:
        """SIGTERM; returns the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"the service did not stop: {self.log}") from None

    def post(self, body: bytes | Mapping[str, Any], *, secret: str = SECRET, **headers: str) -> httpx.Response:
        """A signed webhook."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        signed = {"signature": sign(raw, secret), "content-type": "application/json"} | headers
        return httpx.post(f"{self.base}/webhooks/heygen", content=raw, headers=signed, timeout=15)

    def command(self, *words: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """A `reelhook` command with the same settings."""
        return run_command(*words, environment=self.environment(), stdin=stdin)

    def client(self, role: str = "operator") -> httpx.Client:
        """A client with a new API key of this role."""
        return httpx.Client(base_url=self.base, headers={"Authorization": f"Bearer {self._key(role)}"}, timeout=15)

    def local(self) -> httpx.Client:
        """A client over the socket that commands use: it is the admin, and a command takes a second to begin."""
        socket = str(self.folder / "reelhook.db.sock")
        return httpx.Client(transport=httpx.HTTPTransport(uds=socket), base_url="http://reelhook", timeout=15)

    def _key(self, role: str) -> str:
        wanted = {"name": f"test {role}", "role": role}
        if (self.folder / "reelhook.db.sock").exists():
            with self.local() as local:
                return str(local.post("/api/v1/keys", json=wanted).raise_for_status().json()["key"])
        made = self.command("keys", "create", wanted["name"], "--role", role, "--json")
        assert made.returncode == 0, made.stderr
        return str(json.loads(made.stdout)["key"])


@dataclass
class WorkerProcess:
    """One `reelhook worker` beside services with the same settings."""

    beside: Service
    process: Forked | None = None

    @property
    def log(self) -> str:
        return (self.beside.folder / "worker.log").read_text()

    def start(self) -> "WorkerProcess":
        with (self.beside.folder / "worker.log").open("ab") as log:
            file = log.fileno()
            self.process = fork(
                "reelhook", "worker", environment=self.beside.environment(), stdin=None, stdout=file, stderr=file
            )
        return self

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Send *how* and wait; returns the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(STOP_LIMIT_S)


def run_command(
    *words: str, environment: Mapping[str, str] | None = None, stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    """One `reelhook` command, as a person types it."""
    with ExitStack() as files:
        given, said, complained = (files.enter_context(TemporaryFile()) for _ in range(3))
        given.write((stdin or "").encode())
        given.seek(0)
        process = fork(
            "reelhook",
            *words,
            environment=environment if environment is not None else clean_environment(),
            stdin=given.fileno(),
            stdout=said.fileno(),
            stderr=complained.fileno(),
        )
        try:
            code = process.wait(COMMAND_LIMIT_S)
        finally:
            process.kill()
        return subprocess.CompletedProcess(["reelhook", *words], code, *map(_read, (said, complained)))


def _read(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


@dataclass
class Simulators:
    """HeyGen and Cloudinary on this machine, in a process of their own."""

    heygen: str
    cloudinary: str
    cloudinary_url: str
    heygen_api_key: str

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = httpx.request(method, f"{self.heygen}/_control{path}", json=body, timeout=15)
        answer.raise_for_status()
        return answer.json()

    def register(self, url: str) -> str:
        """Register a webhook endpoint; returns its secret."""
        answer = httpx.post(
            f"{self.heygen}/v3/webhooks/endpoints",
            json={"url": url},
            headers={"X-Api-Key": self.heygen_api_key},
            timeout=15,
        )
        return str(answer.raise_for_status().json()["data"]["secret"])

    def settings(self) -> dict[str, object]:
        """What a service needs to know to use them."""
        hosts = [address.split("//")[1] for address in (self.heygen, self.cloudinary)]
        return {
            "heygen_base_url": self.heygen,
            "heygen_api_key": self.heygen_api_key,
            "cloudinary_url": self.cloudinary_url,
            "fetch_allow": ",".join(hosts),
        }


@contextmanager
def simulators(seconds_per_render: float = 0.5, *, complaints: IO[bytes] | None = None) -> Iterator[Simulators]:
    """Running inside this block; they end with it, whatever happens. *complaints*: where their stderr goes."""
    theirs_in, ours_in = os.pipe()
    ours_out, theirs_out = os.pipe()
    process = fork(
        "reelhook.simulators",
        "--end-with-stdin",
        "--seconds-per-render",
        str(seconds_per_render),
        environment=os.environ,
        stdin=theirs_in,
        stdout=theirs_out,
        stderr=complaints.fileno() if complaints else STDERR,
    )
    os.close(theirs_in)
    os.close(theirs_out)
    with os.fdopen(ours_out, "rb") as said:
        try:
            yield Simulators(**json.loads(said.readline()))
        finally:
            os.close(ours_in)
            process.wait(STOP_LIMIT_S)


def free_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


async def sse(response: Any) -> Any:
    """The frames of an open stream, as dicts of their fields."""
    frame: dict[str, str] = {}
    async for line in response.aiter_lines():
        name, _, value = line.partition(":")
        if name:
            frame[name] = value.removeprefix(" ")
        elif not line:
            if "data" in frame:  # an id alone is no event
                yield frame
            frame = {}
    await asyncio.sleep(0)

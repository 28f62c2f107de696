"""Several processes of the service behind one address, and the one that looks after them."""

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress

from prometheus_client.multiprocess import mark_process_dead

from reelhook import logs
from reelhook.errors import ReelhookError
from reelhook.metrics import FOLDER

AGAIN_S = 0.5  # doubled with each quick death in a row
QUICK_S = 5.0  # whoever ends sooner may well do so again
MOST_QUICK = 6
LET_GO_S = 60.0  # beyond DRAIN_S, until a process that does not end is killed
PASSED_ON = (signal.SIGTERM, signal.SIGINT)

log = logs.get("processes")


class KeepsDying(ReelhookError):
    """Starting a process again does not help; what is wrong was said by the process itself."""

    code = "keeps_dying"


class Processes:
    """Runs each of *commands* as a process that may use *listener*, and runs it again whenever it ends.

    The processes notice at their stdin when this one is gone, however it went. They write a line to their stdout as
    soon as they are ready. What they count is in the folder *metrics*, for each of them to tell of all.
    """

    def __init__(
        self, commands: Sequence[Sequence[str]], listener: socket.socket, drain_s: float, metrics: str
    ) -> None:
        self._commands, self._listener, self._drain_s, self._metrics = commands, listener, drain_s, metrics
        self._ending = asyncio.Event()
        self._running: set[Process] = set()
        self._heard: signal.Signals | None = None
        self._one_was_ready = False

    async def run(self) -> signal.Signals:
        """Return the first signal that came, when all have ended after it. Raises *KeepsDying*."""
        loop = asyncio.get_running_loop()
        for each in PASSED_ON:
            loop.add_signal_handler(each, self._pass_on, each)
        keepers = [asyncio.create_task(self._keep(command), name="keeper") for command in self._commands]
        ending = asyncio.create_task(self._ending.wait(), name="ending")
        await asyncio.wait((*keepers, ending), return_when=asyncio.FIRST_COMPLETED)
        await self._end(keepers)
        ending.cancel()
        for keeper in keepers:
            keeper.result()  # raises what one of them died of
        assert self._heard is not None
        return self._heard

    def _pass_on(self, sig: signal.Signals) -> None:
        self._heard = self._heard or sig
        self._ending.set()
        for process in self._running:
            _tell(process, sig)

    async def _keep(self, command: Sequence[str]) -> None:
        """Run *command* again and again, with growing pauses while it dies at once."""
        loop, quick = asyncio.get_running_loop(), 0
        while not self._ending.is_set():
            began = loop.time()
            was_ready, code = await self._once(command)
            lived = loop.time() - began
            quick = 0 if was_ready and lived >= QUICK_S else quick + 1
            if self._ending.is_set():
                return
            log.error("process.ended", code=code, was_ready=was_ready, lived_s=round(lived, 1))
            self._judge(code, quick)
            await self._pause(AGAIN_S * 2**quick if quick else 0)

    async def _once(self, command: Sequence[str]) -> tuple[bool, int]:
        """Whether it ever was ready, and its exit code; that of a signal is negative."""
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=PIPE,
            stdout=PIPE,
            pass_fds=(self._listener.fileno(),),
            start_new_session=True,
            env={**os.environ, FOLDER: self._metrics},
        )
        self._running.add(process)
        if self._ending.is_set():  # while it was started
            _tell(process, self._heard or signal.SIGTERM)
        try:
            return await asyncio.gather(self._hear(process), process.wait())
        finally:
            self._running.discard(process)
            mark_process_dead(process.pid, self._metrics)  # type: ignore[no-untyped-call]

    async def _hear(self, process: Process) -> bool:
        assert process.stdout is not None
        ready = bool(await process.stdout.readline())
        self._one_was_ready |= ready
        return ready

    def _judge(self, code: int, quick: int) -> None:
        if quick >= MOST_QUICK:
            raise KeepsDying(f"a process ended {quick} times in a row soon after its start, at last with {code}")
        if code == 1 and not self._one_was_ready:
            raise KeepsDying("a process did not start, for the reason it gave; nothing is served")

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._ending.wait()
        except TimeoutError:
            return

    async def _end(self, keepers: Sequence[asyncio.Task[None]]) -> None:
        """Wait for all processes to end; one that gave up takes the others with it."""
        if self._heard is None:
            self._ending.set()
            for process in self._running:
                _tell(process, signal.SIGTERM)
        _, stuck = await asyncio.wait(keepers, timeout=self._drain_s + LET_GO_S)
        for process in self._running:
            log.error("process.stuck", pid=process.pid)
            _tell(process, signal.SIGKILL)
        if stuck:
            await asyncio.wait(stuck)


def _tell(process: Process, sig: signal.Signals) -> None:
    with suppress(ProcessLookupError):  # it has just ended
        process.send_signal(sig)


def command(listener: socket.socket, *options: str) -> list[str]:
    """One process of our own on a socket that is already bound."""
    return [sys.executable, "-m", "reelhook", "serve", "--socket", str(listener.fileno()), *options]

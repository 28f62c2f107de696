"""The command itself."""

import asyncio
import signal
import sys
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import aiohttp
import typer

from reelhook import logs
from reelhook.cli.demo.audience import Audience
from reelhook.cli.demo.play import Client, play
from reelhook.cli.demo.stage import OPERATOR, stage
from reelhook.cli.demo.verdict import judge
from reelhook.cli.output import AsJson, document


def register(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    once: Annotated[bool, typer.Option("--once", help="End when the scenario has ended, with a verdict.")] = False,
    as_json: AsJson = False,
) -> None:
    logs.configure("console")
    with tempfile.TemporaryDirectory(prefix="reelhook-demo-") as folder:
        try:
            sys.exit(asyncio.run(_ended_by_sigterm(_demo(Path(folder), once=once, as_json=as_json))))
        except asyncio.CancelledError:
            sys.exit(128 + signal.SIGTERM)


async def _ended_by_sigterm(work: Coroutine[Any, Any, int]) -> int:
    """What it started must not outlive it, however it is ended; of Ctrl-C asyncio itself takes care."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await work


async def _demo(folder: Path, *, once: bool, as_json: bool) -> int:
    # Nothing but the document may be on stdout when it is asked for.
    out = sys.stderr if as_json else sys.stdout

    def say(words: str) -> None:
        print(words, file=out, flush=True)

    say("Starting Reelhook, with HeyGen and Cloudinary simulated beside it …")
    timeout = aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(timeout=timeout) as session, stage(folder, session, any_port=once) as at:
        if not once:
            say(f"\n  Open this and watch:  {at.sign_in}\n")
        client = Client(session, at)
        performance = await play(client, Audience(session, at.base, at.api_key), at, say)
        report, faults = await judge(client, performance)
        if as_json:
            document(report)
        else:
            _tell(report, say)
        for fault in faults:
            print(f"not as it should be: {fault}", file=sys.stderr)
        if not once:
            say(f"\nStill serving at {at.base} (log: {at.log}). Ctrl-C ends it.")
            say(f"The link above works once; later, sign in as {OPERATOR} with the password {at.password}.")
            await asyncio.Event().wait()
    return 1 if faults else 0


def _tell(report: dict[str, Any], say: Any) -> None:
    say("")
    for video in report["videos"]:
        end = video["states"][-1]
        size = f"{video['bytes']:,} bytes, sha256 {video['sha256'][:12]}…" if video["bytes"] else ""
        reason = video["failure"]["message"] if video["failure"] else size
        say(f"  {end:<10} {video['title']}: {reason} [{video['webhook_to_browser_ms']} ms from webhook to browser]")
    totals = ", ".join(f"{number} {name}" for name, number in report["totals"].items())
    say(f"\n  {totals}")

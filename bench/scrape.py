"""What a scrape and a probe each second cost the front door: `.venv/bin/python bench/scrape.py [--json FILE]`.

One real server on SQLite takes as many signed webhooks as it can from 16 connections. Short windows with and without
a read of /metrics and /readyz each second follow each other in turns (A B B A), so that a slow moment of the machine
meets both. Told are the p99 over all windows of a kind, and the spread of the ratios within the pairs. No worker runs,
so that jobs pile up: the gauges look at all they may.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx2 as httpx
import uvloop

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.processes import SECRET, Service

from reelhook.heygen import sign

CONNECTIONS, EVERY_S = 16, 1.0
FILLER = "x" * 400


class Sender(asyncio.Protocol):
    """One connection that sends the next webhook as soon as the last is answered."""

    def __init__(self, number: int, times: list[float]) -> None:
        self._number, self._times, self._sent, self._began = number, times, 0, 0.0
        self._answer = b""
        self.ends, self.ended = False, asyncio.Event()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        if not self._answer.endswith(b"}"):
            return
        if b" 200 " not in self._answer[:16]:
            raise AssertionError(self._answer)
        self._times.append(time.perf_counter() - self._began)
        if self.ends:
            self.ended.set()
        else:
            self._send()

    def _send(self) -> None:
        self._sent += 1
        name = f"{time.time_ns():x}-{self._number}-{self._sent}"
        about = {"video_id": name, "url": f"https://files.heygen.example/{name}.mp4", "filler": FILLER}
        body = json.dumps({"event_type": "avatar_video.success", "event_data": about}).encode()
        head = (
            "POST /webhooks/heygen HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n"
            f"signature: {sign(body, SECRET)}\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        self._answer, self._began = b"", time.perf_counter()
        self._transport.write(head.encode() + body)


@dataclass
class Window:
    """Load for some seconds: how long the answers took, and the scrapes, if there were any."""

    seconds: float
    answers: list[float] = field(default_factory=list)
    scrapes: list[float] = field(default_factory=list)

    async def run(self, port: int, *, looked_at: bool) -> "Window":
        loop = asyncio.get_running_loop()
        made = [
            await loop.create_connection(partial(Sender, number, self.answers), "127.0.0.1", port)
            for number in range(CONNECTIONS)
        ]
        looking = [asyncio.create_task(self._look(port))] if looked_at else []
        await asyncio.sleep(self.seconds)
        for task in looking:
            task.cancel()
        await asyncio.gather(*looking, return_exceptions=True)
        for _, sender in made:
            sender.ends = True
        await asyncio.gather(*(sender.ended.wait() for _, sender in made))
        for transport, _ in made:
            transport.close()
        return self

    async def _look(self, port: int) -> None:
        """A scrape and a probe, each second."""
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
            while True:
                began = time.perf_counter()
                (await client.get("/metrics")).raise_for_status()
                self.scrapes.append(time.perf_counter() - began)
                (await client.get("/readyz")).raise_for_status()
                await asyncio.sleep(max(0.0, EVERY_S - (time.perf_counter() - began)))


async def measure(port: int, pairs: int, seconds: float) -> list[tuple[Window, Window]]:
    """Pairs of windows, the one without scrapes first."""
    await Window(2).run(port, looked_at=True)  # to warm up
    found = []
    for number in range(pairs):
        order = (False, True) if number % 2 else (True, False)
        by_kind = {looked_at: await Window(seconds).run(port, looked_at=looked_at) for looked_at in order}
        found.append((by_kind[False], by_kind[True]))
    return found


def p99(times: Iterable[float]) -> float:
    ordered = sorted(times)
    return ordered[-max(1, len(ordered) // 100)]


def ms(seconds: float) -> float:
    return round(seconds * 1000, 2)


def told(pairs: list[tuple[Window, Window]]) -> dict[str, Any]:
    ratios = sorted(round(p99(with_it.answers) / p99(without.answers), 2) for without, with_it in pairs)
    sides = {"without": [one for one, _ in pairs], "with": [other for _, other in pairs]}
    answers = {side: [took for one in windows for took in one.answers] for side, windows in sides.items()}
    scrapes = [took for one in sides["with"] for took in one.scrapes]
    of_each = {
        side: {
            "per_s": round(len(took) / sum(one.seconds for one in sides[side])),
            "p50_ms": ms(statistics.median(took)),
            "p99_ms": ms(p99(took)),
        }
        for side, took in answers.items()
    }
    return of_each | {
        "p99_ratio": round(p99(answers["with"]) / p99(answers["without"]), 2),
        "p99_ratio_in_pairs": {"median": statistics.median(ratios), "least": ratios[0], "most": ratios[-1]},
        "scrapes": {"many": len(scrapes), "p50_ms": ms(statistics.median(scrapes)), "longest_ms": ms(max(scrapes))},
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=Path)
    parser.add_argument("--pairs", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="metrics-bench-") as folder:
        service = Service(Path(folder), {"metrics_allow": "127.0.0.1", "log_format": "json"})
        service.start(arguments=("--no-worker",))
        try:
            pairs = uvloop.run(measure(service.port, given.pairs, given.seconds))
            text = httpx.get(f"{service.base}/metrics").text
        finally:
            service.stop()
    result = {
        "command": ".venv/bin/python bench/scrape.py --json docs/measured/scrape.json",
        "connections": CONNECTIONS,
        "pairs_of_windows": given.pairs,
        "seconds_per_window": given.seconds,
        "scrape_bytes": len(text),
        **told(pairs),
    }
    print(json.dumps(result))
    if given.json:
        given.json.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()

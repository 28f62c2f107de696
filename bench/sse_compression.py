"""What compressing the live stream costs and saves: `.venv/bin/python bench/sse_compression.py [--json FILE]`.

Every way is measured in a process of its own, all of them twice in turns (A B A B), with simulated connections whose
bytes go to /dev/null. Per update and connection: bytes on the wire, CPU time; per connection: memory (RSS delta).
"""

import argparse
import json
import os
import random
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import orjson
import zstandard

from reelhook.realtime import wire
from reelhook.realtime.log import Update

CONNECTIONS, UPDATES, BATCH, MISSED = 1000, 100, 10, 500
START = datetime(2026, 11, 26, 12, tzinfo=UTC)

Pack = Callable[[bytes], bytes]


def frames(many: int) -> list[bytes]:
    """Updates as the product sends them: each video goes its way, and the ways of many videos run side by side."""
    dice = random.Random(4)
    return [wire.update(_update(number, dice)) for number in range(1, many + 1)]


def _update(number: int, dice: random.Random) -> Update:
    video, state = UUID(int=dice.getrandbits(128)), dice.choice(["rendering", "rendered", "archiving", "ready"])
    at = START + timedelta(seconds=number * 1.7)
    digest = f"{dice.getrandbits(256):064x}"
    base = "https://res.cloudinary.com/acme/video/upload/v1764158400/reelhook"
    asset = {
        "url": f"{base}/{video}/video.mp4",
        "poster_url": f"{base}/{video}/poster.jpg",
        "bytes": dice.randrange(10**6, 10**8),
        "sha256": digest,
        "store": "cloudinary",
    }
    shown = {
        "id": str(video),
        "heygen_video_id": f"{dice.getrandbits(128):032x}",
        "subject": f"customer-{dice.randrange(5000)}",
        "title": f"Welcome to the team, {dice.choice(['Anna', 'Björn', 'Chidi', 'Dana', 'Emre'])} ({number})",
        "state": state,
        "late": False,
        "failure": None,
        "progress": None,
        "eta_at": (at + timedelta(minutes=7)).isoformat().replace("+00:00", "Z"),
        "asset": asset if state == "ready" or number % 2 else None,
        "created_at": START.isoformat().replace("+00:00", "Z"),
        "updated_at": at.isoformat().replace("+00:00", "Z"),
    }
    return Update(48_000 + number, "video.updated", str(video), None, orjson.dumps({"video": shown}).decode())


def gzip_stream(level: int, window: int, memory: int) -> Callable[[], Pack]:
    """A compressor for each connection, which remembers what it sent there."""

    def connect() -> Pack:
        packer = zlib.compressobj(level, wbits=window + 16, memLevel=memory)
        return lambda frame: packer.compress(frame) + packer.flush(zlib.Z_SYNC_FLUSH)

    return connect


def zstd_stream(window: int) -> Callable[[], Pack]:
    def connect() -> Pack:
        settings = zstandard.ZstdCompressionParameters.from_level(1, window_log=window)
        packer = zstandard.ZstdCompressor(compression_params=settings).compressobj()
        return lambda frame: packer.compress(frame) + packer.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)

    return connect


def deflate_block(frame: bytes) -> bytes:
    """A piece that stands for itself, to be put into anybody's gzip stream."""
    packer = zlib.compressobj(6, wbits=-15)
    return packer.compress(frame) + packer.flush(zlib.Z_SYNC_FLUSH)


def zstd_frame(frame: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=3).compress(frame)


EACH: dict[str, Callable[[], Pack]] = {
    "gzip, one per connection": gzip_stream(6, 15, 8),
    "gzip, one per connection, small window": gzip_stream(6, 10, 2),
    "zstd, one per connection, small window": zstd_stream(12),
}
SHARED: dict[str, tuple[Pack, int]] = {
    "none": (lambda frame: frame, 1),
    "gzip blocks, made once for all": (deflate_block, 1),
    "gzip blocks of 10 updates, made once for all": (deflate_block, BATCH),
    "zstd frames, made once for all": (zstd_frame, 1),
    "zstd frames of 10 updates, made once for all": (zstd_frame, BATCH),
}


def measure(way: str, connections: int) -> dict[str, float]:
    """One way, in this process."""
    sink = os.open(os.devnull, os.O_WRONLY)
    updates = frames(UPDATES)
    if way in SHARED:
        pack, size = SHARED[way]
        batches = [b"".join(updates[first : first + size]) for first in range(0, UPDATES, size)]
        before = _rss()
        each = [[pack] for _ in range(connections)]

        def rounds() -> Iterator[int]:
            for batch in batches:
                packed = pack(batch)
                for _ in each:
                    yield os.write(sink, packed)
    else:
        before = _rss()
        each = [[EACH[way]()] for _ in range(connections)]

        def rounds() -> Iterator[int]:
            for frame in updates:
                for (pack,) in each:
                    yield os.write(sink, pack(frame))

    begun = time.process_time()
    sent = sum(rounds())
    cpu_s = time.process_time() - begun
    return {
        "bytes": round(sent / connections / UPDATES, 1),
        "cpu_us": round(cpu_s * 1e6 / connections / UPDATES, 3),
        "memory_kib": round((_rss() - before) / connections / 1024, 2),
    }


def _rss() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def catch_up() -> dict[str, dict[str, float]]:
    """500 missed updates, written as one batch each 32 KiB as the product does."""
    updates, parts, part = frames(MISSED), list[bytes](), b""
    for frame in updates:
        part += frame
        if len(part) >= 32 * 1024:
            parts, part = [*parts, part], b""
    parts.append(part)
    ways: dict[str, Pack] = {"none": lambda one: one, "gzip blocks": deflate_block, "zstd frames": zstd_frame}
    found = {}
    for name, pack in ways.items():
        begun = time.process_time()
        size = sum(len(pack(one)) for one in parts)
        found[name] = {"bytes": size, "cpu_ms": round((time.process_time() - begun) * 1e3, 2), "batches": len(parts)}
    return found


def run(connections: int) -> dict[str, object]:
    ways = [*SHARED, *EACH]
    rounds: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
    for _ in range(2):
        for way in ways:
            command = [sys.executable, __file__, "--one", way, "--connections", str(connections)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)  # noqa: S603
            rounds[way].append(json.loads(done.stdout))
    return {
        "command": ".venv/bin/python bench/sse_compression.py --json docs/measured/sse-compression.json",
        "connections": connections,
        "updates": UPDATES,
        "frame_bytes": round(sum(map(len, frames(UPDATES))) / UPDATES, 1),
        "live": {way: {"rounds": found, "best": _best(found)} for way, found in rounds.items()},
        "catch_up_500": catch_up(),
    }


def _best(rounds: list[dict[str, float]]) -> dict[str, float]:
    return {name: min(found[name] for found in rounds) for name in rounds[0]}


def table(result: dict[str, object]) -> str:
    lines = [
        "| way | bytes/update | of plain | CPU µs/update/connection | memory KiB/connection |",
        "|---|---|---|---|---|",
    ]
    live: dict[str, dict[str, dict[str, float]]] = result["live"]  # type: ignore[assignment]
    plain = live["none"]["best"]["bytes"]
    for way, found in live.items():
        size, cpu, memory = found["best"].values()
        lines.append(f"| {way} | {size:.0f} | {size / plain:.2f} | {cpu:.2f} | {memory:.1f} |")
    missed: dict[str, dict[str, float]] = result["catch_up_500"]  # type: ignore[assignment]
    lines += ["", "| 500 missed updates | KiB | CPU ms |", "|---|---|---|"]
    lines += [f"| {way} | {found['bytes'] / 1024:.0f} | {found['cpu_ms']:.1f} |" for way, found in missed.items()]
    return "\n".join(lines)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--connections", type=int, default=CONNECTIONS)
    arguments.add_argument("--json", type=Path, help="also write the figures here")
    arguments.add_argument("--one", help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.one:
        print(json.dumps(measure(chosen.one, chosen.connections)))
        return
    result = run(chosen.connections)
    print(table(result))
    if chosen.json:
        chosen.json.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()

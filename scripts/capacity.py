"""What a machine carries, by arithmetic from measured figures.

    python scripts/capacity.py                                        # writes the tables of docs/capacity.md anew
    python scripts/capacity.py --videos 5000 --mb 20 --boards 300     # what your own numbers need
    python scripts/capacity.py take --bench B --room R --large L --fanout F   # fills docs/measured/capacity.json

The figures are those of docs/measured/capacity.json; `take` reads them from what `reelhook bench --json`, two runs of
`python -m tests.e2e.load` and `python -m bench.streams.fanout` wrote, here or on a machine of yours (`--figures FILE`).
"""

import argparse
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE, FIGURES = ROOT / "docs" / "capacity.md", ROOT / "docs" / "measured" / "capacity.json"
DAY_S, YEAR, MIB = 86_400, 365, 2**20
BUSIEST_HOUR = 0.15  # of a day's videos come in its busiest hour
BATCH = 1000
BUSY = 0.5  # of a core: what is planned for, so that a burst finds the other half free
# Days that the rows of each table are kept (docs/retention.md); videos and their files stay, so a year is reckoned.
KEPT_DAYS = {
    "events": 90, "delivery_attempts": 90, "event_keys": 7, "jobs": 14, "job_attempts": 14, "timeline": 365,
    "stream": 7, "idempotency_keys": 1, "videos": YEAR, "assets": YEAR,
}  # fmt: skip
MOST_ROWS = {"events": 1_000_000, "stream": 500_000}
GOES_WITH = {"delivery_attempts": "events"}


@dataclass(frozen=True)
class Figures:
    """What was measured, on one machine."""

    webhooks_per_core: float
    """Acknowledged, each on disk, and applied too, in a second of a core's time."""
    webhooks_per_video: float
    updates_per_video: float
    video_cpu_ms: float
    """A core's time for all of one video with a file of some KB: order, webhooks, archive, updates."""
    mb_cpu_ms: float
    """A core's time for one more MB of its file."""
    stream_kib: float
    shown_cpu_us: float
    """A core's time to send one update to one open stream."""
    process_mib: float
    video_rows: Mapping[str, float]
    """Rows of each table for one video."""
    video_bytes: Mapping[str, float]
    """Bytes of them, indexes included."""


@dataclass(frozen=True)
class Need:
    """What an installation is for: videos a day of so many MB, open boards of people, and those that show all."""

    videos: int
    mb: float
    boards: int
    operators: int

    @property
    def videos_per_s(self) -> float:
        """In the busiest hour."""
        return self.videos * BUSIEST_HOUR / 3600


SOURCES = ("bench", "room", "large", "fanout")
NEEDS = {"small": Need(200, 20, 20, 2), "medium": Need(5_000, 20, 300, 5), "large": Need(250_000, 20, 5_000, 20)}


def webhooks_per_s(of: Figures, need: Need) -> float:
    return need.videos_per_s * of.webhooks_per_video


def cores(of: Figures, need: Need) -> float:
    """Busy in the busiest hour. Each update goes to whom the video is for, and to all who see everything."""
    shown = of.updates_per_video * (1 + need.operators) * of.shown_cpu_us / 1e6
    return need.videos_per_s * ((of.video_cpu_ms + need.mb * of.mb_cpu_ms) / 1000 + shown)


def memory_mib(of: Figures, need: Need) -> float:
    """One process, and all open streams."""
    return of.process_mib + (need.boards + need.operators) * of.stream_kib / 1024


def database_bytes(of: Figures, need: Need) -> float:
    """After a year, with what retention keeps."""
    return sum(_kept(of, table, need.videos) for table in KEPT_DAYS if table in of.video_bytes)


def _kept(of: Figures, table: str, videos: int) -> float:
    of_these = GOES_WITH.get(table, table)
    rows = of.video_rows[of_these] * videos * KEPT_DAYS[of_these]
    share = min(1.0, MOST_ROWS.get(of_these, math.inf) / rows) if rows else 1.0
    return of.video_bytes[table] * videos * KEPT_DAYS[table] * share


def processes(of: Figures, need: Need) -> int:
    """That work in the busiest hour, each half of a core at most."""
    return max(1, math.ceil(cores(of, need) / BUSY))


def advice(of: Figures, need: Need) -> str:
    many = processes(of, need)
    if many == 1:
        return "one process, SQLite"
    return f"Postgres and Redis, {many} worker processes"


Cell = Callable[[Figures, Need], str]
ROWS: Mapping[str, Cell] = {
    "videos a day": lambda _, need: f"{need.videos:,}",
    "MB each": lambda _, need: f"{need.mb:g}",
    "open boards; of them showing all": lambda _, need: f"{need.boards + need.operators:,}; {need.operators}",
    "webhooks a second, busiest hour": lambda of, need: f"{webhooks_per_s(of, need):.2f}",
    "of what one core acknowledges": lambda of, need: f"{webhooks_per_s(of, need) / of.webhooks_per_core:.2%}",
    "MB a second to the store, busiest hour": lambda _, need: f"{need.videos_per_s * need.mb:.1f}",
    "cores busy, busiest hour": lambda of, need: f"{cores(of, need):.2f}",
    "memory of one process with all streams": lambda of, need: f"{memory_mib(of, need):,.0f} MiB",
    "database after a year": lambda of, need: f"{database_bytes(of, need) / 1e9:.2f} GB",
    "media in a year": lambda _, need: f"{need.videos * need.mb * YEAR / 1e6:.2f} TB",
    "so": advice,
}


def table(of: Figures, needs: Mapping[str, Need]) -> str:
    """One column for each of *needs*."""
    lines = [f"| | {' | '.join(needs)} |", "|---" * (len(needs) + 1) + "|"]
    lines += [f"| {name} | {' | '.join(cell(of, need) for need in needs.values())} |" for name, cell in ROWS.items()]
    return "\n".join(lines)


def figures_table(of: Figures) -> str:
    """What everything is computed from."""
    per_event = sum(of.video_bytes.get(name, 0) for name in ("events", "event_keys", "delivery_attempts"))
    rows = {
        "webhooks that one core acknowledges and applies": f"{of.webhooks_per_core:,.0f} a second",
        "a core's time for one video, its file aside": f"{of.video_cpu_ms:.1f} ms",
        "a core's time for one MB of its file": f"{of.mb_cpu_ms:.2f} ms",
        "so one core archives": f"{1000 / of.mb_cpu_ms:,.0f} MB a second",
        "so one core carries, of 20 MB each, if it does nothing else": f"{_a_day(of):,.0f} videos a day",
        "so 1,000 of those, rendered at once, are ready after": f"{BATCH * DAY_S / _a_day(of):,.0f} s",
        "an open stream": f"{of.stream_kib:.1f} KiB",
        "a core's time to send one update to one stream": f"{of.shown_cpu_us:.1f} µs",
        "memory of the process": f"{of.process_mib:,.0f} MiB",
        "webhooks of one video, updates of it": f"{of.webhooks_per_video:.1f}, {of.updates_per_video:.1f}",
        "an event in the database, its deliveries included": f"{per_event / of.video_rows['events'] / 1000:.2f} KB",
        "all rows of a new video in the database": f"{sum(of.video_bytes.values()) / 1000:.2f} KB",
    }
    return "\n".join(["| measured | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows.items())])


def _a_day(of: Figures) -> float:
    return DAY_S * 1000 / (of.video_cpu_ms + 20 * of.mb_cpu_ms)


def rows_table(of: Figures) -> str:
    """What one video leaves in each table, and for how long."""
    lines = [
        f"| `{name}` | {of.video_rows[name]:.1f} | {of.video_bytes[name]:,.0f} | {days} |"
        for name, days in KEPT_DAYS.items()
        if name in of.video_bytes
    ]
    return "\n".join(["| table | rows of a video | bytes of a video | days kept |", "|---|---|---|---|", *lines])


def taken(bench: Any, room: Any, large: Any, fanout: Any) -> Figures:
    """From the JSON of `reelhook bench`, of two load tests (*room* with small files), and of `bench.streams.fanout`."""
    videos = room["videos"]
    video_cpu_ms = room["cpu_s"] / videos * 1000
    more_mb = large["file_bytes"] / 1e6 - large["videos"] * room["file_bytes"] / videos / 1e6
    ours, many = fanout["ways"]["Reelhook"], bench["as_many_as_it_takes"]
    return Figures(
        webhooks_per_core=many["webhooks_per_s"] / many["cores_used"],
        webhooks_per_video=room["tables"]["delivery_attempts"]["rows"] / videos,
        updates_per_video=room["updates"] / videos,
        video_cpu_ms=video_cpu_ms,
        mb_cpu_ms=(large["cpu_s"] * 1000 - large["videos"] * video_cpu_ms) / more_mb,
        stream_kib=ours["after_kib"]["median"],
        shown_cpu_us=ours["cpu_us"]["median"],
        process_mib=max(room["memory_mib"].values()),
        video_rows={name: each["rows"] / videos for name, each in room["tables"].items() if name in KEPT_DAYS},
        video_bytes={name: each["bytes"] / videos for name, each in room["tables"].items() if name in KEPT_DAYS},
    )


def read(path: Path) -> Figures:
    return Figures(**json.loads(path.read_text())["figures"])


def page(text: str, of: Figures) -> str:
    """docs/capacity.md with its tables made anew."""
    for name, made in (("figures", figures_table(of)), ("rows", rows_table(of)), ("needs", table(of, NEEDS))):
        between = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        text, found = between.subn(lambda at, made=made: f"{at[1]}{made}\n{at[2]}", text)  # type: ignore[misc]
        assert found == 1, f"{PAGE.name} has no place for the table {name}"
    return text


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--figures", type=Path, default=FIGURES)
    parser.add_argument("--videos", type=int, help="a day")
    parser.add_argument("--mb", type=float, default=20, help="of one video")
    parser.add_argument("--boards", type=int, default=0, help="open at once, each of one person")
    parser.add_argument("--operators", type=int, default=2, help="boards that show all videos")
    takes = parser.add_subparsers(dest="do").add_parser("take", help="fill the file of figures from measurements")
    for name in SOURCES:
        takes.add_argument(f"--{name}", type=Path, required=True)
    given = parser.parse_args(argv)
    if given.do == "take":
        sources = {name: json.loads(getattr(given, name).read_text()) for name in SOURCES}
        commands = {name: source.get("command", "reelhook bench --json") for name, source in sources.items()}
        made = {"figures": asdict(taken(**sources)), "commands": commands, "machine": sources["room"]["machine"]}
        given.figures.write_text(json.dumps(made, indent=2) + "\n")
    elif given.videos:
        print(table(read(given.figures), {"yours": Need(given.videos, given.mb, given.boards, given.operators)}))
    else:
        PAGE.write_text(page(PAGE.read_text(), read(given.figures)))


if __name__ == "__main__":
    main()

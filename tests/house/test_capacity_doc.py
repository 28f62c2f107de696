"""docs/capacity.md shows what its script computes from the figures, and reckons with the days of the settings."""

from dataclasses import replace
from typing import Any

import pytest
from scripts.capacity import (
    FIGURES,
    KEPT_DAYS,
    MOST_ROWS,
    PAGE,
    YEAR,
    Figures,
    Need,
    advice,
    cores,
    database_bytes,
    memory_mib,
    page,
    processes,
    read,
    taken,
    webhooks_per_s,
)

from reelhook.settings import Settings

OF = Figures(
    webhooks_per_core=1000, webhooks_per_video=2, updates_per_video=5, video_cpu_ms=100, mb_cpu_ms=5, stream_kib=10,
    shown_cpu_us=20, process_mib=100, video_rows={"events": 2, "videos": 1},
    video_bytes={"events": 4000, "videos": 1000},
)  # fmt: skip
NEED = Need(videos=24_000, mb=20, boards=1024, operators=0)  # one a second in the busiest hour


def test_the_tables_are_those_of_the_figures() -> None:
    assert PAGE.read_text() == page(PAGE.read_text(), read(FIGURES)), "run: python scripts/capacity.py"


def test_days_and_numbers_are_those_of_the_settings() -> None:
    def usual(name: str) -> int:
        return int(Settings.model_fields[name].default)

    days = {"event_keys": "dedup_days", "stream": "stream_days", "timeline": "timeline_days"}
    days |= dict.fromkeys(("events", "delivery_attempts"), "event_days")
    days |= dict.fromkeys(("jobs", "job_attempts"), "job_days")
    found = {table: usual(name) for table, name in days.items()}
    assert found == {table: kept for table, kept in KEPT_DAYS.items() if table in days}
    assert (MOST_ROWS["events"], MOST_ROWS["stream"]) == (usual("most_events"), usual("most_updates"))


def test_the_busiest_hour_is_what_is_reckoned_with() -> None:
    assert NEED.videos_per_s == pytest.approx(1)
    assert webhooks_per_s(OF, NEED) == pytest.approx(2)
    assert cores(OF, NEED) == pytest.approx(0.1 + 20 * 0.005 + 5 * 20e-6)
    assert cores(OF, replace(NEED, operators=10)) == pytest.approx(0.2 + 11 * 5 * 20e-6)
    assert memory_mib(OF, NEED) == pytest.approx(110)


def test_more_than_half_a_core_asks_for_more_processes() -> None:
    assert (processes(OF, NEED), advice(OF, NEED)) == (1, "one process, SQLite")
    assert processes(OF, replace(NEED, videos=3 * NEED.videos)) == 2
    assert advice(OF, replace(NEED, videos=3 * NEED.videos)).startswith("Postgres and Redis, 2")


def test_the_database_holds_what_retention_keeps_and_no_more_than_the_most() -> None:
    few = replace(NEED, videos=100)
    assert database_bytes(OF, few) == 100 * (4000 * KEPT_DAYS["events"] + 1000 * YEAR)
    assert database_bytes(OF, replace(few, videos=100_000)) == pytest.approx(1_000_000 * 2000 + 100_000 * 1000 * YEAR)


def test_figures_are_taken_from_four_measurements() -> None:
    tables = {"delivery_attempts": {"rows": 300, "bytes": 9000}, "numbers": {"rows": 1, "bytes": 1}}
    room: dict[str, Any] = {
        "videos": 100, "updates": 600, "cpu_s": 5.0, "file_bytes": 0, "tables": tables, "memory_mib": {"web": 120},
    }  # fmt: skip
    large = room | {"videos": 10, "cpu_s": 1.5, "file_bytes": 200e6}
    fanout = {"ways": {"Reelhook": {"after_kib": {"median": 12.0}, "cpu_us": {"median": 9.0}}}}
    found = taken({"as_many_as_it_takes": {"webhooks_per_s": 450.0, "cores_used": 0.5}}, room, large, fanout)
    assert (found.webhooks_per_core, found.webhooks_per_video, found.updates_per_video) == (900, 3, 6)
    assert (found.video_cpu_ms, found.mb_cpu_ms) == (50, pytest.approx(5))
    assert (found.stream_kib, found.shown_cpu_us, found.process_mib) == (12, 9, 120)
    assert (found.video_rows, found.video_bytes) == ({"delivery_attempts": 3}, {"delivery_attempts": 90})

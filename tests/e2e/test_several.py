"""`serve --workers N`: several processes behind one address, as one service."""

import os
import signal
from pathlib import Path

import httpx2 as httpx
import pytest

from reelhook.cli.processes import MOST_QUICK
from reelhook.cli.serve import refuse_without_servers
from reelhook.errors import WrongSetting
from reelhook.settings import Settings
from tests.e2e.many import Installation, installation, postgres, redis_server
from tests.e2e.trouble import guide
from tests.measured import scraped
from tests.processes import Service, wait_until

__all__ = ["installation", "postgres", "redis_server"]


def failure(number: int) -> dict[str, object]:
    return {"event_type": "avatar_video.fail", "event_data": {"video_id": f"hg-{number}", "msg": "No such voice"}}


def children(service: Service) -> set[int]:
    assert service.process is not None
    parent = service.process.pid
    return set(map(int, Path(f"/proc/{parent}/task/{parent}/children").read_text().split()))


def listening(service: Service) -> set[int]:
    """Those children that have come so far that they look after their signals."""
    mask = 1 << (signal.SIGTERM - 1)

    def caught(pid: int) -> int:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return next(int(line.split()[1], 16) for line in lines if line.startswith("SigCgt"))

    return {pid for pid in children(service) if caught(pid) & mask}


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_they_serve_as_one_replace_their_dead_and_drain_together(installation: Installation) -> None:
    service = installation.service(drain_s=3, metrics_allow="127.0.0.1").start(arguments=("--workers", "2"))
    first = wait_until(lambda: found if len(found := listening(service)) == 2 else None, what="two processes serve")
    wait_until(lambda: "First start" in service.log, what="one of them offers the link for the first admin")
    assert (service.log.count("Reelhook serves"), service.log.count("First start")) == (1, 1)
    assert service.post(failure(0)).status_code == 200
    os.kill(min(first), signal.SIGKILL)
    assert [service.post(failure(number)).status_code for number in range(5)] == [200] * 5, "the other one serves"
    second = wait_until(lambda: found if len(found := listening(service)) == 2 else None, what="the dead is replaced")
    assert second & first == {max(first)}
    with service.client() as client:
        wait_until(lambda: len(client.get("/api/v1/videos").json()["data"]) == 5, what="all is applied")

        def seen() -> set[int]:
            return {one["pid"] for one in client.get("/api/v1/processes").json()["data"]}

        wait_until(lambda: second <= seen(), what="each is seen, whichever answers")
        assert seen() <= first | second
    told = [scraped(service.base) for _ in range(6)]
    assert {sum(one["reelhook_deliveries_total"].values()) for one in told} == {6}, "whoever is asked, dead ones too"
    assert {one["reelhook_leader"][()] for one in told} <= {0, 1}

    assert service.process is not None
    service.process.send_signal(signal.SIGTERM)
    draining = wait_until(
        lambda: told if (told := httpx.get(f"{service.base}/readyz", timeout=15)).status_code == 503 else None
    )
    assert draining.json()["status"] == "draining"
    assert [service.post(failure(number)).status_code for number in range(5, 10)] == [200] * 5
    assert service.process.wait(20) == -signal.SIGTERM
    assert [pid for pid in second if alive(pid)] == []
    assert "Traceback" not in service.log


def test_they_do_not_outlive_the_one_that_looks_after_them(installation: Installation) -> None:
    service = installation.service().start(arguments=("--workers", "2", "--no-worker"))
    orphans = children(service)
    service.kill()
    try:
        wait_until(lambda: not any(map(alive, orphans)), what="they end by themselves")
    finally:
        for pid in filter(alive, orphans):
            os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "needs Postgres in REELHOOK_DATABASE_URL: one process owns a SQLite file"),
        ({"database_url": "postgresql://h/d"}, "needs REELHOOK_REDIS_URL, by which the processes tell each other"),
    ],
)
def test_one_line_says_what_several_processes_need(settings: dict[str, str], words: str) -> None:
    with pytest.raises(WrongSetting, match=f"^--workers above 1 {words}$"):
        refuse_without_servers(Settings(**settings))  # type: ignore[arg-type]


def test_a_wrong_setting_stops_the_start_with_the_reason(service: Service) -> None:
    service.settings |= {"database_url": "postgresql://127.0.0.1:1/nowhere", "redis_url": "redis://127.0.0.1:1/0"}
    done = service.command("serve", "--port", "0", "--workers", "2")
    assert done.returncode == 1
    assert "REELHOOK_SECRET_KEY must be set" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("reelhook: a process did not start, for the reason it gave")
    guide("a process did not start, for the reason it gave")
    guide("process.ended", f"a process ended {MOST_QUICK} times in a row soon after its start")

"""What a running process says of itself: to probes, and to everybody by its heartbeat."""

import sqlite3

import httpx2 as httpx

from tests.processes import Service, wait_until


def test_a_process_is_seen_with_what_it_lacks_and_is_gone_at_its_end(service: Service) -> None:
    service.settings = {"heygen_api_key": "k", "heygen_base_url": "http://127.0.0.1:9"}
    service.start()
    told = httpx.get(f"{service.base}/readyz", timeout=15).json()
    assert told == {
        "status": "ok",
        "dependencies": {
            "database": {"ok": True, "required": True},
            "store local": {"ok": True, "required": False},
            "heygen": {"ok": True, "required": False},
            "queue": {"ok": True, "required": False},
        },
    }
    assert httpx.get(f"{service.base}/healthz", timeout=15).json() == {"status": "ok"}
    with service.client() as client:

        def processes() -> list[dict[str, object]]:
            found: list[dict[str, object]] = client.get("/api/v1/processes").raise_for_status().json()["data"]
            return found

        (one,) = wait_until(processes, what="a heartbeat")
        assert service.process is not None
        assert (one["pid"], one["roles"], one["state"]) == (service.process.pid, ["server", "worker"], "running")
        assert (one["clock_skew_s"], one["lacks"], one["outage"]) == (0, [], None)
        service.kill()
        service.start()
        (again,) = wait_until(lambda: [it for it in processes() if it["id"] != one["id"]], what="a new one")
        assert processes() == [again], "whoever was killed is not waited for: one process owns the file"
    assert service.stop() in (0, 143, -15)
    with sqlite3.connect(service.folder / "reelhook.db") as database:
        assert database.execute("SELECT count(*) FROM processes").fetchone() == (0,)
    database.close()

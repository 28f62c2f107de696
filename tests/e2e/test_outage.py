"""While Cloudinary is down, work waits without using up attempts, and goes on by itself."""

import httpx2 as httpx

from tests.processes import Service, Simulators, wait_until

REQUEST = {"heygen": {"type": "avatar", "avatar_id": "anna", "script": "Hello"}, "store": "cloudinary"}
VIDEOS = 6  # one more than the failures that open the breaker


def test_an_outage_of_cloudinary_is_waited_out(service: Service, outside: Simulators) -> None:
    outside.control("POST", "/reset")
    service.settings |= outside.settings() | {"stores": f"local:{service.folder / 'media'},cloudinary"}
    service.start()
    service.settings["heygen_webhook_secrets"] = outside.register(f"{service.base}/webhooks/heygen")
    service.stop()
    service.start()
    with service.client() as client, httpx.Client(base_url=f"{outside.cloudinary}/_control", timeout=15) as cloud:
        cloud.post("/reset").raise_for_status()
        cloud.post("/faults", json={"on": "upload", "kind": "unavailable", "times": 0}).raise_for_status()
        for _ in range(VIDEOS):
            client.post("/api/v1/videos", json=REQUEST).raise_for_status()

        def destination() -> dict[str, object]:
            found = client.get("/api/v1/jobs/destinations").json()["data"]
            return next((one for one in found if one["name"] == "cloudinary"), {"state": "unknown"})

        def jobs() -> list[dict[str, object]]:
            return client.get("/api/v1/jobs", params={"kind": "archive_asset", "state": "available"}).json()["data"]  # type: ignore[no-any-return]

        wait_until(lambda: destination()["state"] == "open", what="the breaker opens")
        assert "503" in str(destination()["reason"])
        wait_until(lambda: any("waiting for cloudinary" in str(job["error"]) for job in jobs()), what="work waits")
        assert client.get("/api/v1/jobs", params={"state": "dead"}).json()["data"] == []
        assert "destination.down" in service.log

        cloud.delete("/faults").raise_for_status()

        def ready() -> int:
            return int(client.get("/api/v1/videos/counts").json()["data"]["ready"])

        wait_until(lambda: ready() == VIDEOS, within_s=60, what=f"all are ready: {service.log[-3000:]}")
        assert destination()["state"] == "closed"
        stored = [one["public_id"] for one in cloud.get("/assets").json()["assets"]]
        assert sorted(stored) == sorted(set(stored)), "nothing is stored twice"
        assert len([name for name in stored if name.endswith("/video")]) == VIDEOS
        assert "destination.back" in service.log

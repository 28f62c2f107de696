"""Outgoing webhooks from outside: the receiver of the documents, through a SIGKILL between commit and send."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.processes import Service, free_port, wait_until

PAGE = Path(__file__).parents[2] / "docs" / "outbound-webhooks.md"


def documented_receiver() -> str:
    found = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found is not None
    return found[1]


def test_what_was_committed_before_a_kill_reaches_the_receiver_that_the_documents_show(service: Service) -> None:
    port = free_port()
    service.settings = {"fetch_allow": f"127.0.0.1:{port}"}
    service.start(arguments=("--no-worker",))
    with service.client() as client:
        url = {"url": f"http://127.0.0.1:{port}/hook", "types": ["video.rendering", "heygen.*"]}
        made: dict[str, Any] = client.post("/api/v1/subscription-endpoints", json=url).raise_for_status().json()
        video = {"heygen_video_id": "hg-1", "title": "Tour"}
        client.post("/api/v1/videos", json=video).raise_for_status()
    service.post({"event_type": "batch.finished", "event_data": {"id": "b"}})
    service.kill()

    printed = service.folder / "receiver.log"
    environment = {**os.environ, "PORT": str(port), "SECRET": made["secret"]}
    with printed.open("wb") as log:
        receiver = subprocess.Popen([sys.executable, "-c", documented_receiver()], env=environment, stdout=log)
    try:
        service.start()

        def told() -> list[str]:
            return sorted(line.split()[1] for line in printed.read_text().splitlines())

        wait_until(lambda: told() == ["heygen.batch.finished", "video.rendering"], what="two messages")
        assert all(line.startswith("msg_") for line in printed.read_text().splitlines())
        assert client_states(service, made["id"]) == ["delivered", "delivered"]
    finally:
        receiver.kill()
        receiver.wait(10)
        service.stop()


def client_states(service: Service, endpoint_id: str) -> list[str]:
    """How the deliveries stand, once the worker has settled them."""
    with service.client() as client:

        def states() -> list[str]:
            listed = client.get(f"/api/v1/subscription-endpoints/{endpoint_id}/deliveries").raise_for_status().json()
            return [one["state"] for one in listed["data"]]

        wait_until(lambda: "pending" not in states(), what="settled deliveries")
        return states()

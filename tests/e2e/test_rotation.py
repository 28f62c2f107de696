"""`reelhook register` and `rotate-secret` on a running server, while HeyGen goes on delivering."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from secrets import token_hex
from typing import Any

import httpx2 as httpx
import pytest

from tests.processes import STOP_LIMIT_S, Service, Simulators, free_port, wait_until
from tests.servers import Postgres, postgres

__all__ = ["postgres"]

ROTATE = "rotate-secret"


@pytest.fixture(scope="module")
def running(outside: Simulators, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that was told no secret, and that all tests of this file share."""
    one = Service(tmp_path_factory.mktemp("rotation"), outside.settings() | {"heygen_webhook_secrets": ""}, free_port())
    one.settings["public_url"] = one.base
    one.start()
    yield one
    one.stop()


@pytest.fixture(scope="module")
def admin(running: Service) -> Iterator[httpx.Client]:
    with running.client("admin") as client:
        yield client


@pytest.fixture
def registered(running: Service, admin: httpx.Client, outside: Simulators) -> Service:
    """It has an endpoint at a HeyGen that knows nothing else, checks URLs, and tries again soon."""
    outside.control("POST", "/reset")
    outside.control("PATCH", "/settings", {"probe_endpoints": True, "retry_first_s": 0.1, "retry_most_s": 0.5})
    made = admin.post("/api/v1/webhook-endpoints", json={})
    assert (made.status_code, made.json()["test"]["arrived"]) == (201, True)
    return running


def endpoint(outside: Simulators) -> dict[str, Any]:
    """The one endpoint at HeyGen, with the secret that nobody else knows."""
    (one,) = outside.control("GET", "/endpoints")["endpoints"]
    return dict(one)


class Deliveries:
    """HeyGen tells of one failed video after another, until it is told to end."""

    def __init__(self, outside: Simulators) -> None:
        self._outside, self._ended = outside, threading.Event()
        self._name, self.sent = token_hex(8), list[str]()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Deliveries":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def goes_on(self, more: int = 5) -> None:
        """Wait until so many more were sent."""
        wanted = len(self.sent) + more
        wait_until(lambda: len(self.sent) >= wanted, what="HeyGen delivers")

    def _run(self) -> None:
        while not self._ended.wait(0.02):
            name = f"{self._name}-{len(self.sent)}"
            data = {"video_id": name, "msg": "x"}
            order = {"event_type": "avatar_video.fail", "event_data": data, "entity_id": name, "retry": True}
            self._outside.control("POST", "/send", order)
            self.sent.append(name)


def all_arrive(admin: httpx.Client, outside: Simulators, sent: list[str]) -> None:
    wait_until(lambda: outside.control("GET", "/idle")["idle"], what="HeyGen has nothing left to deliver")
    assert {one["state"] for one in outside.control("GET", "/deliveries")["deliveries"]} == {"delivered"}
    found, query = set[str](), {"type": "avatar_video.fail", "limit": "200"}
    while not found.issuperset(sent):
        page = admin.get("/api/v1/events", params=query).json()
        found |= {one["resource_id"] for one in page["data"]}
        query["cursor"] = page["next_cursor"]
        assert page["data"]


def test_deliveries_flow_while_the_secret_is_replaced_and_none_is_lost(
    registered: Service, admin: httpx.Client, outside: Simulators
) -> None:
    outside.control("POST", "/faults", {"on": "api", "kind": "drop_after", "target": ROTATE})  # a second's gap
    old = endpoint(outside)["secret"]
    with Deliveries(outside) as deliveries:
        deliveries.goes_on()
        done = registered.command(ROTATE, "--json")
        assert done.returncode == 0, done.stderr
        deliveries.goes_on()
    all_arrive(admin, outside, deliveries.sent)
    new = endpoint(outside)
    assert (new["rotations"], new["secret"] != old) == (1, True)
    refused = [
        attempt["status"]
        for one in outside.control("GET", "/deliveries")["deliveries"]
        for attempt in one["attempts"]
        if attempt["status"] != 200
    ]
    assert set(refused) == {503}
    assert {one["reason"] for one in admin.get("/api/v1/rejections").json()["data"]} == {"secret_changing"}
    everything = done.stdout + done.stderr + registered.log
    assert [secret for secret in (old, new["secret"]) if secret in everything] == []


def test_with_an_endpoint_registered_here_heygen_is_given_no_callback_address(
    registered: Service, admin: httpx.Client, outside: Simulators
) -> None:
    request = {"heygen": {"type": "avatar", "avatar_id": "a", "voice_id": "v", "script": "Hello"}}
    asked = admin.post("/api/v1/videos", json=request).json()
    wait_until(lambda: admin.get(f"/api/v1/videos/{asked['id']}").json()["state"] == "ready", what="the video is ready")
    urls = {one["url"] for one in outside.control("GET", "/deliveries")["deliveries"]}
    assert urls == {f"{registered.base}/webhooks/heygen"}


def test_the_old_secret_is_taken_for_the_overlap_then_refused_and_counted(
    registered: Service, outside: Simulators
) -> None:
    old, body = endpoint(outside)["secret"], {"event_type": "new.type", "event_data": {}}
    done = registered.command(ROTATE, endpoint(outside)["endpoint_id"], "--overlap-h", "0.002")
    assert done.returncode == 0, done.stderr
    assert "is taken until" in done.stdout
    assert registered.post(body, secret=old).status_code == 200
    report = registered.command("doctor").stdout
    assert "used 1 times since it was replaced" in report
    assert "warn" in report
    late = wait_until(lambda: (found := registered.post(body, secret=old)).status_code == 401 and found)
    assert late.json()["code"] == "retired_secret"
    report = registered.command("doctor").stdout
    assert "still used after its end, and refused: find the sender that holds it" in report
    wait_until(
        lambda: '"event": "secret.retired"' in registered.log, what="it says that the time of the old one is over"
    )


def test_a_server_killed_in_between_gets_the_same_secret_when_it_is_asked_again(
    registered: Service, admin: httpx.Client, outside: Simulators
) -> None:
    old = endpoint(outside)["secret"]
    outside.control("POST", "/faults", {"on": "api", "kind": "drop_after", "target": ROTATE, "times": 0})
    rotating = subprocess.Popen(
        [sys.executable, "-m", "reelhook", ROTATE],
        env=registered.environment(),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_until(lambda: endpoint(outside)["secret"] != old, what="HeyGen has rotated")
    registered.kill()
    _, said = rotating.communicate(timeout=STOP_LIMIT_S)
    assert (rotating.returncode, "Traceback" in said) == (1, False)
    assert "run it again" in said
    new = endpoint(outside)["secret"]

    outside.control("DELETE", "/faults")
    registered.start()
    with Deliveries(outside) as deliveries:
        wait_until(lambda: registered.post({"x": 1}, secret=new).json().get("code") == "secret_changing")
        found = registered.command("doctor")
        assert "not finished: run `reelhook rotate-secret" in found.stdout
        assert found.returncode == 1
        deliveries.goes_on()
        done = registered.command(ROTATE)
        assert done.returncode == 0, done.stderr
    all_arrive(admin, outside, deliveries.sent)
    assert (endpoint(outside)["secret"], endpoint(outside)["rotations"]) == (new, 1)
    assert registered.post({"x": 1}, secret=new).status_code == 200
    assert registered.post({"x": 2}, secret=old).status_code == 200


def test_a_lost_registration_makes_no_second_endpoint(registered: Service, outside: Simulators) -> None:
    outside.control("POST", "/reset")
    outside.control("POST", "/faults", {"on": "api", "kind": "drop_after", "target": "POST /v3", "times": 0})
    lost = registered.command("register")
    assert (lost.returncode, "the same key gets the same answer" in lost.stderr) == (1, True)
    outside.control("DELETE", "/faults")
    done = registered.command("register")
    assert (done.returncode, done.stdout.startswith("registered: ")) == (0, True), done.stderr
    assert "a signed test came back through" in done.stdout
    assert registered.post({"x": 1}, secret=endpoint(outside)["secret"]).status_code == 200
    others = registered.command("register", "--events", "avatar_video.success")
    assert (others.returncode, "is registered already" in others.stderr) == (1, True), others.stderr


def test_a_failed_check_is_explained(registered: Service, outside: Simulators) -> None:
    refused = registered.command("register", "--url", f"{outside.cloudinary}/webhooks/heygen")  # not to OPTIONS
    assert refused.returncode == 1
    assert "Webhook endpoint validation failed" in refused.stderr
    assert "What to do: " in refused.stderr
    assert len(outside.control("GET", "/endpoints")["endpoints"]) == 1


def test_without_a_server_the_secret_is_kept_and_the_test_says_why_it_did_not_arrive(
    registered: Service, outside: Simulators
) -> None:
    registered.stop()
    done = registered.command("register", "--json")
    assert done.returncode == 1
    assert "Is `reelhook serve` running there?" in json.loads(done.stdout)["test"]["said"]
    assert registered.command(ROTATE).returncode == 0
    registered.start()
    assert registered.post({"x": 1}, secret=endpoint(outside)["secret"]).status_code == 200


def test_on_postgres_commands_are_processes_of_their_own_and_the_server_learns_from_them(
    service: Service, outside: Simulators, postgres: Postgres
) -> None:
    outside.control("POST", "/reset")
    service.settings |= outside.settings() | {"database_url": postgres.create(), "secret_key": "k" * 40}
    service.settings |= {"heygen_webhook_secrets": "", "public_url": f"http://127.0.0.1:{free_port()}"}
    service.port = int(str(service.settings["public_url"]).rpartition(":")[2])
    service.start()
    for command in ("register", ROTATE):
        done = service.command(command)
        assert done.returncode == 0, done.stderr
        answer = service.post({"after": command}, secret=endpoint(outside)["secret"])
        assert answer.status_code == 200, answer.text

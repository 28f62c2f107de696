"""Webhooks that never come, as the operator sees it: the video is found, becomes ready, and is counted as missed."""

import json
from typing import Any

import httpx2 as httpx

from tests.e2e.test_main_line import REQUEST, ends_as, video, with_heygen
from tests.processes import Service, Simulators, wait_until

__all__ = ["with_heygen"]


def asked(client: httpx.Client, outside: Simulators, **plan: Any) -> str:
    """A video of ours that HeyGen treats as planned; returns its id once HeyGen has ended it."""
    outside.control("POST", "/plans", {"plans": [plan]})
    video_id = str(client.post("/api/v1/videos", json=REQUEST).raise_for_status().json()["id"])
    wait_until(lambda: outside.control("GET", "/idle")["idle"] and video(client, video_id)["heygen_video_id"])
    return video_id


def test_a_video_whose_webhook_is_dropped_becomes_ready_and_is_counted_once(
    with_heygen: Service, outside: Simulators
) -> None:
    with with_heygen.client() as client:
        ends_as(client, asked(client, outside), "ready")
        lost = asked(client, outside, delivery="lost")
        assert video(client, lost)["state"] == "rendering"
        found = client.post("/api/v1/reconcile", json={"kinds": ["videos", "history"]}, timeout=60).json()["runs"]
        assert [(run["kind"], run["found"], run["error"]) for run in found] == [
            ("videos", 1, None),
            ("history", 0, None),
        ]
        ready = ends_as(client, lost, "ready")
        assert client.get(ready["asset"]["url"]).status_code == 200
        again = client.post("/api/v1/reconcile", json={"kinds": ["videos", "history"]}, timeout=60).json()["runs"]
        assert [run["found"] for run in again] == [0, 0]
        state = client.get("/api/v1/reconcile").json()
        assert state["missed"] == {"days": 7, "received": 1, "missed": 1, "rate": 0.5}
        assert len(state["runs"]) == 4
        (event,) = [one for one in client.get("/api/v1/events").json()["data"] if one["source"] == "reconcile"]
        assert (event["type"], event["video_id"], event["state"]) == ("avatar_video.success", lost, "applied")
        counted = client.get("/metrics").text
        assert 'reelhook_reconcile_found_total{kind="videos"} 1.0' in counted


def test_what_heygen_never_finishes_fails_and_still_becomes_ready_when_it_comes_late(
    with_heygen: Service, outside: Simulators
) -> None:
    with_heygen.stop()
    with_heygen.settings["give_up_h"] = 0.0001
    with_heygen.start()
    with with_heygen.client() as client:
        outside.control("POST", "/plans", {"plans": [{"render_s": 8.0}]})
        late = str(client.post("/api/v1/videos", json=REQUEST).json()["id"])
        wait_until(lambda: video(client, late)["state"] == "rendering")
        with_heygen.stop()  # not killed: a round that was under way would be nobody's until its lease ends
        with_heygen.start()  # the next round comes at the start, when patience has ended already
        failed = ends_as(client, late, "failed")
        assert (failed["failure"]["by"], failed["failure"]["code"]) == ("reelhook", "gave_up_waiting")
        ends_as(client, late, "ready")
        kinds = [entry["kind"] for entry in client.get(f"/api/v1/videos/{late}/timeline").json()["data"]]
        assert kinds.index("failed") < kinds.index("rendered") < kinds.index("ready")


def test_success_without_an_address_is_asked_about_and_not_called_ready(
    with_heygen: Service, outside: Simulators
) -> None:
    with with_heygen.client() as client:
        bare = asked(client, outside, without_url=True)
        wait_until(lambda: video(client, bare)["state"] == "archiving")

        def tried() -> list[dict[str, Any]]:
            story = client.get(f"/api/v1/videos/{bare}/timeline").json()["data"]
            return [entry for entry in story if entry["kind"] == "attempt_failed"]

        found = wait_until(tried, what="an attempt")
        assert (found[0]["data"]["code"], found[0]["data"]["retryable"]) == ("no_link", True)
        assert (video(client, bare)["state"], video(client, bare)["asset"]) == ("archiving", None)


def test_the_command_tells_what_it_found_and_mends_it(with_heygen: Service, outside: Simulators) -> None:
    with with_heygen.client() as client:
        ready = ends_as(client, asked(client, outside), "ready")
        lost = asked(client, outside, delivery="none")
        done = with_heygen.command("reconcile", "--kind", "videos", "--json")
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        assert (told["runs"][0]["found"], told["missed"]["missed"]) == (1, 1)
        ends_as(client, lost, "ready")
        shown = with_heygen.command("reconcile", "--mend")
        assert shown.returncode == 0, shown.stderr
        assert "missed in 7 days: 1 of 2 events" in shown.stdout
        assert "stores stores: local=" in shown.stdout
        assert ready["asset"] is not None
    with_heygen.stop()
    alone = with_heygen.command("reconcile", "--kind", "stores", "--json")
    assert json.loads(alone.stdout)["runs"][0]["kind"] == "stores"


def test_the_command_says_what_it_cannot_do(service: Service) -> None:
    refused = service.command("reconcile", "--kind", "history")
    assert (refused.returncode, "REELHOOK_HEYGEN_API_KEY" in refused.stderr) == (1, True)
    assert service.command("reconcile", "--kind", "moons").returncode == 2

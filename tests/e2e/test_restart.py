"""P1 and P7 from outside: what was answered 200 is there after SIGKILL, and the work goes on."""

import threading

import httpx2 as httpx

from reelhook.events import sign
from tests.processes import SECRET, Service, wait_until


def failure(number: int) -> dict[str, object]:
    return {"event_type": "avatar_video.fail", "event_data": {"video_id": f"hg-{number}", "msg": f"reason {number}"}}


def test_every_acknowledged_event_survives_sigkill_and_is_applied_by_the_next_process(service: Service) -> None:
    service.start()
    acknowledged: list[str] = []

    def send(first: int) -> None:
        import json

        with httpx.Client(base_url=service.base, timeout=10) as client:
            for number in range(first, first + 400):
                body = json.dumps(failure(number)).encode()
                try:
                    answer = client.post("/webhooks/heygen", content=body, headers={"signature": sign(body, SECRET)})
                except httpx.TransportError:
                    return  # the kill
                if answer.status_code == 200:
                    acknowledged.append(f"hg-{number}")

    senders = [threading.Thread(target=send, args=(1000 * index,)) for index in range(4)]
    for sender in senders:
        sender.start()
    wait_until(lambda: len(acknowledged) > 60, what="some events are acknowledged")
    service.kill()
    for sender in senders:
        sender.join()

    service.start()
    with service.client() as client:

        def failed_videos() -> set[str]:
            found, cursor = set(), None
            while True:
                page = client.get(
                    "/api/v1/videos", params={"limit": 200, **({"cursor": cursor} if cursor else {})}
                ).json()
                found |= {video["heygen_video_id"] for video in page["data"] if video["state"] == "failed"}
                if not (cursor := page["next_cursor"]):
                    return found

        wait_until(lambda: set(acknowledged) <= failed_videos(), what="every acknowledged event is applied")


def test_a_repeat_after_the_restart_is_recognised(service: Service) -> None:
    service.start()
    first = service.post(failure(1)).json()
    service.kill()
    service.start()
    assert service.post(failure(1)).json() == {"event_id": first["event_id"], "duplicate": True}


def test_sigterm_ends_the_service_in_order(service: Service) -> None:
    service.start()
    service.post(failure(1))
    assert service.stop() in (0, -15)
    assert not (service.folder / "reelhook.db.sock").exists()
    assert "Traceback" not in service.log

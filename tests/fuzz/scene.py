"""A real service with something in it, and everybody who may ask."""

import time
from pathlib import Path

from tests.fuzz.api import ApiFuzz, Statuses, callers
from tests.processes import Service, simulators, wait_until

EVENTS = (
    {"event_type": "avatar_video.success", "event_data": {"video_id": "v1", "url": "http://127.0.0.1:1/v.mp4"}},
    {"event_type": "avatar_video.success", "event_data": {"video_id": "v2"}},
    {"event_type": "avatar_video.fail", "event_data": {"video_id": "v3", "msg": "no"}},
    {"event_type": "something.new", "event_data": {}},
)


def asked(folder: Path, random: int, examples: int, until: float | None = None) -> Statuses:
    """Ask a new service everything, as everybody; returns how often it gave which answer. Fails with what stumbled.

    With a time to end (*until*) everybody asks in all ways; without, only the admin does, whom nothing is refused.
    """
    with simulators() as outside:
        service = Service(folder, {**outside.settings(), "api_rate": 0}).start()
        try:
            with service.client("admin") as admin:
                for event in EVENTS:
                    service.post(event).raise_for_status()
                wait_until(lambda: len(admin.get("/api/v1/videos").json()["data"]) == 3, what="three videos")
                fuzz = ApiFuzz(service, admin, random)
                for caller in callers(service, admin):
                    fuzz.ask_all(caller, examples, thoroughly=until is not None or caller.name == "admin")
                    if until is not None and time.monotonic() > until:
                        break
            assert "request.crashed" not in service.log
            return fuzz.statuses
        finally:
            service.stop()

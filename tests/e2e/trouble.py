"""What the tests of trouble share: ways to confine a process, and what an operator looks at."""

import ctypes
import os
import resource
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import httpx2 as httpx

from tests.processes import Service, wait_until

REQUEST = {"heygen": {"type": "avatar", "avatar_id": "anna", "script": "Hello"}, "title": "Hello"}
GUIDE = Path(__file__).parents[2] / "docs" / "trouble.md"
DROP_A_CAPABILITY = 24  # prctl's PR_CAPBSET_DROP
OVERRIDES = (1, 2)  # the capabilities by which root is not bound by permissions: CAP_DAC_OVERRIDE, _READ_SEARCH
Json = dict[str, Any]


def bound_by_permissions() -> None:
    """In a new process: permissions bind it, also when root starts it."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None)
        for capability in OVERRIDES:
            libc.prctl(DROP_A_CAPABILITY, capability, 0, 0, 0)


def limit_files(service: Service, most: int | None) -> None:
    """No file of the running service may grow beyond *most* bytes, as on a full disk; None: as much as it likes."""
    assert service.process is not None
    soft = resource.RLIM_INFINITY if most is None else most
    resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (soft, resource.RLIM_INFINITY))


def small_files(most: int) -> Callable[[], None]:
    """The same for a new process."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


def failure_of(name: str) -> Json:
    """An event that needs nothing but the database to be applied."""
    return {"event_type": "avatar_video.fail", "event_data": {"video_id": name, "msg": f"No voice for {name}"}}


def readiness(service: Service) -> Json:
    """What `/readyz` says of the database."""
    answer = httpx.get(f"{service.base}/readyz", timeout=15)
    state: Json = answer.json()["dependencies"]["database"]
    assert state["ok"] == (answer.status_code == 200)
    return state


def not_ready(service: Service) -> str:
    """The reason, as soon as `/readyz` names it; it tries a write at most once a second."""
    return str(wait_until(lambda: readiness(service).get("reason"), what="not ready"))


def ready_again(service: Service) -> None:
    wait_until(lambda: readiness(service)["ok"], what=f"ready again: {service.log}")


def applied(client: httpx.Client, names: Iterable[str]) -> None:
    """Wait until each of these failures is a failed video, once."""
    wait_until(lambda: failed(client) == sorted(names), what=f"{sorted(names)} are applied: {failed(client)}")


def failed(client: httpx.Client) -> list[str]:
    page = client.get("/api/v1/videos", params={"state": "failed", "limit": 200})
    return sorted(video["heygen_video_id"] for video in page.json()["data"]) if page.status_code == 200 else []


def refused(service: Service, name: str) -> str:
    """The event is refused in the way that makes HeyGen come again; returns the reason that the sender is told."""
    answer = service.post(failure_of(name))
    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    assert int(answer.headers["retry-after"]) > 0
    assert httpx.options(f"{service.base}/webhooks/heygen", timeout=15).status_code == 200, "HeyGen's probe"
    assert service.answers("/healthz"), "nobody restarts it"
    return str(answer.json()["detail"])


def video(client: httpx.Client, video_id: str) -> Json:
    return client.get(f"/api/v1/videos/{video_id}").raise_for_status().json()  # type: ignore[no-any-return]


def becomes(client: httpx.Client, video_id: str, state: str) -> Json:
    """The video, once it is in *state*."""
    wait_until(
        lambda: video(client, video_id)["state"] == state,
        what=f"{state} instead of {video(client, video_id)}; {told(client, video_id)}",
    )
    return video(client, video_id)


def told(client: httpx.Client, video_id: str, kind: str = "attempt_failed") -> list[tuple[str, str]]:
    """Code and message of what went wrong, as the video's timeline tells it."""
    story = client.get(f"/api/v1/videos/{video_id}/timeline").json()["data"]
    return [(entry["data"].get("code"), entry["message"]) for entry in story if entry["kind"] == kind]


def job_error(client: httpx.Client, video_id: str, kind: str = "archive_asset") -> Json:
    """The newest job of this kind about the video: its state, and the last error."""
    job = client.get("/api/v1/jobs", params={"video_id": video_id, "kind": kind}).json()["data"][0]
    return {"state": job["state"]} | (job["error"] or {})


def guide(*words: str) -> None:
    """One row of the guide for operators has all these words in it."""
    rows = [line for line in GUIDE.read_text().splitlines() if line.startswith("|")]
    assert any(all(word in row for word in words) for row in rows), f"docs/trouble.md has no row with {words}"

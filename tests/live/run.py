"""The whole way of one video: from a request at Reelhook to HeyGen, back through the public address, into a store."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx2 as httpx

from reelhook.inbox import TEST_TYPE
from tests.live.account import Account, same_address
from tests.live.door import HOOKS, SUBJECT, Door, Visit, standing
from tests.live.judge import ENDS, Check, judged
from tests.live.questions import Answer, Evidence, answers, capture
from tests.processes import Service, free_port

FRONT_DOOR = f"{HOOKS}heygen"
SCRIPT = "Hello from Reelhook. This video was made to see that every part works."
LOOK_S = 0.2
PROBE = "live-test="

T = TypeVar("T")


class CannotGoOn(Exception):
    """Something that everything after it needs is not there; the text says what, and what to do."""


@dataclass(frozen=True)
class Wish:
    """What the person who runs it decided. *answers*: how the first copies of the render's success are refused."""

    public_url: str
    api_key: str = field(repr=False)
    base_url: str = "https://api.heygen.com"
    cloudinary_url: str | None = field(default=None, repr=False)
    fetch_allow: str = ""
    host: str = "127.0.0.1"
    port: int = 8080
    avatar: str | None = None
    voice: str | None = None
    answers: tuple[int, ...] = (503, 307)
    minutes: float = 60.0
    linger_s: float = 60.0
    """How long to go on after the end, for what HeyGen sends later (captions come some 12 s after the video)."""

    @property
    def webhook_url(self) -> str:
        return self.public_url.rstrip("/") + FRONT_DOOR


@dataclass
class Outcome:
    """What there is to tell. *declined*: nobody said yes, so nothing was changed or paid for."""

    checks: list[Check] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    capture: list[dict[str, Any]] = field(default_factory=list)
    declined: bool = False

    @property
    def good(self) -> bool:
        return bool(self.checks) and all(check.good for check in self.checks)


@dataclass
class Run:
    """One run. *say* tells the person what happens; *agree* asks whether the paid part may begin."""

    wish: Wish
    folder: Path
    say: Callable[[str], None]
    agree: Callable[[], bool]
    outcome: Outcome = field(default_factory=Outcome)

    def __post_init__(self) -> None:
        self._account = Account(self.wish.base_url, self.wish.api_key)

    def whole(self) -> Outcome:
        """From the key to the last question. What cannot go on is a check that failed, not an exception."""
        service = Service(self.folder, self._settings(), free_port())
        try:
            endpoints = self._key_opens()
            with (
                self._running(service),
                standing(self.wish.host, self.wish.port, service.base, self.wish.answers) as door,
            ):
                self._address_leads_here(door)
                if not self.agree():
                    return Outcome(self.outcome.checks, declined=True)
                self._rendered(service, door, len(endpoints))
        except CannotGoOn as error:
            self._check("it could go on", False, str(error))
        return self.outcome

    def _settings(self) -> dict[str, object]:
        wish = self.wish
        settings: dict[str, object] = {
            "public_url": wish.public_url,
            "heygen_base_url": wish.base_url,
            "heygen_api_key": wish.api_key,
            "heygen_webhook_secrets": "",
            "trusted_proxies": "127.0.0.1",
            "fetch_allow": wish.fetch_allow,
        }
        if wish.cloudinary_url:
            settings |= {"cloudinary_url": wish.cloudinary_url, "stores": f"cloudinary,local:{self.folder / 'media'}"}
        return settings

    @contextmanager
    def _running(self, service: Service) -> Iterator[None]:
        service.start()
        try:
            yield
        finally:
            service.stop()

    def _key_opens(self) -> list[dict[str, Any]]:
        try:
            endpoints = self._account.endpoints()
        except httpx.HTTPError as error:
            raise CannotGoOn(f"HeyGen did not list the webhook endpoints of this key: {error}") from None
        if any(same_address(one["url"], self.wish.webhook_url) for one in endpoints):
            raise CannotGoOn(
                f"{self.wish.webhook_url} is registered at HeyGen already, perhaps for a service that is used: take "
                "another address, or delete that endpoint"
            )
        self._check("HeyGen takes the key", True, f"{len(endpoints)} webhook endpoints are registered")
        return endpoints

    def _address_leads_here(self, door: Door) -> None:
        asked = f"{PROBE}{time.time_ns()}"
        told = "nobody answered"
        with suppress(httpx.HTTPError):
            told = f"answered {httpx.get(f'{self.wish.webhook_url}?{asked}', timeout=15).status_code}"
        if not any(asked in visit.path for visit in door.visits):
            raise CannotGoOn(
                f"{self.wish.public_url} does not lead to {self.wish.host}:{door.port} on this machine ({told}): let "
                "your proxy or tunnel send it there"
            )
        self._check("the public address leads here", told == "answered 200", told)

    def _rendered(self, service: Service, door: Door, before: int) -> None:
        """Everything that changes the account. The endpoint is deleted at the end, whatever happens."""
        began = time.time()
        registered = self._registered(service)
        registering = (began, time.time())
        try:
            with service.client("operator") as client:
                video = self._asked(client)
                heygen_id = self._begun(client, video)
                door.watched = heygen_id
                ended = self._ended(client, video, door)
                copies = [one for one in door.visits if one.event_type == SUBJECT and one.video_id == heygen_id]
                for check in judged(client, ended, copies):
                    self._note(check)
            evidence = self._evidence(door, registering, heygen_id, registered, before)
            self.outcome.answers = answers(evidence)
            self.outcome.capture = capture(evidence, urlsplit(self.wish.public_url).netloc)
        finally:
            with suppress(httpx.HTTPError):
                self._account.delete_endpoint(registered)
            gone = registered not in [one["endpoint_id"] for one in self._account.endpoints()]
            self._check("the endpoint was deleted at HeyGen again", gone, registered)

    def _registered(self, service: Service) -> str:
        done = service.command("register", "--json")
        if done.returncode != 0:
            raise CannotGoOn(f"`reelhook register` said: {(done.stderr or done.stdout).strip()}")
        told = json.loads(done.stdout)
        self._check("HeyGen registered the address, and a signed test came back", True, told["test"]["said"])
        return str(told["endpoint"]["id"])

    def _asked(self, client: httpx.Client) -> str:
        avatar, voice = self.wish.avatar or self._avatar(client), self.wish.voice or self._voice(client)
        wanted: dict[str, Any] = {
            "type": "avatar",
            "avatar_id": avatar,
            "voice_id": voice,
            "script": SCRIPT,
            "resolution": "720p",
        }
        wanted |= {"title": "Reelhook live test", "caption": {"file_format": "srt"}}
        answer = client.post("/api/v1/videos", json={"heygen": wanted, "title": "Live test"})
        if answer.status_code != 202:
            raise CannotGoOn(f"the video could not be asked for: {answer.text}")
        return str(answer.json()["id"])

    def _avatar(self, client: httpx.Client) -> str:
        looks = client.get("/api/v1/heygen/avatars", params={"ownership": "public", "limit": 200}, timeout=120)
        for one in looks.raise_for_status().json()["data"]:
            if one["status"] in (None, "completed"):
                return str(one["id"])
        raise CannotGoOn("HeyGen offers no public avatar: name one with --avatar")

    def _voice(self, client: httpx.Client) -> str:
        found = client.get("/api/v1/heygen/voices", params={"language": "English"}, timeout=120)
        for one in found.raise_for_status().json()["data"]:
            return str(one["id"])
        raise CannotGoOn("HeyGen offers no English voice: name one with --voice")

    def _begun(self, client: httpx.Client, video: str) -> str:
        """HeyGen's id of it, as soon as HeyGen took the request."""

        def taken() -> dict[str, Any] | None:
            found: dict[str, Any] = client.get(f"/api/v1/videos/{video}").raise_for_status().json()
            return found if found["heygen_video_id"] or found["state"] == "failed" else None

        found = self._until(taken, 300)
        if found is None or not found["heygen_video_id"]:
            raise CannotGoOn(f"HeyGen did not take the request: {found and found['failure']}")
        self._check("HeyGen took the request", True, "it is being rendered")
        return str(found["heygen_video_id"])

    def _ended(self, client: httpx.Client, video: str, door: Door) -> dict[str, Any]:
        """The video at its end, when everything that was to be refused was, and came again, or the time is over."""
        until = time.monotonic() + self.wish.minutes * 60

        def ended() -> dict[str, Any] | None:
            found: dict[str, Any] = client.get(f"/api/v1/videos/{video}").raise_for_status().json()
            return found if found["state"] in ENDS else None

        found = self._until(ended, until - time.monotonic())
        if found is None:
            raise CannotGoOn(f"the video had no end after {self.wish.minutes:g} minutes")
        self.say(f"the video is {found['state']}; waiting for what HeyGen sends again")
        self._until(lambda: _let_in(door) or None, until - time.monotonic())
        time.sleep(self.wish.linger_s)
        return found

    def _evidence(
        self, door: Door, registering: tuple[float, float], heygen_id: str, endpoint: str, before: int
    ) -> Evidence:
        video, read_at = self._account.video(heygen_id), time.time()
        status = {one["endpoint_id"]: one.get("status") for one in self._account.endpoints()}.get(endpoint)
        return Evidence(
            visits=[one for one in door.visits if not _ours(one)],
            registering=registering,
            video_id=heygen_id,
            refused=self.wish.answers,
            video=video,
            video_read_at=read_at,
            history=self._account.history(),
            endpoint_status=status,
            endpoints=before,
            legacy=self._account.legacy_statuses(heygen_id),
        )

    def _until(self, found: Callable[[], T | None], within_s: float) -> T | None:
        """What *found* returns, as soon as it is something; None when the time is over."""
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            if (it := found()) is not None:
                return it
            time.sleep(LOOK_S)
        return None

    def _check(self, what: str, good: bool, said: str) -> None:
        self._note(Check(what, good, said))

    def _note(self, check: Check) -> None:
        self.outcome.checks.append(check)
        self.say(f"{'yes' if check.good else 'NO '}  {check.what}: {check.said}")


def _ours(visit: Visit) -> bool:
    """What this run itself sent to the address, to see that it leads here."""
    return PROBE in visit.path or visit.event_type == TEST_TYPE


def _let_in(door: Door) -> bool:
    """Whether nothing is left to be refused, and one copy was taken."""
    copies = [one for one in door.visits if one.event_type == SUBJECT and one.video_id == door.watched]
    return not door.answers and any(one.status == 200 for one in copies)

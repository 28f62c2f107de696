"""One message to one browser (RFC 8030), and what its push service said."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import aiohttp
from yarl import URL

from reelhook.errors import ReelhookError
from reelhook.heygen.answers import retry_after_s
from reelhook.kit.clock import Clock
from reelhook.kit.http import TRANSPORT_ERRORS, refusal
from reelhook.kit.targets import TargetRefused, Targets
from reelhook.kit.text import shorten
from reelhook.notify.channels.push.encryption import BadKeys, encrypt
from reelhook.notify.channels.push.errors import AddressNotAllowed, Gone, NotTaken, Refused
from reelhook.notify.channels.push.vapid import VapidKey

Urgency = Literal["very-low", "low", "normal", "high"]
LIMIT_S = 15.0
GONE = frozenset({404, 410})


@dataclass(frozen=True, slots=True)
class Browser:
    """Where one browser listens: its address at its push service, and its keys in base64url."""

    id: str
    endpoint: str
    p256dh: str
    auth: str


@dataclass(frozen=True, slots=True)
class Message:
    """*ttl_s*: how long the service keeps it for a browser that is away. *topic*: it replaces one that waits."""

    payload: bytes
    ttl_s: int
    topic: str
    urgency: Urgency = "normal"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt. Without a *status* there was no answer; without an *error* the service took it."""

    browser_id: str
    ms: int
    status: int | None = None
    error: ReelhookError | None = None

    @property
    def gone(self) -> bool:
        """The subscription has ended: nothing can ever be sent to it again."""
        return isinstance(self.error, Gone)


class PushSender:
    """Sends with a guarded session: addresses of push services are typed by whoever signs in."""

    def __init__(self, session: aiohttp.ClientSession, targets: Targets, clock: Clock, contact: str) -> None:
        """*contact*: where push services may complain, https: or mailto:."""
        self._session, self._targets, self._clock, self._contact = session, targets, clock, contact

    async def send(self, key: VapidKey, browser: Browser, message: Message) -> Outcome:
        """Make one attempt. Nothing is raised for what the service does or does not do."""
        started = self._clock.monotonic()
        status, error = await self._attempt(key, browser, message)
        return Outcome(browser.id, round((self._clock.monotonic() - started) * 1000), status, error)

    async def _attempt(
        self, key: VapidKey, browser: Browser, message: Message
    ) -> tuple[int | None, ReelhookError | None]:
        now = self._clock.now()
        try:
            url = self._targets.check(browser.endpoint)
            body = encrypt(message.payload, browser.p256dh, browser.auth)
            headers = self._headers(key, url, message, now)
            timeout = aiohttp.ClientTimeout(total=LIMIT_S, connect=10)
            async with self._session.post(
                URL(browser.endpoint, encoded=True), data=body, headers=headers, allow_redirects=False, timeout=timeout
            ) as answer:
                return answer.status, _judged(answer, now)
        except TargetRefused as refused:
            return None, AddressNotAllowed(refused.reason)
        except BadKeys as bad:
            return None, Refused(str(bad))
        except TRANSPORT_ERRORS as trouble:
            return None, _unanswered(trouble)

    def _headers(self, key: VapidKey, url: URL, message: Message, now: datetime) -> dict[str, str]:
        return {
            "Authorization": key.authorization(url, now, self._contact),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(message.ttl_s),
            "Topic": message.topic,
            "Urgency": message.urgency,
        }


def _judged(answer: aiohttp.ClientResponse, now: datetime) -> ReelhookError | None:
    status = answer.status
    if 200 <= status < 300:
        return None
    said = f"the push service answered {status}"
    if status in GONE:
        return Gone(f"{said}: the browser no longer listens")
    if status == 429 or status >= 500:
        return NotTaken(said, retry_after_s=retry_after_s(answer.headers.get("Retry-After"), now))
    return Refused(said)


def _unanswered(trouble: BaseException) -> ReelhookError:
    if (refused := refusal(trouble)) is not None:
        return AddressNotAllowed(refused.reason)
    if isinstance(trouble, TimeoutError):
        return NotTaken(f"the push service did not answer within {LIMIT_S:g} s")
    return NotTaken(f"the push service was not reached: {shorten(str(trouble), 200) or type(trouble).__name__}")

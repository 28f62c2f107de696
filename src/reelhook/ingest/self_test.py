"""A delivery to ourselves, the way HeyGen's go: through the public address, the proxy, the signature and the commit."""

from dataclasses import dataclass

import aiohttp
import orjson
from sqlalchemy import select

from reelhook.db import Database
from reelhook.db.tables import events
from reelhook.events import Secret, sign
from reelhook.events.lenient import decode, mapping
from reelhook.inbox import TEST_TYPE
from reelhook.ingest.own_address import OwnAddress, why
from reelhook.kit.clock import Clock
from reelhook.kit.http import TRANSPORT_ERRORS
from reelhook.kit.ids import Ids
from reelhook.kit.text import shorten

LIMIT_S = 10.0  # as long as HeyGen waits
MOST_ANSWER = 16 * 1024


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """Whether the test arrived, and how or why not, in words."""

    arrived: bool
    said: str
    event_id: str | None = None


class SelfTest:
    """Sends an event of a type that HeyGen does not have: it is stored and shown like any other, and moves nothing."""

    def __init__(self, db: Database, own: OwnAddress, clock: Clock, ids: Ids) -> None:
        self._db, self._own, self._clock, self._ids = db, own, clock, ids

    async def send(self, url: str, secret: Secret) -> RoundTrip:
        """Post a test to *url*, signed with *secret*, and look for it in the inbox. It never raises for a failure."""
        body = orjson.dumps({"event_type": TEST_TYPE, "event_data": {"test_id": self._ids.new()}})
        started = self._clock.monotonic()
        try:
            status, answer = await self._post(url, body, secret)
        except TRANSPORT_ERRORS as error:
            return RoundTrip(
                False, f"{url} was not reached: {shorten(why(error), 200)}. Is `reelhook serve` running there?"
            )
        if status != 200:
            return RoundTrip(False, f"{url} answered {status}{_words(status, answer)}")
        event_id = answer.get("event_id")
        if not isinstance(event_id, str) or not await self._has_come(event_id, body):
            return RoundTrip(False, f"{url} answered 200, but somebody else did: the test is not in this database")
        ms = (self._clock.monotonic() - started) * 1000
        return RoundTrip(True, f"a signed test came back through {url} in {ms:.0f} ms", event_id)

    async def _post(self, url: str, body: bytes, secret: Secret) -> tuple[int, dict[str, object]]:
        headers = {"Content-Type": "application/json", "signature": sign(body, secret.value)}
        timeout = aiohttp.ClientTimeout(total=LIMIT_S)
        async with (
            self._own.client(url) as session,
            session.post(url, data=body, headers=headers, timeout=timeout, allow_redirects=False) as response,
        ):
            content = bytearray()
            async for chunk in response.content.iter_chunked(MOST_ANSWER):
                content += chunk
                if len(content) > MOST_ANSWER:
                    break
            return response.status, _object(bytes(content))

    async def _has_come(self, event_id: str, body: bytes) -> bool:
        query = select(events.c.body).where(events.c.id == event_id)
        return await self._db.read(lambda conn: conn.execute(query).scalar()) == body


def _object(content: bytes) -> dict[str, object]:
    try:
        return mapping(decode(content))
    except ValueError:
        return {}


def _words(status: int, answer: dict[str, object]) -> str:
    if 300 <= status < 400:
        return ", a redirect: register the address that it leads to"
    code = answer.get("code")
    return (
        f" ({shorten(code, 60)})"
        if isinstance(code, str)
        else ": does the proxy pass POST on, body and headers untouched?"
    )

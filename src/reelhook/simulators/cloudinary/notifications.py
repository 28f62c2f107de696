"""Telling that asynchronous work is done: by a signed POST, or by a message that waits to be polled."""

import asyncio
import base64
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import aiohttp
import orjson

from reelhook.simulators.cloudinary.settings import Settings
from reelhook.simulators.cloudinary.signing import digest
from reelhook.simulators.faults import Faults
from reelhook.simulators.tasks import Tasks

ANSWER_S = 10.0  # assumption
POLL = "poll://"


@dataclass
class Message:
    """One notification, in the bytes that were signed; *statuses* are what its receiver answered."""

    url: str
    batch_id: str
    body: bytes
    timestamp: str
    signature: str
    statuses: list[int | str] = field(default_factory=list)
    receipt_handle: str = field(default_factory=lambda: uuid4().hex)
    hidden_until: float = 0.0

    def told(self) -> dict[str, Any]:
        """As a poll returns it."""
        return {
            "receipt_handle": self.receipt_handle, "batch_id": self.batch_id, "payload": orjson.loads(self.body),
            "signed_payload": base64.urlsafe_b64encode(self.body).decode().rstrip("="),
            "signature": self.signature, "timestamp": self.timestamp,
        }  # fmt: skip


class Notifications:
    """All notifications of one cloud: *sent* by POST, *waiting* to be polled."""

    def __init__(self, settings: Settings, secret: str, faults: Faults, tasks: Tasks) -> None:
        self._settings, self._secret, self._faults, self._tasks = settings, secret, faults, tasks
        self._session: aiohttp.ClientSession | None = None
        self._arrived = asyncio.Condition()
        self.sent: list[Message] = []
        self.waiting: list[Message] = []

    def clear(self) -> None:
        """Forget all."""
        self.sent.clear()
        self.waiting.clear()

    async def close(self) -> None:
        """Close the HTTP client."""
        if self._session is not None:
            await self._session.close()

    def notify(self, url: str, kind: str, body: dict[str, Any]) -> None:
        """Tell *url* of *body*; does nothing when nobody asked to be told."""
        if url:
            self._tasks.start(self._notify(url, kind, body))

    async def _notify(self, url: str, kind: str, body: dict[str, Any]) -> None:
        fault = self._faults.take("notification", f"{body.get('public_id', '')} {kind}")
        trouble = fault.kind if fault else ""
        if fault and trouble == "delay":
            await asyncio.sleep(fault.seconds)
        if trouble == "never":
            return
        message = self._message(url, kind, body, wrong=trouble == "bad_signature")
        if url.startswith(POLL):
            async with self._arrived:
                self.waiting.append(message)
                self._arrived.notify_all()
            return
        self.sent.append(message)
        copies = 2 if trouble == "duplicate" else 1
        await asyncio.gather(*(self._deliver(message) for _ in range(copies)))

    def _message(self, url: str, kind: str, body: dict[str, Any], *, wrong: bool) -> Message:
        whole = {
            "notification_type": kind, "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime()),
            "request_id": uuid4().hex, **body, "notification_context": {"triggered_at": time.time()},
            "signature_key": "",
        }  # fmt: skip
        raw, timestamp = orjson.dumps(whole), str(int(time.time()))
        secret = f"not {self._secret}" if wrong else self._secret
        return Message(url, str(body.get("batch_id", "")), raw, timestamp, digest(raw + timestamp.encode(), secret))

    async def _deliver(self, message: Message) -> None:
        for pause in (*self._settings.notification_retries_s, None):
            status = await self._post(message)
            message.statuses.append(status)
            if status == 200 or pause is None:
                return
            await asyncio.sleep(pause)

    async def _post(self, message: Message) -> int | str:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_S))
        headers = {
            "Content-Type": "application/json", "X-Cld-Timestamp": message.timestamp,
            "X-Cld-Signature": message.signature,
        }  # fmt: skip
        try:
            async with self._session.post(message.url, data=message.body, headers=headers) as response:
                return response.status
        except (aiohttp.ClientError, TimeoutError) as error:
            return f"{type(error).__name__}: {error}"

    async def claim(self, channel: str, batch_id: str, most: int, wait_s: float, hide_s: float) -> list[dict[str, Any]]:
        """Messages for *channel* or *batch_id*, waiting for the first; they stay hidden from others for *hide_s*."""
        deadline = time.monotonic() + wait_s
        async with self._arrived:
            while not (found := self._visible(channel, batch_id)) and (left := deadline - time.monotonic()) > 0:
                try:
                    await asyncio.wait_for(self._arrived.wait(), min(left, 1.0))
                except TimeoutError:
                    continue
        for message in found[:most]:
            message.hidden_until = time.monotonic() + hide_s
        return [message.told() for message in found[:most]]

    def _visible(self, channel: str, batch_id: str) -> list[Message]:
        url = POLL + (channel or "*")
        mine = (each for each in self.waiting if each.url == url and batch_id in ("", each.batch_id))
        return [each for each in mine if each.hidden_until <= time.monotonic()]

    def acknowledge(self, handles: list[str]) -> list[dict[str, str]]:
        """Drop the messages with these receipt handles."""
        known = {each.receipt_handle for each in self.waiting}
        self.waiting = [each for each in self.waiting if each.receipt_handle not in handles]
        return [{"status": "acked" if handle in known else "not_found"} for handle in handles]

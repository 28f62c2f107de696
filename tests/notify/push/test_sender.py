"""One message to one browser: what its push service hears, and what each answer means."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from reelhook.kit.http import guarded_session
from reelhook.kit.targets import Targets
from reelhook.notify.channels.push import sender
from reelhook.notify.channels.push.errors import AddressNotAllowed, Gone, NotTaken, Refused
from reelhook.notify.channels.push.payload import MOST_BYTES, payload, topic
from reelhook.notify.channels.push.sender import Browser, Message, Outcome, PushSender
from reelhook.notify.channels.push.vapid import VapidKey
from tests.conftest import StillClock
from tests.notify.push.service import PushService, Subscriber

KEY = VapidKey.make()
ID = "0198c0de-0000-7000-8000-00000000beef"
SAID = payload(id=ID, title="Ready: Tour", body="It is kept.", url="/videos/v", kind="ready", badge=2)
MESSAGE = Message(SAID, ttl_s=3600, topic=topic(ID), urgency="high")


def browser(subscriber: Subscriber) -> Browser:
    return Browser("s1", subscriber.endpoint, subscriber.p256dh, subscriber.auth)


@pytest.fixture
async def push(clock: StillClock, service: PushService) -> AsyncIterator[PushSender]:
    async with guarded_session([service.address]) as session:
        yield PushSender(session, Targets([service.address]), clock, "mailto:ops@example.com")


async def send(push: PushSender, to: Browser) -> Outcome:
    return await push.send(KEY, to, MESSAGE)


async def test_a_message_is_read_by_its_browser_and_says_who_sends_it(push: PushSender, service: PushService) -> None:
    to = service.subscriber()
    outcome = await send(push, browser(to))
    assert (outcome.status, outcome.error) == (201, None)
    (taken,) = service.taken
    assert service.messages(to) == [
        {
            "id": ID,
            "tag": ID,
            "title": "Ready: Tour",
            "body": "It is kept.",
            "url": "/videos/v",
            "kind": "ready",
            "badge": 2,
        }
    ]
    assert taken.claims["aud"] == service.origin
    assert taken.claims["sub"] == "mailto:ops@example.com"
    assert taken.key == KEY.public
    shown = {name: taken.headers[name] for name in ("ttl", "topic", "urgency")}
    assert shown == {"ttl": "3600", "topic": ID.replace("-", ""), "urgency": "high"}


@pytest.mark.parametrize(
    ("status", "kind", "retryable"),
    [
        (404, Gone, False),
        (410, Gone, False),
        (400, Refused, False),
        (413, Refused, False),
        (403, Refused, False),
        (302, Refused, False),
        (429, NotTaken, True),
        (500, NotTaken, True),
        (503, NotTaken, True),
    ],
)
async def test_every_answer_has_its_meaning(
    push: PushSender, service: PushService, status: int, kind: type[NotTaken], retryable: bool
) -> None:
    service.will(status)
    outcome = await send(push, browser(service.subscriber()))
    assert outcome.status == status
    assert type(outcome.error) is kind
    assert outcome.error.retryable is retryable
    assert outcome.gone is (kind is Gone)


async def test_a_busy_service_says_when_to_come_back(push: PushSender, service: PushService) -> None:
    service.will((429, "120"))
    outcome = await send(push, browser(service.subscriber()))
    assert outcome.error is not None
    assert outcome.error.retry_after_s == 120


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://127.0.0.1/push",
        "https://169.254.169.254/latest",
        "https://[::1]/push",
        "http://push.example.com/x",
        "https://user@push.example.com/x",
        "https://0x7f.1/x",
        "ftp://push.example.com/x",
    ],
)
async def test_an_address_that_a_stranger_typed_leads_nowhere_private(
    push: PushSender, service: PushService, endpoint: str
) -> None:
    outcome = await send(push, replace(browser(service.subscriber()), endpoint=endpoint))
    assert outcome.status is None
    assert type(outcome.error) is AddressNotAllowed


async def test_a_name_that_leads_to_a_private_address_is_refused_when_it_is_connected(
    clock: StillClock, service: PushService
) -> None:
    async with guarded_session() as session:
        push = PushSender(session, Targets([service.address]), clock, "mailto:ops@example.com")
        outcome = await send(push, browser(service.subscriber()))
    assert type(outcome.error) is AddressNotAllowed
    assert service.taken == []


async def test_keys_that_are_none_fail_for_good(push: PushSender, service: PushService) -> None:
    outcome = await send(push, replace(browser(service.subscriber()), auth="x"))
    assert type(outcome.error) is Refused


async def test_a_service_that_is_away_or_silent_is_tried_again(
    push: PushSender, service: PushService, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with guarded_session(["127.0.0.1:1"]) as session:
        away = PushSender(session, Targets(["127.0.0.1:1"]), clock, "mailto:ops@example.com")
        outcome = await send(away, replace(browser(service.subscriber()), endpoint="http://127.0.0.1:1/push"))
    assert type(outcome.error) is NotTaken
    monkeypatch.setattr(sender, "LIMIT_S", 0.05)
    service.hold = asyncio.Event()
    silent = await send(push, browser(service.subscriber()))
    service.hold.set()
    assert type(silent.error) is NotTaken
    assert "did not answer" in silent.error.message


def test_a_key_is_the_same_after_it_was_kept() -> None:
    assert VapidKey.read(KEY.pem).public == KEY.public


def test_a_key_of_another_kind_is_refused() -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    with pytest.raises(ValueError, match="elliptic"):
        VapidKey.read(pem)


@pytest.mark.parametrize("letter", ["a", "ä", "🎬", '"', "\u0001"])
def test_long_words_are_cut_until_the_message_is_short_enough(letter: str) -> None:
    made = payload(id=ID, title=letter * 5000, body=letter * 5000, url="/videos/v", kind="ready", badge=1)
    assert len(made) <= MOST_BYTES
    assert ID.encode() in made

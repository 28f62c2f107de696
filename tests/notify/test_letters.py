"""What letters look like, as whoever gets them reads them."""

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest

from reelhook.errors import WrongSetting
from reelhook.kit.ids import Ids
from reelhook.notify.channels.email import Letters, Sender
from reelhook.notify.channels.email.letters import WORDS, Purpose, recipient
from reelhook.settings import load
from tests.conftest import StillClock

LINK = "https://reel.example.com/sign-in#link=" + "0123456789abcdef" * 4
UNTIL = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


@pytest.fixture
def letters(clock: StillClock, ids: Ids) -> Letters:
    return Letters(Sender.parse("Reelhook <reel@example.com>"), "https://reel.example.com", clock, ids)


@pytest.mark.parametrize("purpose", sorted(WORDS))
def test_a_letter_says_the_same_in_text_and_in_html_and_has_one_link(letters: Letters, purpose: Purpose) -> None:
    raw = letters.letter(purpose, "bo@example.com", LINK, UNTIL).as_bytes()
    letter = message_from_bytes(raw, policy=policy.default)
    assert max(map(len, raw.split(b"\r\n"))) < 998
    text, html = (letter.get_body((kind,)).get_content() for kind in ("plain", "html"))
    for shown in (text, html):
        assert "https://reel.example.com" in shown
        assert "29 November 2026, 12:00 UTC" in shown
    assert LINK in text.splitlines(), "on a line of its own"
    assert set(re.findall(r'(?:href|src)="([^"]*)"', html)) == {LINK}
    assert letter["from"].addresses[0].display_name == "Reelhook"
    assert letter["to"].addresses[0].addr_spec == "bo@example.com"
    assert letter["date"].datetime == datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    assert letter["auto-submitted"] == "auto-generated"
    assert re.fullmatch(r"<[0-9a-f-]{36}@example\.com>", letter["message-id"])


@pytest.mark.parametrize("to", ["bo@example.com\r\nBcc: eve@example.com", "bo@example.com\nX: y"])
def test_an_address_cannot_bring_headers_of_its_own(letters: Letters, to: str) -> None:
    with pytest.raises(ValueError, match=r"(?i)header|newline|linefeed"):
        letters.letter("reset", to, LINK, UNTIL)


@pytest.mark.parametrize(
    ("email", "written"),
    [
        ("bo@example.com", "bo@example.com"),
        ("jürgen@müller.de", "jürgen@xn--mller-kva.de"),
        ("bo@" + "x" * 64 + ".example", "bo@" + "x" * 64 + ".example"),
    ],
)
def test_a_domain_is_written_in_ascii(email: str, written: str) -> None:
    assert recipient(email) == written


@pytest.mark.parametrize("value", ["nobody", "a@b\nBcc: c@d", "<a@b> c@d, e@f", "a b@", "@b", "a <b@c>, d@e"])
def test_a_sender_that_cannot_be_one_stops_the_start(value: str) -> None:
    with pytest.raises(WrongSetting, match="REELHOOK_MAIL_FROM"):
        load({"REELHOOK_MAIL_FROM": value})


@pytest.mark.parametrize("value", ["a@b.example", "Reelhook <a@b.example>", '"Reel, Hook" <a@localhost>'])
def test_senders_that_are_taken(value: str) -> None:
    assert load({"REELHOOK_MAIL_FROM": value}).mail_from == value

"""Letters handed in to a real SMTP server: how the way is kept safe, and what its answers mean."""

import asyncio
from email.message import EmailMessage
from pathlib import Path

import pytest

from reelhook.errors import ReelhookError
from reelhook.notify.channels.email import SmtpServer
from reelhook.notify.channels.email import server as smtp
from reelhook.notify.channels.email.errors import MailDeferred, MailLoginRefused, MailRefused, MailServerUnreached
from tests.mail import URL_LOGIN, USER, mail_server, own_certificate
from tests.processes import free_port

TO = "bo@example.com"


def a_letter() -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "reelhook@example.com", TO, "Hello"
    letter.set_content("Hello.\n.\nA dot alone on a line ends nothing.\n")
    return letter


async def send(url: str, to: str = TO) -> None:
    await SmtpServer.parse(url).send(a_letter(), "reelhook@example.com", to)


async def test_on_this_machine_a_letter_may_go_in_the_open() -> None:
    with mail_server() as mail:
        await send(mail.url)
    (done,) = mail.delivered
    assert (done.sender, done.to, done.encrypted, done.login) == ("reelhook@example.com", [TO], False, None)
    assert "A dot alone on a line ends nothing." in done.text()


async def test_starttls_is_used_where_it_is_offered_and_the_login_is_given(tmp_path: Path) -> None:
    with mail_server(tls=own_certificate(tmp_path), login=True) as mail:
        await send(f"smtp://{URL_LOGIN}@127.0.0.1:{mail.port}")
        found = await SmtpServer.parse(f"smtp://{URL_LOGIN}@127.0.0.1:{mail.port}").check()
    assert [(done.encrypted, done.login) for done in mail.delivered] == [(True, USER)]
    assert found == f"127.0.0.1:{mail.port} answers, encrypted, and takes the login"


async def test_smtps_is_encrypted_from_the_first_byte(tmp_path: Path) -> None:
    with mail_server(tls=own_certificate(tmp_path), at_once=True) as mail:
        await send(f"smtps://127.0.0.1:{mail.port}")
        found = await SmtpServer.parse(f"smtps://127.0.0.1:{mail.port}").check()
    assert [done.to for done in mail.delivered] == [[TO]]
    assert found == f"127.0.0.1:{mail.port} answers, encrypted, and asks for no login"


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine taken for another one."""
    monkeypatch.setattr(smtp.SmtpServer, "on_this_machine", False)


async def test_on_the_way_to_another_machine_nothing_goes_in_the_open(elsewhere: None) -> None:
    with mail_server() as mail, pytest.raises(MailServerUnreached, match="STARTTLS"):
        await send(mail.url)
    assert mail.delivered == []


@pytest.mark.parametrize("at_once", [False, True])
async def test_there_a_certificate_that_nobody_signed_is_refused(
    elsewhere: None, tmp_path: Path, at_once: bool
) -> None:
    refused = pytest.raises(MailServerUnreached, match=r"(?i)certificate")
    with mail_server(tls=own_certificate(tmp_path), at_once=at_once) as mail, refused:
        await send(f"smtp{'s' if at_once else ''}://127.0.0.1:{mail.port}")
    assert mail.delivered == []


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("smtp://localhost", True),
        ("smtp://127.0.0.9:25", True),
        ("smtp://[::1]:25", True),
        ("smtp://10.0.0.1", False),
        ("smtp://localhost.example.com", False),
    ],
)
def test_what_is_this_machine(url: str, here: bool) -> None:
    assert SmtpServer.parse(url).on_this_machine is here


def test_the_ports_that_are_usual_and_a_password_that_is_not_shown() -> None:
    assert (SmtpServer.parse("smtp://mail").port, SmtpServer.parse("smtps://mail").port) == (587, 465)
    server = SmtpServer.parse("smtps://bo:hunter2@mail")
    assert (server.password, "hunter2" in repr(server)) == ("hunter2", False)


@pytest.mark.parametrize(
    ("answer", "error", "again"),
    [
        (f"550 <{TO}>: no such user", MailRefused, False),
        ("452 too many letters, come again", MailDeferred, True),
    ],
)
async def test_a_refusal_for_good_is_told_from_one_for_now(
    answer: str, error: type[ReelhookError], again: bool
) -> None:
    with mail_server() as mail:
        mail.answers = [answer]
        with pytest.raises(error, match=answer[:3]) as refused:
            await send(mail.url)
        mail.verdicts = [answer]
        with pytest.raises(error, match=answer[:3]):
            await send(mail.url)
        await send(mail.url)
    assert refused.value.retryable is again
    assert TO not in refused.value.message, "what a job keeps names nobody"
    assert len(mail.delivered) == 1


async def test_a_wrong_login_and_nobody_there_are_tried_again(tmp_path: Path) -> None:
    wrong = pytest.raises(MailLoginRefused, match="REELHOOK_SMTP_URL")
    with mail_server(tls=own_certificate(tmp_path), login=True) as mail, wrong as refused:
        await send(f"smtp://somebody:wrong@127.0.0.1:{mail.port}")
    with pytest.raises(MailServerUnreached) as away:
        await send(f"smtp://127.0.0.1:{free_port()}")
    assert (refused.value.retryable, away.value.retryable) == (True, True)


async def test_a_letter_that_the_server_cannot_carry_is_refused_for_good() -> None:
    with mail_server(utf8=False) as mail, pytest.raises(MailRefused, match="SMTPUTF8"):
        await send(mail.url, "jürgen@example.com")


async def test_a_server_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "LIMIT_S", 0.05)
    gone = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        gone.set()

    listening = await asyncio.start_server(silent, "127.0.0.1", 0)
    with pytest.raises(MailServerUnreached, match="no answer in time"):
        await send(f"smtp://127.0.0.1:{listening.sockets[0].getsockname()[1]}")
    await asyncio.wait_for(gone.wait(), 10)
    listening.close()

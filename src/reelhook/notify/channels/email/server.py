"""The operator's SMTP server: always encrypted, except on this very machine."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from ipaddress import ip_address
from typing import Any, Self
from urllib.parse import unquote, urlsplit

import aiosmtplib

from reelhook.notify.channels.email.errors import (
    MailDeferred,
    MailLoginRefused,
    MailRefused,
    MailServerUnreached,
    MailUnclear,
)

STEP_LIMIT_S = 10.0
LIMIT_S = 30.0
PERMANENT = 500  # replies from here on


@dataclass(frozen=True)
class SmtpServer:
    """Where letters are handed in. *tls_at_once*: as smtps does; otherwise by STARTTLS."""

    host: str
    port: int
    tls_at_once: bool
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    # How the greeting names us: a name that says nothing about this machine.
    own_name: str = "localhost"

    @classmethod
    def parse(cls, url: str) -> Self:
        """From SMTP_URL, whose shape the settings have checked."""
        parts = urlsplit(url)
        tls_at_once = parts.scheme == "smtps"
        port = parts.port or (465 if tls_at_once else 587)
        username, password = (None if part is None else unquote(part) for part in (parts.username, parts.password))
        return cls(parts.hostname or "", port, tls_at_once, username, password)

    @property
    def on_this_machine(self) -> bool:
        """Whether nobody can listen on the way: then STARTTLS is used when it is offered, whatever the certificate."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    async def send(self, letter: EmailMessage, sender: str, to: str) -> None:
        """Hand in *letter*, within half a minute.

        Raises *MailServerUnreached*, *MailLoginRefused*, *MailDeferred*: later it may go; *MailRefused*: it never will;
        *MailUnclear*: the letter was on its way when the connection ended.
        """
        handing = _Handing()
        with _told(self, to, handing):
            async with self._connected() as client:
                handing.watch(client)
                await client.send_message(letter, sender=sender, recipients=[to])

    async def check(self) -> str:
        """What was found: the server answers and takes the login. Raises as `send` does."""
        with _told(self, "", _Handing()):
            async with self._connected() as client:
                await client.noop()
                encrypted = client.get_transport_info("sslcontext") is not None
        login = "takes the login" if self.username is not None else "asks for no login"
        return f"{self.host}:{self.port} answers{', encrypted,' if encrypted else ''} and {login}"

    @asynccontextmanager
    async def _connected(self) -> AsyncGenerator["_Client"]:
        async with asyncio.timeout(LIMIT_S):
            client = _Client(
                hostname=self.host,
                port=self.port,
                username=self.username,
                password=self.password,
                local_hostname=self.own_name,
                timeout=STEP_LIMIT_S,
                use_tls=self.tls_at_once,
                start_tls=None if self.on_this_machine and not self.tls_at_once else not self.tls_at_once,
                tls_context=self._tls(),
            )
            async with client:
                yield client

    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self.on_this_machine:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context


class _Client(aiosmtplib.SMTP):
    """Remembers how far it got with a letter: from DATA on, only the server's answer tells whether it has it."""

    handing = accepted = False

    async def data(self, message: str | bytes, /, **options: Any) -> Any:
        self.handing = True
        answer = await super().data(message, **options)
        self.accepted = True
        return answer


class _Handing:
    """How far a letter got, also after its client is gone."""

    _client: _Client | None = None

    def watch(self, client: _Client) -> None:
        self._client = client

    @property
    def begun(self) -> bool:
        return self._client is not None and self._client.handing

    @property
    def accepted(self) -> bool:
        return self._client is not None and self._client.accepted


@contextmanager
def _told(server: SmtpServer, to: str, handing: _Handing) -> Iterator[None]:
    """Errors of the library in our words. The recipient's address is left out: what is said is kept with the job."""
    where = f"the mail server {server.host}:{server.port}"

    def said(code: int, message: str) -> str:
        quoted = message.replace(to, "the recipient") if to else message
        return f"{where} answered {code} {quoted}"

    try:
        yield
    except aiosmtplib.SMTPAuthenticationError as error:
        raise MailLoginRefused(f"{said(error.code, error.message)}; look at REELHOOK_SMTP_URL") from None
    except aiosmtplib.SMTPRecipientsRefused as error:
        first = error.recipients[0]
        raise _by_code(first.code, said(first.code, first.message)) from None
    except aiosmtplib.SMTPResponseException as error:
        raise _by_code(error.code, said(error.code, error.message)) from None
    except aiosmtplib.SMTPNotSupported as error:
        raise MailRefused(f"{where} cannot send this: {error}") from None
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        if handing.accepted:  # it could not even say goodbye, which changes nothing
            return
        if handing.begun:
            raise MailUnclear(f"{where} did not say whether it took the letter; it may have arrived") from None
        raise MailServerUnreached(f"{where} was not reached: {str(error) or 'no answer in time'}") from None


def _by_code(code: int, words: str) -> MailRefused | MailDeferred:
    return MailRefused(words) if code >= PERMANENT else MailDeferred(words)

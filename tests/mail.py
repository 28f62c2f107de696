"""A real SMTP server on loopback, in a thread of its own: what was handed in, and how, can be looked at."""

import asyncio
import datetime
import ipaddress
import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "reel@hook", "p@ss word"
URL_LOGIN = "reel%40hook:p%40ss%20word"


@dataclass(frozen=True)
class Delivered:
    """One letter as it was handed in."""

    letter: EmailMessage
    sender: str
    to: list[str]
    raw: bytes
    encrypted: bool
    login: str | None

    def text(self, kind: str = "plain") -> str:
        part = self.letter.get_body((kind,))
        assert part is not None
        return str(part.get_content())

    @property
    def link(self) -> str:
        found = re.findall(r"https?://\S+#link=[0-9a-f]+", self.text())
        assert len(found) == 1, "a letter has one link"
        return str(found[0])

    @property
    def token(self) -> str:
        return self.link.partition("#link=")[2]


@dataclass
class MailServer:
    """*answers* are given to RCPT, and *verdicts* to letters, one after the other, before it takes anything."""

    port: int = 0
    delivered: list[Delivered] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    verdicts: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_RCPT(  # noqa: N802  # the server's name for it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.answers:
            return self.answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802  # the server's name for it
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.verdicts:
            return self.verdicts.pop(0)
        raw = envelope.content
        assert isinstance(raw, bytes)
        letter = message_from_bytes(raw, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        login = session.auth_data.login.decode() if session.authenticated else None
        sender, to = envelope.mail_from or "", list(envelope.rcpt_tos)
        self.delivered.append(Delivered(letter, sender, to, raw, session.ssl is not None, login))
        return "250 OK"


@contextmanager
def mail_server(
    *, tls: ssl.SSLContext | None = None, at_once: bool = False, login: bool = False, utf8: bool = True
) -> Iterator[MailServer]:
    """*tls*: STARTTLS is offered and asked for, or spoken *at_once*.

    *login*: only USER with PASSWORD may send, after STARTTLS; *utf8*: addresses need not be ASCII.
    """
    running, started, loop = MailServer(), threading.Event(), asyncio.new_event_loop()
    options: dict[str, Any] = {"hostname": "localhost", "loop": loop, "enable_SMTPUTF8": utf8}
    if tls is not None and not at_once:
        options |= {"tls_context": tls, "require_starttls": True}
    if login:
        options |= {"authenticator": _judge, "auth_required": True}

    async def listen() -> asyncio.Server:
        own = {"ssl": tls} if at_once else {}
        return await loop.create_server(lambda: SMTP(running, **options), "127.0.0.1", 0, **own)

    def serve() -> None:
        server = loop.run_until_complete(listen())
        running.port = server.sockets[0].getsockname()[1]
        started.set()
        loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0.01))
        loop.close()

    thread = threading.Thread(target=serve, name="mail-server", daemon=True)
    thread.start()
    assert started.wait(10)
    yield running
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)


def own_certificate(folder: Path) -> ssl.SSLContext:
    """A certificate that nobody has signed but its owner."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    now = datetime.datetime.now(datetime.UTC)
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(here, critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "mail.pem"
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(key.private_bytes(*plain) + made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def _judge(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    good = (data.login.decode(), data.password.decode()) == (USER, PASSWORD)
    return AuthResult(success=good, handled=False, auth_data=data)

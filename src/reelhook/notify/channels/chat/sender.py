"""Hands one message to one chat with apprise: in a thread, within a time, and with no more of it than that."""

import asyncio
import logging
import re
import threading
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any

from reelhook.errors import ReelhookError, WrongInput
from reelhook.notify.channel import Sent
from reelhook.notify.channels.chat.errors import ChatBusy, ChatRefused, ChatUnreached, NoApprise
from reelhook.notify.channels.chat.urls import OWN_SERVERS, SERVICES, checked_chat_url, checked_server, hint
from reelhook.notify.errors import OutcomeUnknown

LIMIT_S = 30.0
THREADS = 4
STATUS = re.compile(r"\berror=([1-5][0-9]{2})\b")
# Of the errors of its HTTP client: nothing was sent yet.
NOT_CONNECTED = ("NewConnectionError", "ConnectTimeout", "NameResolutionError", "CERTIFICATE_VERIFY_FAILED")
LOG = logging.getLogger("apprise")
LEVELS = {"info": "info", "attention": "warning", "critical": "failure"}


class ChatSender:
    """*allowed*: what FETCH_ALLOW names."""

    def __init__(self, allowed: Collection[str]) -> None:
        self._allowed = allowed
        self._threads = ThreadPoolExecutor(THREADS, "chat")
        # Its lines hold addresses with secrets in them: they reach nobody but who listens below.
        LOG.propagate = False
        LOG.setLevel(logging.DEBUG)
        LOG.addHandler(logging.NullHandler())

    async def send(self, url: str, severity: str, title: str, body: str) -> Sent:
        """Hand it over. Raises *OutcomeUnknown*; and where it surely did not arrive another *ReelhookError*."""
        checked_chat_url(url, self._allowed)  # the settings may have changed since it was taken
        loop = asyncio.get_running_loop()
        call = loop.run_in_executor(self._threads, self._notify, url, severity, title, body)
        try:
            async with asyncio.timeout(LIMIT_S):
                heard = await call
        except TimeoutError:
            raise OutcomeUnknown(f"{hint(url)} did not answer within {LIMIT_S:g} s; it may have arrived") from None
        if heard.trouble is not None:
            raise heard.trouble
        return Sent(hint(url), "it was taken")

    def check(self, url: str) -> None:
        """Raises *WrongInput*, and *NoApprise* where the extra is missing."""
        checked_chat_url(url, self._allowed)
        self._client(url)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _notify(self, url: str, severity: str, title: str, body: str) -> "_Heard":
        client = self._client(url)
        with _Heard(hint(url)) as heard:
            said = {"title": _tame(title), "body": _tame(body), "body_format": "text"}  # escaped as each chat needs it
            heard.accepted = bool(client.notify(**said, notify_type=LEVELS[severity]))
        return heard

    def _client(self, url: str) -> Any:
        """What speaks to this service. Its plugin is named by us: no other one is loaded, nor looked for.

        Raises *NoApprise*, and *WrongInput* for an address that it cannot read.
        """
        scheme = url.partition("://")[0]
        module, name = (SERVICES | OWN_SERVERS)[scheme]
        try:
            apprise = import_module("apprise")  # an extra
            service = getattr(import_module(f"apprise.plugins.{module}"), name)
        except ImportError:
            raise NoApprise("chats need the extra chat: pip install 'reelhook[chat]'") from None
        asset = apprise.AppriseAsset(
            app_id="Reelhook",
            app_desc="Reelhook",
            async_mode=False,
            http_redirects=False,
            allow_templates=False,
            image_url_mask="",  # no pictures of apprise's own
            image_url_logo="",
            service_timeout=0,  # ours: with one of its own it would work in another thread
            secure_logging=True,
            storage_mode=apprise.PersistentStoreMode.MEMORY,
        )
        try:
            plugin = service(asset=asset, **service.parse_url(url))
        except Exception:  # noqa: BLE001 - every plugin raises its own, with the address in it
            raise WrongInput(f"{hint(url)} needs other parts; see the documentation of apprise for it") from None
        if scheme in OWN_SERVERS:
            checked_server(f"{plugin.host}:{plugin.port}", self._allowed)
        client = apprise.Apprise(asset=asset)
        client.add(plugin)
        return client


def _tame(text: str) -> str:
    """A title is what a stranger called a video: it calls nobody in a chat (`@everyone`, `<!channel>`)."""
    return text.replace("@", "@\u200b").replace("<!", "<\u200b!")


class _Heard(logging.Handler):
    """What apprise says in this thread while it sends: it tells its log what it does not tell its caller.

    Nothing of it is kept but what is looked for here.
    """

    def __init__(self, where: str) -> None:
        super().__init__(logging.DEBUG)
        self._where, self._thread = where, threading.get_ident()
        self.accepted = False
        self._status: int | None = None
        self._partly = self._not_connected = False

    def __enter__(self) -> "_Heard":
        LOG.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        LOG.removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread != self._thread:
            return
        line = record.getMessage()
        if (status := STATUS.search(line)) is not None:
            self._status = int(status[1])
        self._partly |= line.startswith("Sent ")
        self._not_connected |= any(word in line for word in NOT_CONNECTED)

    @property
    def trouble(self) -> ReelhookError | None:
        """Why it was not sent; None when it was."""
        if self.accepted:
            return None
        if self._partly:
            return OutcomeUnknown(f"{self._where} took a part of it and not the rest")
        if self._status is not None and (self._status < 500 or self._status == 503):
            kind = ChatBusy if self._status in (429, 503) else ChatRefused
            return kind(f"{self._where} answered {self._status}")
        if self._status is None and self._not_connected:
            return ChatUnreached(f"{self._where} was not reached")
        answer = "did not answer" if self._status is None else f"answered {self._status}"
        return OutcomeUnknown(f"{self._where} {answer}; it may have arrived")

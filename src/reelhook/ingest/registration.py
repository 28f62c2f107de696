"""Registering our front door at HeyGen: one endpoint for one URL, its secret kept before anything is said of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from reelhook import logs
from reelhook.auth import Principal
from reelhook.auth.audit import Audit
from reelhook.db import Tx
from reelhook.errors import Conflict, ReelhookError, Unavailable
from reelhook.heygen import Endpoint, HeyGenError, HeyGenRefused
from reelhook.ingest.asking import Asking
from reelhook.ingest.own_address import OwnAddress, canonical, checked_url, probe, same_url
from reelhook.ingest.secret_rows import short
from reelhook.ingest.secrets import SecretBook
from reelhook.ingest.self_test import RoundTrip, SelfTest
from reelhook.kit.clock import Clock

ABOUT_THE_URL = re.compile(r"\burl\b|validation|https", re.IGNORECASE)
FINE_FROM_HERE = (
    "from here OPTIONS is answered in time, but HeyGen asks from outside: it waits one second and wants a public https "
    "address with a valid certificate. Look at DNS, the firewall, and a proxy that asks for a login or drops OPTIONS"
)

log = logs.get("ingest")


class AlreadyRegistered(Conflict):
    code = "already_registered"


class EndpointCheckFailed(ReelhookError):
    """HeyGen looked at the URL and did not like it."""

    status, code = 422, "endpoint_check_failed"


class NoSecretTold(Unavailable):
    """There is an endpoint now, but nobody can know its secret."""

    code = "no_secret_told"


@dataclass(frozen=True, slots=True)
class Registered:
    """The endpoint, whether it is *new*, the fingerprint of its secret, and how the test went."""

    endpoint: Endpoint
    new: bool
    fingerprint: str
    test: RoundTrip


class Registration:
    """Makes endpoints."""

    def __init__(
        self, asking: Asking, book: SecretBook, own: OwnAddress, test: SelfTest, audit: Audit, clock: Clock
    ) -> None:
        self._asking, self._book, self._own, self._test = asking, book, own, test
        self._audit, self._clock = audit, clock

    async def register(
        self, by: Principal, remote: str | None, url: str | None = None, events: Sequence[str] | None = None
    ) -> Registered:
        """Register *url* (our front door when it is None) for *events* (None: all), and send ourselves a test.

        One whose secret is known here is only tested again. Raises *AlreadyRegistered* for one whose secret is not,
        *EndpointCheckFailed* with what to do, *Unfinished*, *NoApiKey*, or another *HeyGenError*.
        """
        url = self._own.front_door if url is None else checked_url(url)
        heygen = self._asking.heygen
        there = next((one for one in await heygen.list_endpoints() if same_url(one.url, url)), None)
        if there is not None and not await self._is_ours_to_finish(url):
            return await self._tested(there, events, new=False)
        try:
            change, made = await self._asking.ask(
                "register", canonical(url), lambda key: heygen.create_endpoint(url, events, idempotency_key=key)
            )
        except HeyGenRefused as error:
            raise await self._explained(error, url) from error
        if there is not None and made.id != there.id:
            # Our earlier question never got there, somebody else registered the URL, and now there are two.
            await heygen.delete_endpoint(made.id)
            await self._asking.finish(change, lambda _: None)
            return await self._tested(there, events, new=False)
        await self._asking.finish(change, lambda tx: self._keep(tx, by, remote, made))
        log.info("endpoint.registered", endpoint=made.id, url=made.url)
        return await self._tested(made, events, new=True)

    async def _is_ours_to_finish(self, url: str) -> bool:
        """Whether we asked for this URL before and never learned the answer."""
        await self._book.load()
        now, wanted = self._clock.now(), ("register", canonical(url))
        return any((one.kind, one.target) == wanted and one.repeatable(now) for one in self._book.under_way)

    def _keep(self, tx: Tx, by: Principal, remote: str | None, made: Endpoint) -> None:
        fingerprint = self._book.rows.add(tx, made.id, made.secret) if made.secret else None
        told = {"url": made.url, "events": made.events, "fingerprint": short(fingerprint or "")}
        self._audit.record(tx, by, "webhook_endpoint.create", made.id, remote, **told)

    async def _tested(self, endpoint: Endpoint, events: Sequence[str] | None, *, new: bool) -> Registered:
        secret = self._book.current(endpoint.id)
        if secret is None:
            raise _without_secret(endpoint, new=new)
        if events is not None and set(events) != set(endpoint.events or ()):
            registered = "all events" if endpoint.events is None else ", ".join(endpoint.events)
            raise AlreadyRegistered(
                f"{endpoint.url} is registered already, as {endpoint.id}, for {registered}; to change that, delete it "
                "at HeyGen and register it again"
            )
        return Registered(endpoint, new, secret.id, await self._test.send(endpoint.url, secret))

    async def _explained(self, error: HeyGenRefused, url: str) -> ReelhookError:
        if error.heygen_status == 409:
            return AlreadyRegistered(f"{error.message} Delete the endpoint at HeyGen, or rotate its secret to get one")
        if error.heygen_status not in (400, 422) or not ABOUT_THE_URL.search(error.message):
            return error
        return EndpointCheckFailed(f"{error.message} What to do: {await self._advice(url)}.")

    async def _advice(self, url: str) -> str:
        if not url.lower().startswith("https://"):
            return "HeyGen takes public https addresses only; put a proxy with a certificate before this service"
        try:
            async with self._own.client(url) as session:
                await probe(session, url)
        except Unavailable as error:
            return error.message
        return FINE_FROM_HERE


def _without_secret(endpoint: Endpoint, *, new: bool) -> HeyGenError | ReelhookError:
    remedy = f"run `reelhook rotate-secret {endpoint.id}` to get a new one"
    if new:
        return NoSecretTold(f"HeyGen registered {endpoint.url} as {endpoint.id}, but told no secret: {remedy}")
    return AlreadyRegistered(
        f"{endpoint.url} is registered at HeyGen already, as {endpoint.id}, and no secret of it was given to this "
        f"service. If REELHOOK_HEYGEN_WEBHOOK_SECRETS names it, nothing is to be done. HeyGen tells a secret once: "
        f"{remedy}, or delete the endpoint at HeyGen and register it again"
    )

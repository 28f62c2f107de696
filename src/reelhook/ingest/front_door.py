"""`POST /webhooks/heygen`: plain ASGI, because it is the hot path and must answer in all circumstances.

Order of the guard: size, address, whole-service limit, signature, and only then the limit per address, which counts
unsigned and wrong requests alone: a correctly signed delivery is never refused for what others did.
"""

from starlette.datastructures import Headers
from starlette.types import Receive, Scope

from reelhook.errors import ReelhookError, Unauthorized, Unavailable
from reelhook.heygen import (
    Claim,
    Diagnosis,
    Secret,
    claims,
    header_event_id,
    matching,
    parse,
    retired_signer,
)
from reelhook.inbox import Arrival, Inbox, Rejections
from reelhook.ingest.body import read_body
from reelhook.ingest.door import Delivery, Door, Guard
from reelhook.ingest.examining import Examiner
from reelhook.ingest.secrets import SecretBook
from reelhook.kit.addresses import Network
from reelhook.kit.clock import Clock

ENDPOINT = "heygen"
COME_BACK_S = 5


class NoSecret(Unavailable):
    code = "no_secret"


class SecretChanging(Unavailable):
    """HeyGen makes a new secret in the moment it is asked to, and tells it in its answer: that may be on its way."""

    code = "secret_changing"


class FrontDoor(Door):
    """Lets in what carries a right signature, whatever is in it."""

    endpoint = ENDPOINT

    def __init__(
        self,
        guard: Guard,
        secrets: SecretBook,
        inbox: Inbox,
        rejections: Rejections,
        clock: Clock,
        trusted_proxies: tuple[Network, ...] = (),
    ) -> None:
        super().__init__(inbox, rejections, clock, trusted_proxies)
        self._guard, self._secrets = guard, secrets
        self._examiner = Examiner()

    async def admit(self, scope: Scope, receive: Receive, delivery: Delivery) -> Arrival:
        delivery.body = await read_body(scope, receive)
        self._guard.address(delivery.remote)
        await self._guard.whole_service()
        headers = Headers(scope=scope)
        claim = await self._verified(scope, headers, delivery)
        event = parse(delivery.body)
        return Arrival(
            endpoint=self.endpoint,
            source="webhook",
            body=delivery.body,
            headers=delivery.headers,
            received_at=delivery.at,
            type=event.type,
            resource_id=event.resource_id,
            event_id=event.event_id or header_event_id(headers),
            remote=delivery.remote,
            signature_header=claim.header,
        )

    async def _verified(self, scope: Scope, headers: Headers, delivery: Delivery) -> Claim:
        """The claim that a live secret confirms. Secrets are read again once before a request is refused."""
        made = claims(headers)
        match = self._confirmed(delivery.body, made)
        # Without a signature there is nothing that a new secret could confirm.
        if match is None and made and await self._secrets.reload():
            match = self._confirmed(delivery.body, made)
        if match is None:
            raise await self._refusal(headers, delivery, made, scope["query_string"])
        claim, secret = match
        self._secrets.used(secret, delivery.at)
        return claim

    def _confirmed(self, body: bytes, made: tuple[Claim, ...]) -> tuple[Claim, Secret] | None:
        live = self._secrets.known.live
        return next(((claim, secret) for claim in made if (secret := matching(body, (claim,), live))), None)

    async def _refusal(
        self, headers: Headers, delivery: Delivery, made: tuple[Claim, ...], query: bytes
    ) -> ReelhookError:
        """Why nothing confirms it. Raises *TooManyWrong* for an address from which much came that was wrong."""
        known, body = self._secrets.known, delivery.body
        if made and known.changing and not retired_signer(body, made, known.retired):
            return SecretChanging("a new webhook secret is on its way from HeyGen", retry_after_s=COME_BACK_S)
        if not known.live:
            return NoSecret("no webhook secret is known here; run `reelhook register`", retry_after_s=60)
        await self._guard.wrong_from(delivery.remote)
        if old := retired_signer(body, made, known.retired):
            self._secrets.used(old, delivery.at)
        return WrongSignature(await self._examiner.examine(body, headers, known, query.decode("latin-1")))


class WrongSignature(Unauthorized):
    """Not signed with a live secret. Its code says what seems to be the matter."""

    def __init__(self, diagnosis: Diagnosis) -> None:
        super().__init__(diagnosis.detail)
        self.code = diagnosis.reason

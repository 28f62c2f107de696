"""`POST /webhooks/heygen`: plain ASGI, because it is the hot path and must answer in all circumstances.

Order of the guard: the size that is declared, address, the size that comes, signature. What is unsigned or wrong is
then counted by its address, and what is right by the limit of the whole service: a correctly signed delivery is never
refused for what others did, and a flood of wrong ones uses up none of the room of the right ones.
"""

from starlette.datastructures import Headers
from starlette.types import Receive, Scope

from reelhook.errors import ReelhookError, Unauthorized, Unavailable
from reelhook.events import (
    EVENT_ID_HEADER,
    HEADERS,
    Claim,
    Diagnosis,
    Secret,
    claims,
    header_event_id,
    matching,
    parse,
    retired_signer,
)
from reelhook.inbox import TEST_TYPE, Arrival, Inbox, Rejections
from reelhook.ingest.body import check_size, read_body
from reelhook.ingest.door import Delivery, Door, Guard, not_allowed
from reelhook.ingest.examining import Examiner
from reelhook.ingest.secrets import SecretBook
from reelhook.kit.addresses import Network
from reelhook.kit.clock import Clock

ENDPOINT = "heygen"
COME_BACK_S = 5
READ = frozenset(name.encode() for name in (*HEADERS, EVENT_ID_HEADER))  # of what is let in, nothing else


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
        check_size(scope)
        told = Headers(raw=[pair for pair in delivery.headers if pair[0] in READ])
        made = claims(told)
        if self._guard.refuses(delivery.remote):
            await self._look(receive, delivery, made)
            raise not_allowed(delivery.remote)
        delivery.body = await read_body(receive)
        claim = await self._verified(scope, delivery, made)
        event = parse(delivery.body)
        if event.type != TEST_TYPE:  # that is ourselves
            self._guard.proved(delivery)
        await self._guard.whole_service()
        return Arrival(
            endpoint=self.endpoint,
            source="webhook",
            body=delivery.body,
            headers=delivery.headers,
            received_at=delivery.at,
            type=event.type,
            resource_id=event.resource_id,
            event_id=event.event_id or header_event_id(told),
            callback_id=event.callback_id,
            remote=delivery.remote,
            signature_header=claim.header,
        )

    async def _look(self, receive: Receive, delivery: Delivery, made: tuple[Claim, ...]) -> None:
        """Whether the list keeps HeyGen itself out: read and check what is refused anyway, if it claims a signature."""
        if made and self._guard.may_look():
            delivery.body = await read_body(receive)
            if self._confirmed(delivery.body, made) and parse(delivery.body).type != TEST_TYPE:
                self._guard.proved(delivery)

    async def _verified(self, scope: Scope, delivery: Delivery, made: tuple[Claim, ...]) -> Claim:
        """The claim that a live secret confirms. Secrets are read again once before a request is refused."""
        match = self._confirmed(delivery.body, made)
        # Without a signature there is nothing that a new secret could confirm.
        if match is None and made and await self._secrets.reload():
            match = self._confirmed(delivery.body, made)
        if match is None:
            raise await self._refusal(Headers(scope=scope), delivery, made, scope["query_string"])
        claim, secret = match
        self._secrets.used(secret, delivery.at)
        return claim

    def _confirmed(self, body: bytes, made: tuple[Claim, ...]) -> tuple[Claim, Secret] | None:
        live = self._secrets.live
        for claim in made:
            if secret := matching(body, (claim,), live):
                return claim, secret
        return None

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

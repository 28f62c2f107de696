"""`POST /webhooks/heygen/callback/{token}`: HeyGen does not sign these, so what they say is only a hint.

The token names the video the callback was made for. Whatever the body claims, HeyGen is asked before anything moves.
"""

from collections.abc import Callable

from starlette.types import Receive, Scope

from reelhook.errors import Unauthorized
from reelhook.events import parse
from reelhook.inbox import Arrival, Inbox, Rejections
from reelhook.ingest.body import check_size, read_body
from reelhook.ingest.door import Delivery, Door, Guard, not_allowed
from reelhook.kit.addresses import Network
from reelhook.kit.clock import Clock

VideoOfToken = Callable[[str], str | None]


class UnknownToken(Unauthorized):
    code = "unknown_callback_token"


class CallbackDoor(Door):
    """Lets in what comes to an address we gave out."""

    endpoint = "callback"

    def __init__(
        self,
        guard: Guard,
        video_of: VideoOfToken,
        inbox: Inbox,
        rejections: Rejections,
        clock: Clock,
        trusted_proxies: tuple[Network, ...] = (),
    ) -> None:
        super().__init__(inbox, rejections, clock, trusted_proxies)
        self._guard, self._video_of = guard, video_of

    async def admit(self, scope: Scope, receive: Receive, delivery: Delivery) -> Arrival:
        check_size(scope)
        video_id = self._video_of(scope["path"].rsplit("/", 1)[-1])
        if video_id is not None:  # an address that only HeyGen was told
            self._guard.proved(delivery)
        if self._guard.refuses(delivery.remote):
            raise not_allowed(delivery.remote)
        delivery.body = await read_body(receive)
        if video_id is None:
            await self._guard.wrong_from(delivery.remote)
            raise UnknownToken("this callback address was not made by this service")
        await self._guard.whole_service()
        event = parse(delivery.body)
        return Arrival(
            endpoint=f"{self.endpoint}:{video_id}",
            source="callback",
            body=delivery.body,
            headers=delivery.headers,
            received_at=delivery.at,
            type=event.type,
            resource_id=event.resource_id,
            video_id=video_id,
            remote=delivery.remote,
        )

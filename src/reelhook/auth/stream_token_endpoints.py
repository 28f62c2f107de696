"""`POST /api/v1/stream-tokens`: a builder's backend gets a token for one of its own users."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field, StringConstraints

from reelhook.auth.open_paths import VIDEO_ID
from reelhook.auth.principal import Principal
from reelhook.auth.requires import requires
from reelhook.auth.shapes import Body, Shown, Subject
from reelhook.auth.tokens import LONGEST_S, SHORTEST_S, USUAL_S, StreamTokens
from reelhook.kit.times import Time

VideoId = Annotated[str, StringConstraints(pattern=f"^{VIDEO_ID}$")]
# The token travels in addresses, and so do the ids within it.
MOST_VIDEOS = 100


class TokenRequest(Body):
    subject: Subject
    video_ids: Annotated[list[VideoId], Field(min_length=1, max_length=MOST_VIDEOS)] | None = None
    ttl_s: Annotated[int, Field(ge=SHORTEST_S, le=LONGEST_S)] = USUAL_S


class ShownToken(Shown):
    token: str
    expires_at: Time


def router(tokens: StreamTokens) -> APIRouter:
    """`POST /stream-tokens`."""
    routes = APIRouter(prefix="/api/v1/stream-tokens", tags=["access"])

    @routes.post("", status_code=201)
    async def create_stream_token(
        body: TokenRequest, response: Response, by: Annotated[Principal, Depends(requires("stream-tokens"))]
    ) -> ShownToken:
        """A token for the stream, the videos, the timelines and the media of `subject`, or of its `video_ids` alone."""
        response.headers["cache-control"] = "no-store"
        return ShownToken.model_validate(tokens.issue(by, body.subject, body.video_ids, body.ttl_s))

    return routes

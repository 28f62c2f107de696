"""New videos: a request to HeyGen, a video HeyGen already has, or a failed one tried again."""

import hashlib
from datetime import datetime
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import Row, delete, insert, select

from reelhook.auth import Principal
from reelhook.db import Tx
from reelhook.db.tables import idempotency_keys, videos
from reelhook.errors import Conflict, WrongInput
from reelhook.heygen import creation_of
from reelhook.jobs import Queue
from reelhook.jobs.kinds import ConfirmVideo, RequestVideo
from reelhook.kit.clock import Clock
from reelhook.videos.lifecycle import TITLE_LENGTH, Lifecycle
from reelhook.videos.states import State

OURS = ("callback_id", "callback_url")  # how HeyGen finds the way back to us is not the caller's to choose


class NewVideo(BaseModel):
    """What `POST /api/v1/videos` takes: `heygen`, a v3 create body, or the `heygen_video_id` of an existing video."""

    model_config = ConfigDict(extra="forbid", strict=True)
    heygen: dict[str, Any] | None = None
    heygen_video_id: str | None = Field(None, min_length=1, max_length=200)
    title: str | None = Field(None, max_length=TITLE_LENGTH)
    subject: str | None = Field(None, min_length=1, max_length=200)
    store: str | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> "NewVideo":
        if (self.heygen is None) == (self.heygen_video_id is None):
            raise ValueError("give either heygen (to render) or heygen_video_id (to track), not both")
        return self


class KeyReused(Conflict):
    code = "idempotency_key_reused"


class Creation:
    """Makes the row and the job of a new video in one transaction."""

    def __init__(
        self, clock: Clock, lifecycle: Lifecycle, queue: Queue, *, stores: tuple[str, ...], can_ask: bool
    ) -> None:
        self._clock, self._lifecycle, self._queue = clock, lifecycle, queue
        self._stores, self._can_ask = stores, can_ask

    def create(self, tx: Tx, principal: Principal, new: NewVideo, key: str | None) -> tuple[str, bool]:
        """The video's id, and whether it is new: the same Idempotency-Key gives the same video.

        Raises *KeyReused* when the key came with another request before.
        """
        digest = hashlib.sha256(orjson.dumps(new.model_dump(), option=orjson.OPT_SORT_KEYS)).hexdigest()
        scoped = hashlib.sha256(f"{principal.actor}\0{key}".encode()).hexdigest()
        if key is not None and (earlier := self._earlier(tx, scoped, digest)):
            return earlier, False
        video_id, fresh = self._track(tx, new) if new.heygen is None else (self._request(tx, new, new.heygen), True)
        if key is not None:
            row = {"key": scoped, "request_digest": digest, "video_id": video_id, "created_at": self._clock.now()}
            tx.execute(insert(idempotency_keys), row)
        return video_id, fresh

    def retry_failed(self, tx: Tx, video: Row[Any]) -> str:
        """Ask HeyGen for the same again, as a new video. Raises *Conflict* when the request is not known."""
        if video.request is None:
            raise Conflict("this video was not requested here, so its request cannot be repeated")
        new = NewVideo(heygen=video.request, title=video.title, subject=video.subject, store=video.store)
        return self._request(tx, new, video.request, retry_of=video.id)

    def _earlier(self, tx: Tx, scoped: str, digest: str) -> str | None:
        row = tx.execute(select(idempotency_keys).where(idempotency_keys.c.key == scoped)).first()
        if row is None:
            return None
        if row.request_digest != digest:
            raise KeyReused("this Idempotency-Key was used with another request; take a new one")
        return str(row.video_id)

    def _request(self, tx: Tx, new: NewVideo, request: dict[str, Any], **values: Any) -> str:
        if not self._can_ask:
            raise Conflict("HeyGen cannot be asked to render: set REELHOOK_HEYGEN_API_KEY")
        kind = creation_of(request).kind
        if mine := [name for name in OURS if name in request]:
            raise WrongInput(f"heygen.{mine[0]} is set by Reelhook itself; leave it out")
        video_id = self._lifecycle.create(
            tx,
            kind=kind,
            store=self._store(new.store),
            state=State.REQUESTED,
            message="Requested here",
            request=request,
            title=new.title or _text(request.get("title")),
            subject=new.subject,
            **values,
        )
        self._queue.add(tx, RequestVideo(video_id=video_id))
        return video_id

    def _track(self, tx: Tx, new: NewVideo) -> tuple[str, bool]:
        known = tx.execute(select(videos.c.id).where(videos.c.heygen_video_id == new.heygen_video_id)).scalar()
        if known is not None:
            return str(known), False
        video_id = self._lifecycle.create(
            tx,
            kind="avatar_video",
            store=self._store(new.store),
            state=State.RENDERING,
            message="Tracked from here on",
            heygen_video_id=new.heygen_video_id,
            title=new.title,
            subject=new.subject,
        )
        if self._can_ask:
            self._queue.add(tx, ConfirmVideo(video_id=video_id))
        return video_id, True

    def _store(self, name: str | None) -> str:
        if name is None:
            return self._stores[0]
        if name not in self._stores:
            raise WrongInput(f"store must be one of {', '.join(self._stores)}, not {name!r}")
        return name


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def forget_idempotency_keys(tx: Tx, before: datetime) -> int:
    """Forget the Idempotency-Keys used before then; how many."""
    return tx.execute(delete(idempotency_keys).where(idempotency_keys.c.created_at < before)).rowcount

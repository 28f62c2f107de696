"""New videos: a request to HeyGen, a video HeyGen already has, or a failed one tried again."""

import hashlib
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from sqlalchemy import Row, select, update

from reelhook.auth import Principal
from reelhook.db import Tx
from reelhook.db.insert import insert_or_ignore
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

    @field_validator("heygen")
    @classmethod
    def _keepable(cls, value: dict[str, Any] | None) -> dict[str, Any] | None:
        """Refuse what JSON allows but we cannot keep: lone surrogates, integers beyond 64 bits, nesting without end."""
        try:
            orjson.dumps(value)
        except TypeError as error:
            raise ValueError(f"cannot be kept: {error}") from None
        return value

    @field_validator("heygen_video_id")
    @classmethod
    def _name(cls, value: str | None) -> str | None:
        if value is not None and not value.isprintable():
            raise ValueError("is not an id of HeyGen's")
        return value


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
        scoped = _digest([principal.actor, key])
        if key is not None and (earlier := self._earlier(tx, scoped, _digest(new.model_dump()))):
            return earlier, False
        video_id, fresh = self._track(tx, new) if new.heygen is None else (self._request(tx, new, new.heygen), True)
        if key is not None:
            tx.execute(update(idempotency_keys).where(idempotency_keys.c.key == scoped).values(video_id=video_id))
        return video_id, fresh

    def try_again(self, tx: Tx, video: Row[Any]) -> tuple[str, bool]:
        """Archive an unarchived video again, or request a failed one anew: the id, and whether it is a new video's.

        Raises *Conflict* for any other state.
        """
        locked = self._lifecycle.get(tx.conn, video.id, lock=True)
        if locked.state == State.UNARCHIVED:
            self._lifecycle.archive_again(tx, video.id)
            return str(video.id), False
        if locked.state == State.FAILED:
            return self._repeat(tx, locked), True
        raise Conflict(f"a video that is {locked.state} cannot be tried again")

    def _repeat(self, tx: Tx, video: Row[Any]) -> str:
        """Each repetition costs credit, so a video is repeated once; after that its successor may be."""
        if video.request is None:
            raise Conflict("this video was not requested here, so its request cannot be repeated")
        again = tx.execute(select(videos.c.id).where(videos.c.retry_of == video.id)).scalar()
        if again is not None:
            raise Conflict(f"this video was requested again already, as {again}")
        store = video.store if video.store in self._stores else None
        new = NewVideo(heygen=video.request, title=video.title, subject=video.subject, store=store)
        again_id = self._request(tx, new, video.request, retry_of=video.id)
        data = {"as_video": again_id}
        self._lifecycle.note(tx, video.id, "retried", "Asked of HeyGen again, as a new video", data=data)
        self._lifecycle.publish(tx, video.id)
        return again_id

    def _earlier(self, tx: Tx, scoped: str, digest: str) -> str | None:
        """The video that was made with this key; when there is none, the key is ours from here on.

        The insert comes first: of two requests at the same time it makes one wait for the other.
        """
        row = {"key": scoped, "request_digest": digest, "video_id": "", "created_at": self._clock.now()}
        if insert_or_ignore(tx, idempotency_keys, [row], returning=[idempotency_keys.c.key]):
            return None
        known = tx.execute(select(idempotency_keys).where(idempotency_keys.c.key == scoped)).one()
        if known.request_digest != digest:
            raise KeyReused("this Idempotency-Key was used with another request; take a new one")
        return str(known.video_id)

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


def _digest(value: object) -> str:
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None

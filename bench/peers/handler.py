"""A receiver as people write it with FastAPI: pydantic body, signature, one insert and commit for each request."""

import hmac
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Request
from pydantic import BaseModel
from sqlalchemy import create_engine, event
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

engine = create_engine(f"sqlite:///{os.environ['DATABASE']}")
app = FastAPI()


class Base(DeclarativeBase):
    pass


class Event(Base):
    __tablename__ = "events"
    id: Mapped[int] = mapped_column(primary_key=True)
    type: Mapped[str]
    video_id: Mapped[str] = mapped_column(unique=True)
    data: Mapped[str]
    received_at: Mapped[datetime]


class Delivery(BaseModel):
    event_type: str
    event_data: dict[str, Any]


@event.listens_for(engine, "connect")
def durable(connection: Any, _: object) -> None:
    """As safe on the disk as ours."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")


Base.metadata.create_all(engine)


def session() -> Iterator[Session]:
    with Session(engine) as one:
        yield one


async def verified(request: Request) -> None:
    want = hmac.digest(os.environ["SECRET"].encode(), await request.body(), "sha256").hex()
    if not hmac.compare_digest(want, request.headers.get("signature", "")):
        raise HTTPException(401)


@app.post("/webhooks/heygen", dependencies=[Depends(verified)])
def webhook(delivery: Delivery, database: Annotated[Session, Depends(session)]) -> dict[str, bool]:
    database.add(
        Event(
            type=delivery.event_type,
            video_id=delivery.event_data["video_id"],
            data=delivery.model_dump_json(),
            received_at=datetime.now(UTC),
        )
    )
    database.commit()
    return {"ok": True}

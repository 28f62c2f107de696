"""Whose file it is: the asset that a file in a store was made for, as far as its name tells."""

from dataclasses import dataclass

from sqlalchemy import Connection, and_, or_, select

from reelhook.db.tables import assets


@dataclass(frozen=True, slots=True)
class Owner:
    """By the asset's own id, or by its video and role; neither, when the name says nothing."""

    asset_id: str | None = None
    video_id: str | None = None
    role: str | None = None


def is_known(conn: Connection, owner: Owner) -> bool:
    """Whether that asset has a row, stored or not: then its file may be wanted yet."""
    by_id = assets.c.id == owner.asset_id
    by_role = and_(assets.c.video_id == owner.video_id, assets.c.role == owner.role)
    return conn.execute(select(assets.c.id).where(or_(by_id, by_role)).limit(1)).first() is not None

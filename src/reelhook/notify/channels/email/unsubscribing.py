"""`/unsubscribe/{token}`: the link in a letter that ends such letters. Whoever has it may, without signing in."""

from sqlalchemy import select, update
from starlette.types import ASGIApp, Receive, Scope, Send

from reelhook.auth.callback_tokens import IdTokens
from reelhook.db import Database, Tx
from reelhook.db.insert import insert_or_ignore
from reelhook.db.tables import notification_preferences, people
from reelhook.errors import DatabaseUnavailable
from reelhook.kit import problem
from reelhook.notify.kinds import KINDS
from reelhook.notify.teller import NOTHING_CHOSEN

ROOT = "/unsubscribe/"
PURPOSE = "unsubscribe"


class Unsubscribe:
    """Plain ASGI. POST does it (RFC 8058: mail programs send it by themselves); all else is a *page* of the dashboard.

    Programs that look at links before people do only GET them, and that changes nothing.
    """

    def __init__(self, db: Database, tokens: IdTokens, page: ASGIApp) -> None:
        self._db, self._tokens, self._page = db, tokens, page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":
            await self._page(scope, receive, send)
            return
        person_id = self._tokens.id(scope["path"].removeprefix(ROOT))
        if person_id is None:
            await problem.answer(send, 404, "not_found", "this link is not complete; open it again from the letter")
            return
        try:
            await self._db.write(lambda tx: _no_more_letters(tx, person_id))
        except DatabaseUnavailable as error:
            await problem.answer(send, error.status, error.code, error.message, headers=error.headers)
            return
        await problem.respond(send, 204, b"", "text/plain", headers={"cache-control": "no-store"})


def _no_more_letters(tx: Tx, person_id: str) -> None:
    """As if the person had chosen so for every kind; what nobody can mute comes all the same."""
    if tx.execute(select(people.c.id).where(people.c.id == person_id)).first() is None:
        return
    table = notification_preferences
    insert_or_ignore(tx, table, [{"person_id": person_id} | NOTHING_CHOSEN])
    mine = tx.execute(select(table.c.mine).where(table.c.person_id == person_id).with_for_update()).scalar_one()
    quiet = {kind: {**mine.get(kind, {}), "email": False} for kind in KINDS}
    tx.execute(update(table).where(table.c.person_id == person_id).values(mine=quiet))

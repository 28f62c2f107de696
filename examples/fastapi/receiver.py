"""Receives HeyGen's webhooks in a FastAPI app.

    HEYGEN_WEBHOOK_SECRETS=whsec_… uvicorn --app-dir examples/fastapi receiver:app

What came is kept in SQLite before it is answered, once, and worked on later: `SELECT … WHERE done_at IS NULL`.
"""

import logging
import os
import sqlite3
from contextlib import closing

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool

from reelhook import HeyGenEvent, InvalidSignature, parse_event, verify_signature

# Several are alive while one is replaced.
SECRETS = os.environ["HEYGEN_WEBHOOK_SECRETS"].split(",")
DATABASE = os.environ.get("DATABASE", "webhooks.db")
TABLE = "CREATE TABLE IF NOT EXISTS received (key TEXT PRIMARY KEY, type TEXT, body BLOB, done_at TEXT)"

app = FastAPI()
log = logging.getLogger("uvicorn.error")
with closing(sqlite3.connect(DATABASE)) as prepared:
    prepared.execute(TABLE)


@app.options("/webhooks/heygen")
def tested() -> Response:
    """HeyGen looks with OPTIONS, and waits a second, before it accepts an address."""
    return Response()


@app.post("/webhooks/heygen")
async def receive(request: Request) -> Response:
    """401 for what HeyGen did not sign; 200 once the event is on disk, for its repeats as well."""
    body = await request.body()
    try:
        verify_signature(body, request.headers, SECRETS)
    except InvalidSignature as error:
        log.warning("refused a webhook: %s", error.explain().detail)
        return Response(status_code=401)
    await run_in_threadpool(keep, parse_event(body), body)
    return Response()


def keep(event: HeyGenEvent, body: bytes) -> None:
    """Commit the event; a repeat has the same key and changes nothing."""
    with closing(sqlite3.connect(DATABASE)) as database, database:
        row = (event.key, event.type, body)
        database.execute("INSERT INTO received (key, type, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", row)

"""Receives HeyGen's webhooks in a Flask app.

    HEYGEN_WEBHOOK_SECRETS=whsec_… flask --app examples/flask/receiver run

What came is kept in SQLite before it is answered, once, and worked on later: `SELECT … WHERE done_at IS NULL`.
"""

import os
import sqlite3
from contextlib import closing

from flask import Flask, request

from reelhook import HeyGenEvent, InvalidSignature, parse_event, verify_signature

# Several are alive while one is replaced.
SECRETS = os.environ["HEYGEN_WEBHOOK_SECRETS"].split(",")
DATABASE = os.environ.get("DATABASE", "webhooks.db")
TABLE = "CREATE TABLE IF NOT EXISTS received (key TEXT PRIMARY KEY, type TEXT, body BLOB, done_at TEXT)"

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 1 << 20
with closing(sqlite3.connect(DATABASE)) as prepared:
    prepared.execute(TABLE)


# Flask answers OPTIONS by itself, with which HeyGen looks before it accepts an address.
@app.post("/webhooks/heygen")
def receive() -> tuple[str, int]:
    """401 for what HeyGen did not sign; 200 once the event is on disk, for its repeats as well."""
    body = request.get_data()
    try:
        verify_signature(body, request.headers, SECRETS)
    except InvalidSignature as error:
        app.logger.warning("refused a webhook: %s", error.explain().detail)
        return "", 401
    keep(parse_event(body), body)
    return "", 200


def keep(event: HeyGenEvent, body: bytes) -> None:
    """Commit the event; a repeat has the same key and changes nothing."""
    with closing(sqlite3.connect(DATABASE)) as database, database:
        row = (event.key, event.type, body)
        database.execute("INSERT INTO received (key, type, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", row)

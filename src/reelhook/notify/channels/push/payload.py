"""What a push message says, short enough for every push service."""

import orjson

from reelhook.kit.text import shorten

MOST_BYTES = 3000
MOST_TITLE = 200
MOST_BODY = 1000
Said = dict[str, object]


def payload(*, id: str, title: str, body: str, url: str, kind: str, badge: int) -> bytes:
    """JSON for the service worker, at most `MOST_BYTES`; words are cut, never the rest."""
    said: Said = {"id": id, "title": shorten(title, MOST_TITLE), "url": url, "kind": kind, "tag": id, "badge": badge}
    most = MOST_BODY
    while len(made := orjson.dumps(said | {"body": shorten(body, most)})) > MOST_BYTES and most > 1:
        most //= 2
    return made


def topic(notification_id: str) -> str:
    """A waiting message is replaced by a newer one with this name (RFC 8030): 32 characters at most."""
    return notification_id.replace("-", "")[:32]

"""What a request offers as its signature, in every way of writing that people use, and the secret, when it was sent.

All of it comes from strangers: only so many headers are looked at, and only so much of each.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import unquote_plus

from reelhook.events.signature import DIGEST, HEADERS, Secret

MOST_OFFERS = 8
MOST_TOKENS = 256
LONGEST = 2048
SHORTEST_SECRET = 8
SPEAKS_OF_IT = re.compile(r"signature|hmac|\bsign\b", re.IGNORECASE)
ITEM = re.compile(r"(?:(?P<name>[a-zA-Z][\w-]{0,9})=)?[\"']?(?P<value>[^\"']+)[\"']?")
STAMP = re.compile(r"\d{9,16}")
LOOKS_SECRET = re.compile(r"whsec_[^\s\"'&,;<>]{8,}")
TOKEN = re.compile(r"[^\s\"'&,;<>(){}\[\]]+")

BASE64 = "in base64"
STRIPE = "as t=…,v1=… (the way of Stripe)"
STANDARD = "as v1,… (the way of Standard Webhooks)"
JOINED = "beside others in one header, joined by a comma"
WRAPPED = "with other text around it"


@dataclass(frozen=True, slots=True)
class Offer:
    """A SHA-256 digest in hex that *header* carried; *style* says how it was written, when not as HeyGen does."""

    header: str
    digest: str
    style: str | None = None


def signature_headers(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    """The headers that may be meant as a signature: the two of HeyGen first, then any whose name speaks of one."""
    pairs = [(name, value[:LONGEST]) for name, value in headers.items() if SPEAKS_OF_IT.search(name)]
    return sorted(pairs, key=lambda pair: pair[0].lower() not in HEADERS)


def offers(headers: Mapping[str, str]) -> list[Offer]:
    """Every digest that one of these headers holds, the first few."""
    found = (offer for name, value in signature_headers(headers) for offer in _read(name, value.strip()))
    return list(islice(found, MOST_OFFERS))


def stamps(headers: Mapping[str, str]) -> list[str]:
    """The times that were sent along, as they were written: `t=` of a signature, and headers named for it."""
    named = (value.strip() for name, value in headers.items() if "timestamp" in name.lower())
    inline = (item["value"] for _, text in signature_headers(headers) for item in _items(text) if item["name"] == "t")
    return [text for text in dict.fromkeys([*inline, *named]) if STAMP.fullmatch(text)][:3]


def message_ids(headers: Mapping[str, str]) -> list[str]:
    """The ids of the message, as Standard Webhooks sign them."""
    ids = (value.strip() for name, value in headers.items() if name.lower() in ("webhook-id", "svix-id"))
    return [text for text in ids if len(text) <= 200][:2]


def _read(name: str, value: str) -> Iterator[Offer]:
    whole = value.lower().removeprefix("sha256=")
    if DIGEST.fullmatch(whole):
        yield Offer(name, whole)
        return
    items = _items(value)
    digests = [digest for item in items if (digest := _digest(item["value"]))]
    style = _style(value, items, digests)
    for digest in digests:
        yield Offer(name, digest, style)


def _items(value: str) -> list[re.Match[str]]:
    texts = islice((text for text in re.split(r"[,;\s]+", value) if text), 16)
    return [item for text in texts if (item := ITEM.fullmatch(text))]


def _digest(text: str) -> str | None:
    if DIGEST.fullmatch(text.lower()):
        return text.lower()
    content = decoded(text) if 43 <= len(text) <= 44 else None
    return content.hex() if content is not None and len(content) == 32 else None


def decoded(text: str) -> bytes | None:
    """What *text* is in base64, either alphabet, with or without its padding; None when it is none."""
    try:
        plain = text.rstrip("=").translate(str.maketrans("-_", "+/"))
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def _style(value: str, items: Sequence[re.Match[str]], digests: Sequence[str]) -> str:
    if any(item["name"] == "t" for item in items):
        return STRIPE
    if re.match(r"v1a?,", value):
        return STANDARD
    if len(digests) > 1 and len(digests) == len(items):
        return JOINED
    return BASE64 if len(items) == 1 and not DIGEST.fullmatch(items[0]["value"].lower()) else WRAPPED


@dataclass(frozen=True, slots=True)
class Leak:
    """*place* held a webhook secret in clear. *secret_id* is None for one that is not known here."""

    place: str
    secret_id: str | None


class Known:
    """Recognises secrets in text by their digests, so that no comparison tells how much of one was guessed."""

    def __init__(self, secrets: Sequence[Secret]) -> None:
        forms = [(form, secret.id) for secret in secrets for form in _forms(secret.value)]
        self._by_digest = [(_fingerprint(form), secret_id) for form, secret_id in forms]
        self._lengths = {len(form) for form, _ in forms}

    def secret_in(self, text: str) -> str | None:
        """The id of the secret that one word of *text* is."""
        words = (one for token in islice(TOKEN.findall(text), MOST_TOKENS) for one in _words(token))
        mine = {_fingerprint(word) for word in words if len(word) in self._lengths}
        found = None
        for digest, secret_id in self._by_digest:
            if sum(hmac.compare_digest(digest, one) for one in mine):
                found = found or secret_id
        return found

    def masked(self, text: str) -> str:
        """*text* without anything that is a secret of ours, or looks like one of HeyGen's."""
        shown = LOOKS_SECRET.sub("***", text) if "whsec_" in text else text
        return TOKEN.sub(lambda token: self._masked(token[0]), shown) if self._lengths else shown

    def _masked(self, token: str) -> str:
        may_be_one = any(len(word) in self._lengths for word in _words(token))
        return "***" if may_be_one and self.secret_in(token) else token


def leak(headers: Mapping[str, str], query: str, secrets: Sequence[Secret]) -> Leak | None:
    """The first place among headers and query string that holds a webhook secret in clear."""
    known = Known(secrets)
    for place, text in _places(headers, query):
        if (secret_id := known.secret_in(text)) or LOOKS_SECRET.search(text):
            return Leak(place, secret_id)
    return None


def _places(headers: Mapping[str, str], query: str) -> Iterator[tuple[str, str]]:
    for name, value in islice(headers.items(), 100):
        yield f"the header {name[:80]}", value[:LONGEST]
        kind, _, rest = value[:LONGEST].partition(" ")
        if kind.lower() == "basic" and (content := decoded(rest.strip())):
            yield f"the header {name[:80]}", content.decode("utf-8", "replace").replace(":", " ")
    yield "the query string", unquote_plus(query[:LONGEST])


def _forms(secret: str) -> set[str]:
    """The whole and what follows the prefix; what is too short would be found everywhere."""
    return {form for form in (secret, secret.removeprefix("whsec_")) if len(form) >= SHORTEST_SECRET}


def _words(token: str) -> set[str]:
    plain = {token, token.partition("=")[2]}
    return plain | {unquote_plus(word) for word in plain if "%" in word}


def _fingerprint(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()

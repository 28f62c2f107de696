"""Why a signature is wrong: the mistakes that happen in practice, each recognised and named.

For a person who reads about the rejection, never for letting anything in. It runs on what strangers sent, so the work
is bounded whatever the body, the headers and the number of secrets.
"""

import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reelhook.events.offers import Leak, Offer, leak, message_ids, offers, signature_headers, stamps
from reelhook.events.signature import HEADERS, Claim, Secret, claims, keyed, matching, sent
from reelhook.events.signed_texts import Text, is_cut, keys, texts

MOST_BODY = 64 * 1024
MOST_SECRETS = 16
MOST_HASHED = 4 * 1024 * 1024  # some ten milliseconds
# By the number of hex digits: what other algorithms than HeyGen's make.
OTHER_ALGORITHMS = {40: "sha1", 96: "sha384", 128: "sha512"}
# Every reason that `diagnose` gives.
REASONS = (
    "no_signature", "malformed_signature", "wrong_header", "signature_format", "duplicated_signature", "secret_sent",
    "retired_secret", "secret_variant", "timestamp_signed", "body_whitespace", "empty_body", "compressed_body",
    "reserialised_json", "other_algorithm", "not_an_hmac", "truncated_body", "wrong_secret",
)  # fmt: skip


@dataclass(frozen=True)
class Diagnosis:
    """A stable *reason* for counting, and a *detail* for the person who reads it. Neither holds a secret.

    *header* carried what was judged, and *secret_id* is the secret that was recognised.
    """

    reason: str
    detail: str
    header: str | None = None
    secret_id: str | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """What was signed, with what key, and where the signature stood."""

    offer: Offer
    text: Text
    key: str | None
    secret: Secret


def diagnose(
    body: bytes, headers: Mapping[str, str], live: Sequence[Secret], retired: Sequence[Secret] = (), query: str = ""
) -> Diagnosis:
    """Why no live secret matches this delivery."""
    known = [*live, *retired][:MOST_SECRETS]
    if told := leak(headers, query, known):
        return _secret_sent(told)
    made = claims(headers)
    if made and (old := retired_signer(body, made, retired)):
        return Diagnosis("retired_secret", _is_retired(old), made[0].header, old.id)
    found = offers(headers)
    match = _search(body, headers, found, known) if found else None
    if match is not None:
        return _explained(match, retired)
    return _other_digest(body, headers, known) or _unexplained(body, headers, found, live)


def retired_signer(body: bytes, made: Sequence[Claim], retired: Sequence[Secret]) -> Secret | None:
    """The retired secret that signed *body*, when a sender still holds it. Only the newest ones are looked at."""
    return matching(body, made, retired[:MOST_SECRETS]) if made else None


def _search(body: bytes, headers: Mapping[str, str], offered: Sequence[Offer], known: Sequence[Secret]) -> Match | None:
    """The first way to come to one of these digests."""
    left = MOST_HASHED
    for text, key, secret, content in _tries(body, headers, known):
        left -= len(text.content) + 128
        if left < 0:
            return None
        want = keyed(text.content, content)
        right = [hmac.compare_digest(offer.digest, want) for offer in offered]
        if any(right):
            return Match(offered[right.index(True)], text, key, secret)
    return None


def _tries(
    body: bytes, headers: Mapping[str, str], known: Sequence[Secret]
) -> Iterator[tuple[Text, str | None, Secret, bytes]]:
    """Every text with every secret; the ways to get the key wrong only where that is the likelier mistake."""
    for text in texts(body, stamps(headers), message_ids(headers)):
        if len(body) > MOST_BODY and text.reason is not None:
            return
        wrong_keys_too = text.reason in (None, "timestamp_signed") and len(body) <= MOST_BODY
        for secret in known:
            for key, content in keys(secret.value):
                if key is None or wrong_keys_too:
                    yield text, key, secret, content


def _explained(match: Match, retired: Sequence[Secret]) -> Diagnosis:
    """All that is wrong with it in words; the reason is what has to be mended first."""
    faults = list(_faults(match, retired))
    if not faults:  # a secret that has come to life since the delivery was looked at
        faults = [("retired_secret", f"Signed with secret {match.secret.id}, which was not in force at that moment.")]
    reason, _ = faults[0]
    return Diagnosis(reason, " ".join(detail for _, detail in faults), match.offer.header, match.secret.id)


def _faults(match: Match, retired: Sequence[Secret]) -> Iterator[tuple[str, str]]:
    offer, text, secret = match.offer, match.text, match.secret
    if text.reason is not None:
        yield text.reason, _other_text(text)
    if match.key is not None:
        detail = f"Signed with {match.key} of secret {secret.id}. HeyGen signs with the secret as it is written."
        yield "secret_variant", detail
    if offer.style is not None:
        reason = "duplicated_signature" if "joined" in offer.style else "signature_format"
        yield reason, f"The header {offer.header} holds the signature {offer.style}; HeyGen sends 64 hex digits alone."
    if offer.header.lower() not in HEADERS:
        yield "wrong_header", f"Sent {offer.header}, which HeyGen does not use; the header is named {HEADERS[0]}."
    if secret in retired:
        yield "retired_secret", _is_retired(secret)


def _other_text(text: Text) -> str:
    if text.reason == "reserialised_json":
        return (
            f"The signature matches the body {text.name}: somebody on the way, or the signer, rewrote the JSON. "
            "The bytes that are sent must be the bytes that were signed."
        )
    if text.reason == "body_whitespace":
        return f"The signature matches the body {text.name}: whitespace was added or lost after it was signed."
    if text.reason == "empty_body":
        return "The signature matches an empty body: the signer had already read the body away, or signed before it."
    if text.reason == "compressed_body":
        return f"The signature matches {text.name}: it was compressed after it was signed."
    return f"What was signed is {text.name}; HeyGen signs the body alone."


def _is_retired(secret: Secret) -> str:
    return f"Signed with secret {secret.id}, which is retired here: the sender still holds the old one."


def _secret_sent(told: Leak) -> Diagnosis:
    which = f"the webhook secret {told.secret_id}" if told.secret_id else "a text that looks like a webhook secret"
    detail = (
        f"{told.place[0].upper()}{told.place[1:]} holds {which} itself. It is a key to sign with and must never be "
        "sent: whoever saw this request can forge deliveries now."
    )
    return Diagnosis("secret_sent", detail, secret_id=told.secret_id)


def _other_digest(body: bytes, headers: Mapping[str, str], known: Sequence[Secret]) -> Diagnosis | None:
    """A digest of another kind: another algorithm, or no key in it."""
    if len(body) > MOST_BODY:
        return None
    for name, value in signature_headers(headers)[:4]:
        digest = value.strip().lower().rpartition("=")[2]
        if not digest.isascii():
            continue
        algorithm = OTHER_ALGORITHMS.get(len(digest))
        for secret in known:
            key = secret.value.encode("utf-8", "surrogateescape")
            if algorithm and hmac.compare_digest(digest, hmac.digest(key, body, algorithm).hex()):
                detail = f"{name} holds an HMAC with {algorithm.upper()} by secret {secret.id}; HeyGen uses SHA-256."
                return Diagnosis("other_algorithm", detail, name, secret.id)
            mixed = (hashlib.sha256(content).hexdigest() for content in (key + body, body + key))
            if sum([hmac.compare_digest(digest, one) for one in mixed]):
                detail = f"{name} holds a plain SHA-256 of body and secret {secret.id} put together, which is no HMAC."
                return Diagnosis("not_an_hmac", detail, name, secret.id)
        if hmac.compare_digest(digest, hashlib.sha256(body).hexdigest()):
            detail = f"{name} holds the plain SHA-256 of the body: no secret went into it, so anybody can make it."
            return Diagnosis("not_an_hmac", detail, name)
    return None


def _unexplained(
    body: bytes, headers: Mapping[str, str], offered: Sequence[Offer], live: Sequence[Secret]
) -> Diagnosis:
    if not claims(headers):
        return _without_claim(headers, offered)
    if cut := _cut(body, headers):
        return Diagnosis("truncated_body", cut, offered[0].header)
    return Diagnosis("wrong_secret", _matches_none(live), offered[0].header)


def _without_claim(headers: Mapping[str, str], offered: Sequence[Offer]) -> Diagnosis:
    if present := sent(headers):
        name, value = present[0]
        detail = f"The header {name} holds {len(value.strip())} characters that are not 64 hex digits"
        of_it = next((offer for offer in offered if offer.header.lower() == name), None)
        detail += f", but a digest {of_it.style} that no secret known here made." if of_it else "."
        return Diagnosis("malformed_signature", detail, name)
    if wrong := signature_headers(headers):
        name = wrong[0][0]
        detail = (
            f"Sent {name[:80]}, which HeyGen does not use; the header is named {HEADERS[0]}. "
            "What it holds was made by no secret known here either."
        )
        return Diagnosis("wrong_header", detail, name)
    detail = "No signature header. Posts to a per-request callback_url are never signed: use the callback address."
    return Diagnosis("no_signature", detail)


def _cut(body: bytes, headers: Mapping[str, str]) -> str | None:
    """How the body shows that a part of it is missing."""
    declared = next((value.strip() for name, value in headers.items() if name.lower() == "content-length"), "")
    if declared.isascii() and declared.isdigit() and len(declared) < 12 and int(declared) != len(body):
        return f"Content-Length says {int(declared)} bytes, and the body has {len(body)}: it is not what was sent."
    if len(body) <= MOST_BODY and is_cut(body):
        return f"The body begins as JSON and breaks off after {len(body)} bytes: its end was lost on the way."
    return None


def _matches_none(live: Sequence[Secret]) -> str:
    if not live:
        return "No webhook secret is known here. Set REELHOOK_HEYGEN_WEBHOOK_SECRETS, or run `reelhook register`."
    known = f"matches none of the {len(live)} secrets" if len(live) > 1 else "does not match the secret"
    return (
        f"The signature {known} known here: it was made with that of another endpoint, with one rotated elsewhere, or "
        "over a body that changed on the way."
    )

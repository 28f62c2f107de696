"""Why a delivery was refused, in the words that help most to repair it.

This runs only after the signature did not match, on input that is not trusted: work is bounded, and nothing here ever
lets a delivery in.
"""

import base64
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from reelhook.heygen.lenient import cleaned
from reelhook.heygen.signature import HEADERS, Claim, Secret, claims, keyed, matching, sent

MOST_BODY = 64 * 1024
MOST_SECRETS = 16
PREFIX = "whsec_"
# Headers that public code looks for, but that HeyGen does not send.
WRONG_HEADERS = ("x-heygen-signature", "x-signature")


@dataclass(frozen=True)
class Diagnosis:
    """A stable *reason* for counting, and a *detail* for the person who reads it. Neither holds a secret."""

    reason: str
    detail: str


def diagnose(
    body: bytes, headers: Mapping[str, str], live: Sequence[Secret], retired: Sequence[Secret] = ()
) -> Diagnosis:
    """Why no live secret matches this delivery."""
    made = claims(headers)
    if not made:
        return _without_claim(headers)
    if old := retired_signer(body, made, retired):
        detail = f"Signed with secret {old.id}, which is retired here: the sender still holds the old one."
        return Diagnosis("retired_secret", detail)
    known = [*live, *retired][:MOST_SECRETS]
    if len(body) <= MOST_BODY and (how := _other_body(body, made, known) or _other_key(body, made, known)):
        return how
    return _wrong_secret(live)


def retired_signer(body: bytes, made: Sequence[Claim], retired: Sequence[Secret]) -> Secret | None:
    """The retired secret that signed *body*, when a sender still holds it. Only the newest ones are looked at."""
    return matching(body, made, retired[:MOST_SECRETS]) if made else None


def _without_claim(headers: Mapping[str, str]) -> Diagnosis:
    if present := sent(headers):
        name, value = present[0]
        detail = f"The header {name} holds {len(value.strip())} characters that are not 64 hex digits."
        return Diagnosis("malformed_signature", detail)
    wrong = next((name for name in headers if name.lower() in WRONG_HEADERS), None)
    if wrong:
        return Diagnosis("no_signature", f"Sent {wrong}, which HeyGen does not use; the header is named {HEADERS[0]}.")
    detail = "No signature header. Posts to a per-request callback_url are never signed: use the callback address."
    return Diagnosis("no_signature", detail)


def _other_body(body: bytes, made: Sequence[Claim], secrets: Sequence[Secret]) -> Diagnosis | None:
    for name, variant in _bodies(body):
        if matching(variant, made, secrets):
            detail = (
                f"The signature matches the body {name}: somebody on the way, or the signer, rewrote the JSON. "
                "The bytes that are sent must be the bytes that were signed."
            )
            return Diagnosis("reserialised_json", detail)
    return None


def _bodies(body: bytes) -> Iterator[tuple[str, bytes]]:
    yield "without surrounding whitespace", body.strip()
    try:
        value = json.loads(body)
        cleaned(value)  # refuses what nests too deeply, before it is written again
    except (ValueError, RecursionError):
        return
    layouts = {"compact": (",", ":"), "spaced": (", ", ": ")}
    for layout, in_order, escaped in product(layouts, (False, True), (False, True)):
        name = f"re-serialised as {layout} JSON" + ", keys sorted" * in_order + ", non-ASCII escaped" * escaped
        text = json.dumps(value, separators=layouts[layout], sort_keys=in_order, ensure_ascii=escaped)
        yield name, text.encode("utf-8", "surrogatepass")


def _other_key(body: bytes, made: Sequence[Claim], secrets: Sequence[Secret]) -> Diagnosis | None:
    for secret in secrets:
        for name, key in _keys(secret.value):
            want = keyed(body, key)
            if any(hmac.compare_digest(claim.digest, want) for claim in made):
                detail = f"Signed with {name} of secret {secret.id}. HeyGen signs with the secret as it is written."
                return Diagnosis("secret_variant", detail)
    return None


def _keys(secret: str) -> Iterator[tuple[str, bytes]]:
    """The ways in which people get the key wrong, each with its name."""
    bare = secret.removeprefix(PREFIX)
    whole = secret.encode("utf-8", "surrogateescape")
    yield "a trailing newline at the end", whole + b"\n"
    yield "a trailing carriage return at the end", whole + b"\r\n"
    yield "quotation marks around the text", b'"' + whole + b'"'
    yield f"the text after {PREFIX}", bare.encode("utf-8", "surrogateescape")
    yield f"{PREFIX} before the text", f"{PREFIX}{bare}".encode("utf-8", "surrogateescape")
    try:
        yield "the base64-decoded key (as Standard Webhooks do)", base64.b64decode(bare + "=" * (-len(bare) % 4))
    except ValueError:
        return


def _wrong_secret(live: Sequence[Secret]) -> Diagnosis:
    if not live:
        detail = "No webhook secret is known here. Set REELHOOK_HEYGEN_WEBHOOK_SECRETS, or run `reelhook register`."
        return Diagnosis("wrong_secret", detail)
    known = f"the {len(live)} secrets" if len(live) > 1 else "the secret"
    detail = (
        f"The signature matches none of {known} known here: the secret of another endpoint, one rotated elsewhere, "
        "or a body changed on the way."
    )
    return Diagnosis("wrong_secret", detail)

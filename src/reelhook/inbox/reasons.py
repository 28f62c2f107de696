"""Every reason for which a webhook is refused: what it means in plain words, and what to do about it.

The one place for these words: the API, the dashboard and docs/front-door.md all show this table.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """*title* is for a list, *advice* for the person who has to mend it."""

    title: str
    advice: str


OTHER = Reason("Refused", "Look at the detail of this request.")

REASONS: dict[str, Reason] = {
    "no_signature": Reason(
        "No signature",
        "Register this address at HeyGen (`reelhook register`): only what comes to a registered endpoint is signed. If "
        "it came from a `callback_url`, use the callback address that Reelhook made for the video. Else it is a "
        "stranger.",
    ),
    "wrong_header": Reason(
        "Signature in another header",
        "Send the signature as `signature`. Old examples speak of X-HeyGen-Signature, which HeyGen does not send; a "
        "proxy on the way may also have renamed it.",
    ),
    "malformed_signature": Reason(
        "The signature is not one",
        "Send HMAC-SHA256 as 64 hex digits. If the request came from HeyGen, see which proxy shortens or rewrites "
        "headers.",
    ),
    "signature_format": Reason(
        "Right signature, written differently",
        "Write the digest as 64 lower-case hex digits and nothing else: no base64, no `t=`, no `v1,`.",
    ),
    "duplicated_signature": Reason(
        "Several signatures in one header",
        "Two headers of one name were joined on the way. Let the proxy pass `signature` on once, as it came.",
    ),
    "secret_sent": Reason(
        "The secret itself was sent",
        "Rotate the secret (`reelhook rotate-secret`), for it is known to whoever saw the request. Then sign the body "
        "with the new one: the secret is a key and is never sent.",
    ),
    "retired_secret": Reason(
        "Signed with a retired secret",
        "Give the sender the secret that is in force, or take this one back into REELHOOK_HEYGEN_WEBHOOK_SECRETS if it "
        "was removed by mistake.",
    ),
    "wrong_secret": Reason(
        "Signed with an unknown secret",
        "Compare the endpoint's secret at HeyGen with REELHOOK_HEYGEN_WEBHOOK_SECRETS: every endpoint has its own. If "
        "it is lost, `reelhook rotate-secret` makes a new one.",
    ),
    "secret_variant": Reason(
        "Right secret, used wrongly",
        "Use the whole secret as text, `whsec_` included: no base64 decoding, no quotation marks, no newline after it.",
    ),
    "timestamp_signed": Reason(
        "More than the body was signed",
        "Sign the body alone. That time or id are signed too is the way of Stripe, Slack and Standard Webhooks, not of "
        "HeyGen.",
    ),
    "body_whitespace": Reason(
        "Whitespace changed after signing",
        "Send exactly the bytes that were signed. Editors and `echo` add a newline; use `printf` and `--data-binary`.",
    ),
    "empty_body": Reason(
        "An empty body was signed",
        "Sign the raw body before anything reads it away, and send that same body.",
    ),
    "compressed_body": Reason(
        "Compressed after signing",
        "Switch off compression of requests between the signer and Reelhook, or sign the compressed bytes.",
    ),
    "reserialised_json": Reason(
        "The JSON was rewritten after signing",
        "Sign and pass on the raw bytes. Whatever parses the JSON and writes it again, be it a proxy, a function or "
        "`JSON.stringify(req.body)`, breaks the signature.",
    ),
    "other_algorithm": Reason("Another algorithm", "Use HMAC with SHA-256."),
    "not_an_hmac": Reason(
        "A digest without a key",
        "Use HMAC-SHA256 with the secret as key, not a hash of the body or of secret and body put together.",
    ),
    "truncated_body": Reason(
        "A part of the body is missing",
        "See which proxy limits or cuts request bodies. In a check by hand, copy the whole body.",
    ),
    "not_examined": Reason(
        "Refused, not looked into",
        "Many large requests with a wrong signature came at once. Send it again, or check the signature by hand.",
    ),
    "unknown_callback_token": Reason(
        "Unknown callback address",
        "This address was not made by this Reelhook, or REELHOOK_SECRET_KEY has changed since. Nothing is lost: the "
        "video is asked about all the same.",
    ),
    "address_refused": Reason(
        "Address not allowed",
        "If the sender is HeyGen, add its network to REELHOOK_INGEST_ALLOW. Behind a proxy, see that "
        "REELHOOK_TRUSTED_PROXIES names it.",
    ),
    "too_many_wrong_requests": Reason(
        "Too many wrong requests",
        "This address sent many requests that were unsigned or wrong. Mend the reason of the earlier ones; "
        "REELHOOK_INGEST_WRONG_RATE sets the limit.",
    ),
    "service_limit": Reason(
        "Over the limit of the service",
        "Nothing: HeyGen comes again. If it happens often, raise REELHOOK_INGEST_RATE.",
    ),
    "no_secret": Reason(
        "No secret is known here",
        "Run `reelhook register`, or set REELHOOK_HEYGEN_WEBHOOK_SECRETS. HeyGen comes again for a day.",
    ),
    "secret_changing": Reason(
        "The secret is being changed",
        "Nothing: HeyGen comes again, and the new secret will be known by then.",
    ),
    "database_unavailable": Reason(
        "The database was away",
        "Nothing about the request: HeyGen comes again. See /readyz and docs/trouble.md for the database.",
    ),
    "body_too_large": Reason(
        "The body is too large",
        "HeyGen sends a few kilobytes; at most 1 MiB is taken. Such a post is not from HeyGen.",
    ),
    "body_too_slow": Reason(
        "The body came too slowly",
        "The body must arrive within ten seconds. See what holds it back on the way; HeyGen comes again.",
    ),
    "sender_gone": Reason(
        "The sender hung up",
        "The connection ended before the body was whole. HeyGen comes again; if it happens often, look at the proxy.",
    ),
}


def reason(code: str) -> Reason:
    """What is known of this reason; for one of an earlier version something general."""
    return REASONS.get(code, OTHER)

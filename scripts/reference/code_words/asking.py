"""What whoever asks Reelhook may be told."""

from collections.abc import Mapping

from scripts.reference.code_words.words import Words

CHAPTERS: Mapping[str, Mapping[str, Words]] = {
    "Any request of the API": {
        "unauthorized": Words(
            "Nobody is signed in, or the key, token or session is not good (any more).",
            "Sign in, or send a key that is alive as `Authorization: Bearer rhk_…` ([access](../access.md)).",
        ),
        "forbidden": Words(
            "The role or key may not do this.",
            "See which scope the operation asks for ([access](../access.md)) and use a key or role that has it.",
        ),
        "not_found": Words(
            "There is nothing with this id or at this address, or nothing that you may see.",
            "Compare the id. Somebody else's video looks exactly like one that does not exist.",
        ),
        "method_not_allowed": Words("This address does not take this method.", "Look it up in the [API](api.md)."),
        "wrong_input": Words(
            "The request is not what the operation takes. `faults` names each fault by its path.",
            "Mend what `faults` names. The same request gets the same answer.",
        ),
        "bad_request": Words(
            "Headers that contradict themselves: two `Authorization`, or a `Content-Length` that is no number.",
            "Send each header once. A proxy may have added the second one.",
        ),
        "http_error": Words("The server could not read the request.", "See `detail`, and how your client builds it."),
        "body_too_large": Words(
            "More than this door takes: 1 MiB for webhooks and the API.",
            "Send less. HeyGen sends a few kilobytes; a larger webhook is not HeyGen's.",
        ),
        "body_too_slow": Words(
            "The body did not arrive within ten seconds.", "See what holds it back on the way, such as a proxy."
        ),
        "header_too_large": Words("More than 32 KiB of header lines.", "Send fewer cookies and shorter headers."),
        "header_too_slow": Words(
            "The header did not end within ten seconds.",
            "See what holds it back on the way. Nothing was read of the request.",
        ),
        "conflict": Words(
            "What is there does not allow it: it is done already, or in another state; `detail` says what.",
            "Read it anew and decide again.",
        ),
        "too_many_requests": Words(
            "More requests than `REELHOOK_API_RATE` allows for one person or key.",
            "Wait as long as `Retry-After` says ([rate limits](../rate-limits.md)).",
        ),
        "idempotency_key_reused": Words(
            "This `Idempotency-Key` came before, with another request.",
            "Take a new key for a new request; repeat a request with exactly the same body.",
        ),
        "unavailable": Words(
            "Something that this request needs is away for a while.", "Come again after `Retry-After`; see `/readyz`."
        ),
        "database_unavailable": Words(
            "The database takes nothing just now. A webhook answered so is not lost: HeyGen comes again for a day.",
            "See `/readyz` and [the database's table](../trouble.md#the-database).",
        ),
        "limits_unavailable": Words(
            "Signing in is closed while Redis, which counts the tries at all servers, does not answer.",
            "Start Redis; nothing else is needed.",
        ),
        "internal_error": Words(
            "A fault that nobody foresaw.",
            "Its traceback is in the log and on the page Errors ([errors](../errors.md)). Report it, please.",
        ),
    },
    "Browsers and signing in": {
        "csrf": Words(
            "A change was asked for with a cookie, but not by our own page.",
            "Programs use a key. For the dashboard, set `REELHOOK_PUBLIC_URL` to the address in the browser.",
        ),
        "foreign_origin": Words(
            "A page of another origin came with our cookie.",
            "Use a stream token in pages of your own ([SDK](../sdk.md)).",
        ),
        "origin_not_allowed": Words(
            "A browser asks whether a page of another origin may call us, and it may not.",
            "Name its origin in `REELHOOK_CORS_ORIGINS`.",
        ),
        "sign_in_refused": Words(
            "Unknown address, wrong password or disabled account: nobody is told which.",
            "Try again, or ask an admin for a link ([people](../people.md)).",
        ),
        "link_unusable": Words(
            "A one-time link that was used, replaced or has ended.", "Ask for another one ([people](../people.md))."
        ),
        "setup_required": Words(
            "The link makes the first admin.", "Send it again with an e-mail address and a password, as the page does."
        ),
        "password_required": Words(
            "The link is an invitation or for a new password.",
            "Send it again with the password that is to be set, as the page does.",
        ),
        "wrong_password": Words("The present password is not this one.", "Type it again, or have a reset link made."),
        "no_password": Words(
            "The account has no password: it signs in by a provider or a link.", "A sign-in link can set one."
        ),
        "not_a_person": Words(
            "A key asked for what only a person has, such as notifications.", "Sign in as a person for that."
        ),
        "email_taken": Words(
            "Somebody has this e-mail address already.", "Change that person, or use another address."
        ),
        "erased": Words("The person was erased, for good.", "Make a new person."),
        "last_admin": Words("Nobody would be left who may do everything.", "Make another admin first."),
        "key_ended": Words("The API key was revoked or has expired.", "Make a new one ([access](../access.md))."),
        "token_expired": Words(
            "The stream token's time is over.",
            "Have your backend ask for another one and come back with the last id ([streams](../streams.md)).",
        ),
        "link_revoked": Words(
            "A link to a file whose giver has lost the access.", "Ask for another link ([links](../media-links.md))."
        ),
        "oidc_off": Words("No provider is set.", "Set `REELHOOK_OIDC_ISSUER` ([OIDC](../oidc.md))."),
        "oidc_unavailable": Words(
            "The provider does not answer, or not in a way that makes sense.",
            "`reelhook doctor` tries it. Passwords and links work meanwhile.",
        ),
        "oidc_expired": Words(
            "This browser did not begin this sign-in, or too long ago.", "Begin again at the sign-in page."
        ),
        "oidc_denied": Words("The provider said no.", "Ask who runs the provider to let you use this service."),
        "oidc_refused": Words(
            "What the provider said does not stand: not for us, not now, or not signed by it.",
            "Compare issuer, client id, secret and the clock ([OIDC](../oidc.md)).",
        ),
        "oidc_no_email": Words(
            "Somebody new, without a verified e-mail address.", "Have the provider verify and tell the address."
        ),
        "oidc_not_invited": Words(
            "Somebody new, and newcomers are not let in.", "Invite them, or set `REELHOOK_OIDC_ROLE`."
        ),
        "oidc_other_identity": Words(
            "The address belongs to somebody whom the provider knows under another subject.",
            "An admin looks who that is ([OIDC](../oidc.md)).",
        ),
        "oidc_disabled": Words("The account is disabled.", "An admin can enable it again."),
    },
}

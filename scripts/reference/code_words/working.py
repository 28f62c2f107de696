"""What may go wrong while Reelhook works: at HeyGen, on the way of a file, in a job, at a start."""

from collections.abc import Mapping

from scripts.reference.code_words.words import Words

CHAPTERS: Mapping[str, Mapping[str, Words]] = {
    "Asking HeyGen": {
        "no_api_key": Words("HeyGen cannot be asked: there is no API key.", "Set `REELHOOK_HEYGEN_API_KEY`, restart."),
        "no_heygen_api_key": Words("The same, at the endpoints of HeyGen's webhooks.", "The same."),
        "heygen_unauthorized": Words(
            "HeyGen does not accept the API key. Work waits for it.",
            "Set a key that works and restart ([runbook](../runbooks/heygen_key_refused.md)).",
        ),
        "heygen_refused": Words(
            "HeyGen understood and said no; `outside_code` and the words are HeyGen's.",
            "Mend what it names (credit, avatar, voice, text) and ask anew.",
        ),
        "heygen_video_not_found": Words(
            "HeyGen knows no such video.", "Compare the id, and that the key is of the account that made it."
        ),
        "heygen_busy": Words(
            "Too many requests, or too many renders at once for the plan.",
            "Nothing: work waits and goes on by itself.",
        ),
        "heygen_request_in_progress": Words(
            "An earlier request with the same key still runs at HeyGen.", "Nothing: it is asked again."
        ),
        "heygen_unavailable": Words(
            "HeyGen was not reached, or answered something that is no answer.",
            "Nothing: work waits. If it stays, see status and network; `reelhook doctor` tries it.",
        ),
        "already_registered": Words(
            "HeyGen has the address already: with a secret that is not known here, or for other event types.",
            "`reelhook rotate-secret` with the id in `detail`; for other types delete that endpoint, register again.",
        ),
        "endpoint_check_failed": Words(
            "HeyGen looked at `REELHOOK_PUBLIC_URL` and did not like it.",
            "It must be https, public, and answer OPTIONS quickly; the answer says what HeyGen saw.",
        ),
        "no_secret_told": Words(
            "HeyGen made the endpoint but its secret did not come with the answer.", "`reelhook rotate-secret`."
        ),
        "change_unfinished": Words(
            "HeyGen's answer was lost, so nobody knows whether it did it.",
            "Repeat the same command within a day: the same key is sent, and nothing is done twice.",
        ),
        "already_reconciling": Words("Another reconciliation is under way.", "Try again in a minute."),
        "not_confirmed": Words(
            "HeyGen does not say (yet) what an unsigned callback claims.", "Nothing: it is asked again."
        ),
        "gave_up_waiting": Words(
            "A video's `failure.code`: HeyGen had not finished it after `REELHOOK_GIVE_UP_H`.",
            "Nothing: when it comes after all, it is kept. Or retry it, which makes a new one.",
        ),
        "unknown": Words(
            "A video's `failure.code`: HeyGen gave none. Other codes there are HeyGen's own.",
            "Read `failure.message`, and the video at HeyGen.",
        ),
    },
    "Fetching and keeping files": {
        "fetch_failed": Words("The file's host was not reached, or broke off.", "Nothing: it goes on where it ended."),
        "no_link": Words("No link to the file is known yet.", "Nothing: HeyGen is asked again."),
        "link_expired": Words(
            "In a job: the host gives the file out no more, and a fresh link is asked for. As an answer (410): a "
            "signed link to a stored file has ended.",
            "In a job nothing; else ask for another link ([links](../media-links.md)).",
        ),
        "link_used_up": Words(
            "The link has ended, and nobody can be asked for a fresh one.",
            "Set `REELHOOK_HEYGEN_API_KEY`, restart, retry the video.",
        ),
        "redirect_loop": Words(
            "The link leads from address to address without end.", "Nothing: a fresh one is asked for."
        ),
        "content_changed": Words("The file became another one while it was read.", "Nothing: it is fetched anew."),
        "download_too_slow": Words(
            "Longer than `REELHOOK_DOWNLOAD_LIMIT_S`.", "Look at the line; raise the setting for very large films."
        ),
        "cut_off": Words("The film is longer than what was served.", "Nothing: a fresh link is asked for."),
        "not_media": Words(
            "What was served is empty, a web page or another kind of file.",
            "Nothing at first; when the video is `unarchived`, look at it at HeyGen and retry.",
        ),
        "address_refused": Words(
            "A link leads to an address, a port or a host that is not fetched from.",
            "See [which links are followed](../trouble.md#files-that-are-not-the-video).",
        ),
        "too_large": Words("Larger than `REELHOOK_VIDEO_MAX_BYTES`.", "Raise it, restart, retry the video."),
        "heygen_says_failed": Words(
            "HeyGen says that the video failed, though an event said that it succeeded.", "Look at it at HeyGen."
        ),
        "not_stored": Words("The file is not in its store yet, so there is nothing to link to.", "Wait for `ready`."),
        "source_not_loaded": Words("Cloudinary could not fetch the file itself.", "Nothing: it is relayed instead."),
        "store_unavailable": Words("The store was not reached, or is in trouble.", "`reelhook doctor` tries it."),
        "store_full": Words("No room left in the store.", "Make room; work waits and goes on by itself."),
        "store_unauthorized": Words("The store does not take our key.", "Mend its setting, restart."),
        "store_refused": Words(
            "The store said no to this file; its words are in the job.", "Mend that, retry the job."
        ),
        "plan_limit": Words("Larger than what the store's plan allows.", "Another plan, or another store; then retry."),
        "not_verified": Words("What was stored is not what was sent.", "Nothing: it is stored again."),
        "other_bytes_stored": Words("Another file had our name there.", "Nothing: it is replaced, once."),
        "wrong_bytes_stored": Words(
            "Even after that, the stored file is another one.",
            "See who else writes there: an upload preset, an eager rule. Then retry the video.",
        ),
    },
    "Work": {
        "took_too_long": Words(
            "The attempt did not end in its time.", "Nothing; if it repeats, see what it waits for."
        ),
        "cancelled": Words("Something inside was cancelled, and not by us.", "Nothing: it is tried again."),
        "worker_died": Words(
            "The process that ran the attempt ended without a word.",
            "Nothing; if it repeats, look at memory and at the log of that process.",
        ),
        "postponed": Words("The work waits for something outside that is down.", "Nothing: no attempt is used up."),
        "unreadable_work": Words("Another version wrote this job.", "End the deploy: all processes one version."),
        "unexpected": Words("A fault that nobody foresaw.", "See the page Errors ([errors](../errors.md))."),
    },
    "Telling people and systems": {
        "outcome_unknown": Words("Handed over, and no answer: it may have arrived.", "Send it again if it did not."),
        "channel_missing": Words("This process does not know the channel.", "Give all processes the same settings."),
        "channel_not_set_up": Words("The channel is not set up, or nothing of yours takes it.", "Set it up first."),
        "not_to_repeat": Words("It was sent, or is about to be.", "Nothing."),
        "secret_sealed": Words(
            "A stored secret cannot be opened with the present keys.",
            "Put the earlier key back behind the newer one in `REELHOOK_SECRET_KEY` ([secrets](../secrets.md)).",
        ),
        "endpoint_unavailable": Words(
            "Your endpoint was not reached, or answered 5xx or 429.", "Nothing: again later."
        ),
        "endpoint_refused": Words(
            "Your endpoint answered something else than 2xx.", "Mend it ([webhooks out](../outbound-webhooks.md))."
        ),
        "endpoint_address_refused": Words(
            "Your endpoint's name leads to an address that is not public.", "Name it in `REELHOOK_FETCH_ALLOW`."
        ),
        "push_service_unavailable": Words("The push service was not reached, or is busy.", "Nothing: again later."),
        "push_refused": Words("The push service does not take this message.", "Nothing; the others are sent."),
        "push_subscription_gone": Words("The browser listens no more.", "Nothing: it is forgotten."),
        "push_address_refused": Words(
            "The push service's address is not public.", "Name it in `REELHOOK_FETCH_ALLOW` if it is yours."
        ),
        "chat_unreached": Words("The chat service was not reached.", "Nothing: again later."),
        "chat_busy": Words("The chat service says: not now.", "Nothing: again later."),
        "chat_refused": Words("The chat's address is wrong or was taken back.", "Give the chat another address."),
        "chat_not_installed": Words("Chats need an extra.", "`pip install 'reelhook[chat]'`."),
        "mail_server_unreached": Words(
            "No mail server, or none that encrypts.", "See [mail](../trouble.md#e-mail-to-people)."
        ),
        "mail_outcome_unknown": Words("The letter was handed over, and no answer came.", "Ask whether it arrived."),
        "mail_login_refused": Words("Wrong name or password.", "Mend `REELHOOK_SMTP_URL`, restart."),
        "mail_deferred": Words("The mail server says: not now.", "Nothing: again later."),
        "mail_refused": Words("The mail server never takes this letter.", "See address and `REELHOOK_MAIL_FROM`."),
        "mail_not_set_up": Words("The letter needs settings that this process lacks.", "Give them to all processes."),
    },
    "Starting, and commands": {
        "wrong_setting": Words("A setting that cannot be used; the line names it.", "See [settings](settings.md)."),
        "wrong_schema": Words(
            "The database has another schema than this version.", "`reelhook migrate`, or the newer Reelhook."
        ),
        "database_owned": Words(
            "Another process has the database.",
            "Stop it, or use Postgres and Redis for several ([cluster](../cluster.md)).",
        ),
        "keeps_dying": Words("A process ends again and again after its start.", "The lines above say why."),
        "refused": Words("The server said no to the command, in its own words.", "Do what they say."),
        "backup_failed": Words(
            "The backup could not be written, or is not right. Nothing of it is left.", "See the words."
        ),
        "backup_exists": Words("The folder exists.", "Name one that is not there yet."),
        "backup_running": Words("Another backup is being made.", "Wait until it has ended."),
        "backup_given_up": Words("It was stopped before it ended. Nothing of it is left.", "Run it again."),
        "embedded_only": Words("With Postgres, backups are Postgres's.", "`pg_dump` ([backup](../backup.md))."),
        "database_exists": Words("A database is in the place.", "`--force` moves it aside."),
        "not_restored": Words("The backup is damaged, or of another version. Nothing was touched.", "Another backup."),
    },
}

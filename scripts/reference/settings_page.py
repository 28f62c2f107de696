"""docs/reference/settings.md: every setting, what it may be, what it is when nobody says, and where it is explained."""

from collections.abc import Mapping

from scripts.reference.table import table

from reelhook.settings import PREFIX, Settings, masked

HEAD = """# Settings

Every setting is an environment variable `REELHOOK_…`; or a file named by `REELHOOK_…_FILE`, which is how secrets
are handed over; or a line in the TOML file named by `REELHOOK_CONFIG`, where the names are without `REELHOOK_`, in
either case. The first of these that says something wins. Lists are separated by commas. An empty text is a setting
that is not set, and a name that does not exist stops the start and says what was probably meant.

`reelhook config` prints what is in force, with secrets masked; `reelhook doctor` checks it against the real
services. `STORE` is `STORES` with one entry. `REELHOOK_SKIP_WEB=1` matters only while Reelhook is built: it leaves
the web app out.
"""
# Each chapter with the page that explains it, and its settings.
CHAPTERS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("The service", "deployment.md"): ("database_url", "redis_url", "public_url", "drain_s", "worker_slots"),
    ("HeyGen", "secrets.md"): (
        "heygen_api_key",
        "heygen_base_url",
        "heygen_webhook_secrets",
        "secret_overlap_h",
        "give_up_h",
    ),
    ("Keeping the videos", "fetching.md"): (
        "stores",
        "cloudinary_url",
        "cloudinary_remote_fetch",
        "s3_endpoint",
        "s3_region",
        "s3_access_key_id",
        "s3_secret_access_key",
        "download_limit_s",
        "video_max_bytes",
        "fetch_allow",
        "fetch_hosts",
    ),
    ("The front door", "allowlist.md"): (
        "ingest_allow",
        "ingest_allow_mode",
        "trusted_proxies",
        "ingest_rate",
        "ingest_wrong_rate",
    ),
    ("Who gets in", "access.md"): (
        "secret_key",
        "api_rate",
        "cors_origins",
        "embed_origins",
        "oidc_issuer",
        "oidc_client_id",
        "oidc_client_secret",
        "oidc_name",
        "oidc_role",
    ),
    ("Live streams", "streams.md"): ("streams_per_person", "stream_compression"),
    ("E-mail", "people.md"): ("smtp_url", "mail_from"),
    ("How long things are kept", "retention.md"): (
        "dedup_days",
        "event_days",
        "most_events",
        "rejection_days",
        "most_rejections",
        "timeline_days",
        "stream_days",
        "most_updates",
        "outgoing_days",
        "incident_days",
        "error_days",
        "notification_days",
        "analytics_days",
        "job_days",
        "audit_days",
    ),
    ("Logs, metrics and traces", "logs.md"): (
        "log_format",
        "log_level",
        "log_levels",
        "log_redact",
        "metrics_allow",
        "metrics_bind",
        "tracing",
        "sentry_dsn",
    ),
}


def page() -> str:
    """The whole page."""
    shown = masked(Settings())
    chapters = (_chapter(title, link, names, shown) for (title, link), names in CHAPTERS.items())
    return "\n".join([HEAD, *chapters])


def _chapter(title: str, link: str, names: tuple[str, ...], shown: Mapping[str, object]) -> str:
    rows = (_row(name, shown[PREFIX + name.upper()]) for name in names)
    return f"## {title}\n\nMore: [{link}](../{link}).\n\n" + table(("setting", "when unset", "what it says"), rows)


def _row(name: str, usual: object) -> tuple[str, str, str]:
    return f"`{PREFIX}{name.upper()}`", _usual(usual), Settings.model_fields[name].description or ""


def _usual(value: object) -> str:
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, list | tuple):
        value = ",".join(map(str, value))
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`" if value not in (None, "", {}) else "not set"

"""How long HeyGen's links live. They carry it themselves, in the manner of CloudFront or of S3."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

# Of a link that does not say. HeyGen documents seven days for v1 and v2, and no number for v3: it may be hours.
ASSUMED_LIFE = timedelta(hours=24)


def expires_at(url: str) -> datetime | None:
    """When the link says that it ends: `Expires=` (CloudFront) or `X-Amz-Date=` and `X-Amz-Expires=` (S3)."""
    try:
        query = {name.lower(): values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        if "expires" in query:
            return datetime.fromtimestamp(int(query["expires"]), UTC)
        begins = datetime.strptime(query["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return begins + timedelta(seconds=int(query["x-amz-expires"]))
    except (KeyError, ValueError, OverflowError, OSError):
        return None


def dies_at(url: str | None, now: datetime) -> datetime:
    """The same, or what is assumed; also of a link that nobody has told yet."""
    return (expires_at(url) if url else None) or now + ASSUMED_LIFE

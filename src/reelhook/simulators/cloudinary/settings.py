"""The switches of the simulated cloud."""

from dataclasses import dataclass, field


@dataclass
class Settings:
    """How the simulated cloud behaves; defaults are those of a paid plan (assumption)."""

    video_max_bytes: int = 2_000_000_000
    """The plan's limit for one video; a free plan has 104857600."""
    body_max_bytes: int = 100_000_000
    """The longest request, chunked or not."""
    processing_s: float = 0.5
    """How long an `async` upload, or an eager transformation, takes."""
    fetch_timeout_s: float = 60.0
    notification_retries_s: list[float] = field(default_factory=lambda: [180.0, 360.0, 540.0])
    """Pauses between the attempts to deliver a notification."""

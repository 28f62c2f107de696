"""What shall become of the videos that are created next, and how the account behaves."""

from dataclasses import dataclass, field
from typing import Literal

from reelhook.simulators.clips import MAX_BYTES, clip_names, smallest_bytes
from reelhook.simulators.faults import Fault
from reelhook.simulators.heygen.faults import KINDS
from reelhook.simulators.records import RecordError


@dataclass
class ExtraEvent:
    """A webhook event sent in addition, with a body made at that moment (a fresh link in it)."""

    type: str
    """Any event type: `avatar_video.success` (a late second one), `avatar_video.fail` (a stale one)…"""
    after_s: float = 1.0
    """Seconds after the render ended; negative: before."""


@dataclass
class Plan:
    """The fate of one video. Every created video takes the next plan of the queue, else the default plan."""

    render_s: float | None = None
    """Seconds from creation to the end; null: what the simulator was started with."""
    outcome: Literal["completed", "failed", "stuck"] = "completed"
    """`stuck` stays `processing` for ever and sends nothing."""
    ends_at: float | None = None
    """When the render ends, in seconds since 1970, whenever it was created: many of them end at once. Goes before
    *render_s*."""
    failure_code: str = "rendering_failed"
    failure_message: str = "Avatar rendering timed out"
    clip: str | None = None
    """`quarter`, `thanks`, `tour` or `welcome`; null: by turns."""
    bytes: int | None = None
    """Length of the video file; null: the clip's own and a little."""
    captions: bool = False
    """Also a captioned video and `avatar_video_caption.success`; the request's `caption` asks for them too."""
    gif: bool = False
    """Also a GIF and `avatar_video_gif.success`."""
    caption_after_s: float = 2.0
    """When the caption event follows the success event (some 12 s at the real HeyGen)."""
    delivery: Literal["in_order", "out_of_order", "lost", "none"] = "in_order"
    """`out_of_order`: caption and GIF events come before the success event, which comes once more a second later.
    `lost`: HeyGen's history lists the events, but they are never sent. `none`: not even the history knows of them."""
    duplicates: int = 0
    """Further copies of every event, byte for byte, sent at the same moment."""
    extra_events: list[ExtraEvent] = field(default_factory=list)
    without_url: bool = False
    """Completed, but with no URL: neither in the event nor in the API's answer."""
    first_downloads_403: int = 0
    """The first so many links that are downloaded answer 403 at once and for ever; later ones work."""
    link_ttl_s: float | None = None
    """How long links of this video live; null: the account's."""
    faults: list[Fault] = field(default_factory=list)
    """Media faults of this video alone (`on` and `target` are filled in)."""

    def check(self) -> None:
        """Raises RecordError for what cannot be done."""
        if self.clip is not None and self.clip not in clip_names():
            raise RecordError(f"clip: {self.clip!r} is none of {clip_names()}")
        least = max(smallest_bytes(f"{name}.mp4") for name in clip_names())
        if self.bytes is not None and not least <= self.bytes <= MAX_BYTES:
            raise RecordError(f"bytes: {self.bytes} is not between {least} and {MAX_BYTES}")
        for fault in self.faults:
            if fault.kind not in KINDS["media"]:
                raise RecordError(f"faults: kind: {fault.kind!r} is none of {sorted(KINDS['media'])}")


@dataclass
class Settings:
    """How the simulated account behaves. What is not known of the real one has a switch; defaults are assumptions."""

    signing: Literal["wire", "docs", "both", "unsigned"] = "wire"
    """Headers of signed deliveries: `signature`, as observed; `Heygen-Signature`, `-Timestamp` and `-Event-Id`, as
    documented; both; or none."""
    body_ids: bool = False
    """`event_id` and `created_at` in the posted body."""
    extra_keys: bool = False
    """Keys nobody documented, in the envelope and in the data."""
    spaced_json: bool = False
    """`", "` and `": "` between the JSON tokens, instead of none."""
    ascii_json: bool = False
    r"""Non-ASCII text as `\uXXXX`, instead of UTF-8."""
    empty_folder_id: bool = False
    """`folder_id` is `""`, instead of null."""
    answer_timeout_s: float = 10.0
    """How long a receiver may take."""
    retry_first_s: float = 1.0
    retry_factor: float = 2.0
    retry_most_s: float = 3600.0
    """The longest pause between two attempts."""
    give_up_s: float = 86_400.0
    """No attempt starts later than this after the first."""
    probe_endpoints: bool = False
    """An OPTIONS request, answered within a second, before an endpoint is registered (v1 does that)."""
    plain_http: Literal["loopback", "never", "anywhere"] = "loopback"
    """Where endpoints may be without TLS; the real HeyGen says `never`."""
    history_ids: bool = True
    """`event_id` in the rows of `GET /v3/webhooks/events`."""
    link_ttl_s: float = 7 * 86_400.0
    concurrency: int = 10
    """Renders at once; one more is answered 429."""
    key_refused: bool = False
    """The API key opens nothing any more, as when it was revoked: every call is answered 401."""
    legacy: bool = False
    """An old account, for which `GET /v1/video_status.get` still answers."""

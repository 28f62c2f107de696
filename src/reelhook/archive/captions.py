"""Captions for browsers, which read WebVTT alone: SubRip (HeyGen's `.srt`) said in its form."""

import re

SUBRIP = "application/x-subrip"
WEBVTT = "text/vtt"
MOST_BYTES = 4 * 1024 * 1024  # of captions that are read into memory: hours of speech need a tenth of it
TIME = r"(\d{1,2}):(\d\d):(\d\d)[,.](\d{1,3})"
TIMES = re.compile(rf"[ \t]*{TIME}[ \t]*-->[ \t]*{TIME}[^\n]*")


def webvtt(subrip: bytes) -> bytes:
    """The same captions as WebVTT. Where on the screen they stood is left to the browser."""
    lines = _text(subrip).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(["WEBVTT", "", *map(_line, lines)]).encode()


def _text(raw: bytes) -> str:
    """UTF-8 as it should be, or the older form that editors on Windows still write."""
    try:
        return raw.decode("utf-8-sig").replace("\x00", "")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _line(line: str) -> str:
    """A line of times, or one of words; in WebVTT an arrow among the words would begin another caption."""
    match = TIMES.fullmatch(line)
    if match is None:
        return line.replace("-->", "--&gt;")
    return f"{_time(match.groups()[:4])} --> {_time(match.groups()[4:])}"


def _time(parts: tuple[str, ...]) -> str:
    """Two digits of hours at least, and always three behind the point: `0:00:01,5` is half a second."""
    hours, minutes, seconds, fraction = parts
    return f"{hours:0>2}:{minutes}:{seconds}.{fraction:0<3}"

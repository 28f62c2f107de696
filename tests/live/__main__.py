"""`make live-test`: one paid render at the real HeyGen, the whole way, and what it tells of HeyGen's open questions.

It needs REELHOOK_HEYGEN_API_KEY and REELHOOK_PUBLIC_URL, an address of yours that leads to --host and --port on this
machine (a proxy with a certificate, or a tunnel). With REELHOOK_CLOUDINARY_URL the video is kept there. Nothing is
changed at HeyGen, and nothing costs anything, before you type yes.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.live.run import Outcome, Run, Wish

RESULTS = Path(__file__).parents[2] / "bench" / "results"
NEEDED = {
    "REELHOOK_HEYGEN_API_KEY": "HeyGen's API key",
    "REELHOOK_PUBLIC_URL": "the address under which HeyGen reaches this machine",
}
PRICE = (
    "HeyGen is now asked to register {url} and to render one video of about five seconds in 720p.\n"
    "HeyGen charges that render to the account of this key. Type yes to go on: "
)


def main() -> int:
    """The exit code: 0 when all is well or the test was skipped, 1 when a check failed."""
    given = _arguments()
    missing = [f"{name} ({what})" for name, what in NEEDED.items() if not os.environ.get(name)]
    if missing:
        print(f"live-test skipped: {' and '.join(missing)} not set. {' '.join(str(__doc__).split()[2:18])} …")
        return 0
    wish = _wish(given, os.environ)
    with tempfile.TemporaryDirectory(prefix="reelhook-live-") as folder:
        outcome = Run(wish, Path(folder), _say, lambda: _agreed(wish)).whole()
    if outcome.declined:
        print("live-test skipped: nobody typed yes, so nothing was asked of HeyGen.")
        return 0
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(_report(outcome), indent=2, ensure_ascii=False) + "\n")
    print(_table(outcome))
    _say(f"the redacted capture and the answers are in {given.out}")
    return 0 if outcome.good else 1


def _arguments() -> argparse.Namespace:
    usual = Wish("", "")
    parser = argparse.ArgumentParser(
        prog="make live-test", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--host", default=usual.host, help="where the public address leads to (%(default)s)")
    parser.add_argument("--port", type=int, default=usual.port, help="(%(default)s)")
    parser.add_argument("--avatar", help="avatar_id; else HeyGen's first public one")
    parser.add_argument("--voice", help="voice_id; else HeyGen's first English one")
    parser.add_argument(
        "--answers",
        default=",".join(map(str, usual.answers)),
        help="how the first copies of the render's webhook are answered, to see when they come again (%(default)s)",
    )
    parser.add_argument("--minutes", type=float, default=usual.minutes, help="longest wait (%(default)s)")
    parser.add_argument("--linger", type=float, default=usual.linger_s, help="seconds to wait after the end")
    parser.add_argument("--out", type=Path, default=RESULTS / "live-test.json")
    return parser.parse_args()


def _wish(given: argparse.Namespace, environ: Mapping[str, str]) -> Wish:
    return Wish(
        public_url=environ["REELHOOK_PUBLIC_URL"].rstrip("/"),
        api_key=environ["REELHOOK_HEYGEN_API_KEY"],
        base_url=environ.get("REELHOOK_HEYGEN_BASE_URL") or Wish.base_url,
        cloudinary_url=environ.get("REELHOOK_CLOUDINARY_URL") or None,
        fetch_allow=environ.get("REELHOOK_FETCH_ALLOW", ""),
        host=given.host,
        port=given.port,
        avatar=given.avatar,
        voice=given.voice,
        answers=tuple(int(status) for status in given.answers.split(",") if status),
        minutes=given.minutes,
        linger_s=given.linger,
    )


def _agreed(wish: Wish) -> bool:
    print(PRICE.format(url=wish.webhook_url), end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() == "yes"


def _report(outcome: Outcome) -> dict[str, Any]:
    return {"made_at": datetime.now(UTC).isoformat(timespec="seconds"), "good": outcome.good, **asdict(outcome)}


def _table(outcome: Outcome) -> str:
    lines = ["", "| | question | what was seen |", "|---|---|---|"]
    for one in outcome.answers:
        lines.append(f"| {one.number} | {one.question} | {'' if one.seen else 'not seen: '}{one.said} |")
    bad = [check.what for check in outcome.checks if not check.good]
    return "\n".join([*lines, "", f"NOT: {'; '.join(bad)}" if bad else "Every part of the way works."])


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())

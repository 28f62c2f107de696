"""Measures the board with Lighthouse: the median of five loads, as JSON.

    python scripts/lighthouse.py --out docs/measured/lighthouse.json

A real service with simulators beside it and 24 videos; Lighthouse's own desktop settings, in headless Chromium. Other
work on the machine makes the performance worse, so the load before the first look is told with it.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from statistics import median

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser.conftest import EMAIL, NAMES, PASSWORD, ask_for, create_person, find_chromium  # noqa: E402
from tests.browser.lighthouse import Report, look_at_board  # noqa: E402
from tests.processes import Service, simulators, wait_until  # noqa: E402

CATEGORIES = ("performance", "accessibility", "best-practices")
TIMES = 5
VIDEOS = 24


def measure(executable: str) -> list[Report]:
    with tempfile.TemporaryDirectory() as folder, simulators(seconds_per_render=0.1) as outside:
        service = Service(Path(folder), outside.settings())
        service.introduce(outside)
        try:
            create_person(service, EMAIL, "operator")
            for number in range(VIDEOS):
                ask_for(service, outside, f"Video {number}", render_s=0.1)
            with service.client() as client:
                ready = lambda: len(client.get("/api/v1/videos?state=ready&limit=200").json()["data"]) == VIDEOS  # noqa: E731
                wait_until(ready, what="all videos are ready")
            with sync_playwright() as playwright:
                chromium = playwright.chromium
                return look_at_board(chromium, executable, service, EMAIL, PASSWORD, *CATEGORIES, times=TIMES)
        finally:
            service.stop()


def main() -> int:
    asked = argparse.ArgumentParser(description="Measure the board with Lighthouse.")
    asked.add_argument("--out", type=Path, default=ROOT / "docs" / "measured" / "lighthouse.json")
    out: Path = asked.parse_args().out
    executable = find_chromium(*NAMES)
    if executable is None:
        print("There is no Chromium: apt-get install chromium, or set REELHOOK_CHROMIUM.", file=sys.stderr)
        return 1
    load = os.getloadavg()[0]
    reports = measure(executable)
    told = {
        "command": "python scripts/lighthouse.py --out docs/measured/lighthouse.json",
        "lighthouse": reports[0].lighthouse,
        "settings": "desktop",
        "videos": VIDEOS,
        "cores": os.cpu_count(),
        "load_before": round(load, 1),
        "median": {name: median(one.scores[name] for one in reports) for name in CATEGORIES},
        "each": [one.scores for one in reports],
    }
    out.write_text(json.dumps(told, indent=2) + "\n")
    print(json.dumps(told["median"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())

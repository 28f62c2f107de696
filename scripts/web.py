"""Runs npm scripts of the web app and of the SDK with the pinned Node: `python scripts/web.py lint check test`."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from hatch_build import npm  # noqa: E402 - it is no installed module

if __name__ == "__main__":
    for folder in ("frontend", "sdk"):
        for name in sys.argv[1:]:
            print(f"{folder}: {name}", flush=True)
            npm(ROOT / folder, "run", name)

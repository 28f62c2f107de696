"""Draws the icons of the installed app from the favicon, with Chromium: `python scripts/icons.py`."""

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

FRONTEND = Path(__file__).resolve().parent.parent / "frontend"
ICONS = FRONTEND / "public" / "icons"
PAGE = (
    "<!doctype html><style>*{{margin:0}}body{{width:{size}px;height:{size}px;background:{back};display:grid;"
    "place-items:center}}svg{{width:{part}%;height:{part}%;display:block}}{style}</style>{drawing}"
)
# A maskable icon may lose what is outside a circle of 80 %; Apple rounds the corners itself and shows nothing through.
FULL = "rect{rx:0}"
# Phones show the badge as a shape: only its opacity counts.
SHAPE = "rect{fill:none}g{stroke:#fff}"
DRAWN = (
    ("icon-192.png", 192, "transparent", 100, ""),
    ("icon-512.png", 512, "transparent", 100, ""),
    ("maskable-512.png", 512, "#1b1b1a", 80, FULL),
    ("apple-touch-icon.png", 180, "#1b1b1a", 92, FULL),
    ("badge-96.png", 96, "transparent", 124, SHAPE),
)


def main() -> None:
    drawing = (FRONTEND / "src" / "favicon.svg").read_text()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        for name, size, back, part, style in DRAWN:
            page = chromium.new_page(viewport={"width": size, "height": size})
            page.set_content(PAGE.format(size=size, back=back, part=part, style=style, drawing=drawing))
            page.screenshot(path=ICONS / name, omit_background=back == "transparent")
            page.close()
        chromium.close()


if __name__ == "__main__":
    main()

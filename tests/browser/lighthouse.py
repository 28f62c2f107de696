"""Lighthouse on the board of somebody signed in: the pinned one, by the pinned Node, in a Chromium of its own."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from hatch_build import node_home
from playwright.sync_api import BrowserType, expect

from tests.processes import Service, free_port

TOOLS = Path(__file__).parent / "tools"
INSTALLED = (TOOLS / "node_modules" / "lighthouse" / "package.json").is_file()
LIMIT_S = 120


@dataclass(frozen=True)
class Report:
    """What one look brought. *scores*: from 0 to 100, by category. *faults*: what took points away."""

    lighthouse: str
    scores: dict[str, int]
    faults: list[str]


def look_at_board(
    chromium: BrowserType,
    executable: str,
    service: Service,
    email: str,
    password: str,
    *categories: str,
    times: int = 1,
) -> list[Report]:
    """*times* reports, each of a load of its own. Raises CalledProcessError when Lighthouse could not look."""
    port = free_port()
    # As root Chromium starts only without its sandbox; it opens nothing but our own pages.
    arguments = [f"--remote-debugging-port={port}", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    browser = chromium.launch(executable_path=executable, args=arguments)
    try:
        # Lighthouse sees the browser's own profile alone, so the cookies go there.
        over_protocol = chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
        page = over_protocol.contexts[0].new_page()
        page.goto(f"{service.base}/sign-in")
        page.get_by_label("Email").fill(email)
        page.get_by_label("Password", exact=True).fill(password)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_text("Live", exact=True)).to_be_visible()
        page.close()
        return [_look(service.base + "/", port, categories) for _ in range(times)]
    finally:
        browser.close()


def _look(address: str, port: int, categories: tuple[str, ...]) -> Report:
    done = subprocess.run(
        [str(node_home() / "bin" / "node"), "board.js", address, str(port), ",".join(categories)],
        cwd=TOOLS,
        capture_output=True,
        text=True,
        check=True,
        timeout=LIMIT_S,
    )
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["address"] == address, f"Lighthouse was sent to {told['address']}: nobody is signed in"
    return Report(told["lighthouse"], told["scores"], told["faults"])

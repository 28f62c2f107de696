"""docs/quick-start.md, followed from the first command to the last, as by somebody who has never seen Reelhook."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.guides.pages import blocks
from tests.guides.terminal import Terminal
from tests.processes import Simulators, free_port, simulators
from tests.s3 import KEY, KEY_ID, NAME, S3, s3_server

PAGE = "quick-start.md"
pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ("bash", "curl", "make"))), reason="the page uses bash, curl and make"
)
# What a reader would look at, by the number of the block before it.
VIDEO = 'curl -fsS "$REELHOOK_PUBLIC_URL/api/v1/videos?limit=1" -H "Authorization: Bearer $KEY"'
READY = f"""for _ in $(seq 300); do {VIDEO} | grep -q '"state":"ready"' && break; sleep 0.1; done"""
AFTER = {
    7: READY,
    8: 'ls data/media/*/* >/dev/null; echo "kept on this disk"',
    10: "reelhook doctor | grep cloudinary",
    11: f"reelhook doctor | grep s3; echo; {VIDEO}",
}


@pytest.fixture(scope="module")
def outside() -> Iterator[Simulators]:
    with simulators(0.1) as found:
        yield found


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    with s3_server(tmp_path_factory.mktemp("s3")) as found:
        yield found


@pytest.fixture
def terminal(outside: Simulators, s3: S3, tmp_path: Path) -> Iterator[Terminal]:
    port, settings = free_port(), outside.settings()
    instead = [
        ("https://reelhook.example.com", f"http://127.0.0.1:{port}"),
        ("cloudinary://YOUR-KEY:YOUR-SECRET@YOUR-CLOUD", outside.cloudinary_url),
        ("https://YOUR-ACCOUNT.r2.cloudflarestorage.com", s3.url),
        ("YOUR-KEY-ID", KEY_ID),
        ("YOUR-SECRET-KEY", KEY),
        ("YOUR-BUCKET", NAME),
        ("YOUR-HEYGEN-KEY", outside.heygen_api_key),
        ("YOUR-AVATAR", "anna"),
        ("YOUR-VOICE", "voice_anna"),
        ("/var/tmp/reelhook-media", f"{tmp_path}/elsewhere"),
        (" --port 8080", ""),
    ]
    given = {name: settings[name] for name in ("heygen_base_url", "fetch_allow")}
    found = Terminal(tmp_path, port, instead, given | {"drain_s": 0})
    yield found
    found.close()


def test_every_command_of_the_page_works(terminal: Terminal, outside: Simulators) -> None:
    said = terminal.follow(blocks(PAGE), AFTER)
    parts = {int(part.split()[0]): part for part in said.split("@@ ")[1:]}
    assert list(parts) == [block.number for block in blocks(PAGE)]
    assert "a signed test came back" in parts[4]
    assert "kept on this disk" in parts[8]
    assert "cloudinary" in parts[10]
    assert "store s3" in parts[11]
    asked = outside.control("GET", "/videos")["videos"]
    assert len(asked) == 1
    last = json.loads(said.rstrip().splitlines()[-1])["data"][0]
    assert (last["state"], last["subject"], last["asset"]["store"]) == ("ready", "customer-12", "local")

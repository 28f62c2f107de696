"""docs/deployment.md, followed from top to bottom in an empty system, by root."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.deploy.artefacts import DEPLOY, ROOT
from tests.deploy.image import REGISTRY, Stage, empty
from tests.deploy.test_image import CAN
from tests.guides.pages import blocks, meant
from tests.guides.stand_ins import installed
from tests.processes import Simulators, free_port, simulators

PAGE = "deployment.md"
LIMIT_S = 300
NEEDED = ("bash", "openssl", "systemd-analyze")
pytestmark = pytest.mark.skipif(
    not CAN or not all(map(shutil.which, NEEDED)), reason="an empty system takes root, namespaces and systemd-analyze"
)


@pytest.fixture(scope="module")
def heygen() -> Iterator[Simulators]:
    with simulators(0.1) as found:
        yield found


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Stage]:
    """An empty system with our wheel, `deploy/` and the stand-ins in it."""
    machine = Stage("machine", tmp_path / "machine", [])
    empty(machine.root)
    for one in (tmp_path, *tmp_path.parents[:2]):
        one.chmod(0o755)
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(machine.root / "srv")]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S)
    assert done.returncode == 0, done.stderr
    for folder in ("etc/systemd/system", "etc/caddy", "etc/nginx/conf.d", "etc/haproxy", "run", "var/log", "var/lib"):
        (machine.root / folder).mkdir(parents=True)
    shutil.copytree(DEPLOY, machine.root / "srv" / "deploy", ignore=shutil.ignore_patterns("secrets"))
    installed(machine.root, REGISTRY, os.path.realpath(sys.executable))
    yield machine
    with suppress(OSError, ValueError):
        os.kill(int((machine.root / "run" / "reelhook.pid").read_text()), signal.SIGKILL)


def test_every_command_of_the_page_works(machine: Stage, heygen: Simulators) -> None:
    port = free_port()
    for unit in (machine.root / "srv" / "deploy" / "systemd").iterdir():
        unit.write_text(unit.read_text().replace("--port 8080", f"--port {port}"))
    given = {name: heygen.settings()[name] for name in ("heygen_base_url", "fetch_allow")} | {"drain_s": 0}
    lines = "".join(f"REELHOOK_{name.upper()}={value}\n" for name, value in given.items())
    instead = [
        ("REELHOOK_PUBLIC_URL=https://reelhook.example.com\n", f"REELHOOK_PUBLIC_URL=http://127.0.0.1:{port}\n"),
        ("END\ncp ", f"{lines}END\ncp "),
        ("YOUR KEY", heygen.heygen_api_key),
    ]
    script = ["set -euo pipefail", "cd /srv", "export PATH=/opt/stand-ins:$PATH"]
    for block in blocks(PAGE):
        script += [f"echo @@ {block.number} {shlex.quote(block.heading)}", meant(block.text, instead)]
    (machine.root / "srv" / "follow").write_text("\n".join(script))
    done = subprocess.run(machine.program(["bash", "/srv/follow"]), capture_output=True, text=True, timeout=LIMIT_S)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    parts = {int(part.split()[0]): part for part in done.stdout.split("@@ ")[1:]}
    assert list(parts) == [block.number for block in blocks(PAGE)]
    assert "#link=" in parts[1], "the link that makes you the admin"
    assert "a signed test came back" in parts[3]
    assert "HeyGen accepts it" in parts[3], "commands have the service's secrets"
    assert re.search(r"rhk_\w+", parts[3])
    backups = machine.root / "var" / "lib" / "reelhook" / "backups"
    assert {one.name for one in backups.iterdir()} >= {"before-upgrade"}
    assert len(list(backups.iterdir())) == 2

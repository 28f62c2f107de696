"""The image, built by the steps of its file and run as the guide says: nobody's user, nothing to write but /data."""

import json
import os
import re
import shutil
import signal
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.deploy.image import STATIC, Stage, build, stages
from tests.locked import differing
from tests.processes import wait_until

NEEDED = ("unshare", "chroot", "setpriv", "nsenter", "useradd")
CAN = os.geteuid() == 0 and all(map(shutil.which, NEEDED)) and (STATIC / "index.html").exists()
CAN = CAN and subprocess.run(["unshare", "--mount", "--net", "true"], capture_output=True).returncode == 0
pytestmark = pytest.mark.skipif(
    not CAN, reason="building it without Docker takes root, namespaces, and the web app from `make install`"
)
STOP_LIMIT_S = 45
WRITES = "import os; [open(f'{place}/probe', 'w').close() for place in %r]"


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    if others := differing():
        pytest.skip(f"the image has the versions of requirements.lock; here are others of {', '.join(others)}")
    folder = tmp_path_factory.mktemp("image")
    for one in (folder, *folder.parents[:2]):
        one.chmod(0o755)  # the image's own user has to get in
    return build(folder)


@dataclass
class Container:
    """The image as it runs."""

    image: Stage
    data: Path
    process: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        """That of the service, which believes that it is 1; 0 before it is there."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return int(children[0]) if children else 0

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """A command in it, as the user that serves."""
        user, _, group = self.image.user.partition(":")
        enter = ["nsenter", f"--target={self.pid}", "--mount", "--net", "--pid", "--root", "--wd=/"]
        locked = ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups"]
        words = [*enter, "env", "-i", *self.image.variables(), *locked, *command]
        return subprocess.run(words, capture_output=True, text=True, timeout=60)

    def healthy(self) -> bool:
        """What HEALTHCHECK asks, word by word."""
        _, _, command = self.image.told("HEALTHCHECK").rest.partition("CMD ")
        assert self.process.poll() is None, self.data.with_name("image.log").read_text()
        return self.pid > 0 and self.run(*json.loads(command)).returncode == 0


@pytest.fixture(scope="module")
def container(image: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    data = tmp_path_factory.mktemp("data")
    # A volume begins with what the image has at its place.
    there = (image.root / "data").stat()
    os.chown(data, there.st_uid, there.st_gid)
    data.chmod(stat.S_IMODE(there.st_mode))
    command = [*image.told("ENTRYPOINT").words, *image.told("CMD").words]
    image.environment["REELHOOK_DRAIN_S"] = "0"
    with data.with_name("image.log").open("wb") as log:
        words = image.program(command, read_only=data, network=False)
        process = subprocess.Popen(words, stdout=log, stderr=log, start_new_session=True)
    running = Container(image, data, process)
    try:
        wait_until(running.healthy, what="a healthy container")
        yield running
    finally:
        process.kill()
        process.wait(STOP_LIMIT_S)


def test_every_instruction_is_one_that_was_done(tmp_path: Path) -> None:
    done = {"WORKDIR", "RUN", "COPY", "USER", "ENV"}
    of_containers = {"VOLUME", "EXPOSE", "HEALTHCHECK", "STOPSIGNAL", "ENTRYPOINT", "CMD"}
    assert "/healthz'" in stages(tmp_path)[-1].told("HEALTHCHECK").rest, "any other page answers 200 too"
    assert {step.word for stage in stages(tmp_path) for step in stage.steps} == done | of_containers


def test_it_holds_the_package_with_the_web_app_and_the_tested_versions(image: Stage) -> None:
    (package,) = image.root.glob("opt/reelhook/lib/python3*/site-packages/reelhook")
    assert (package / "dashboard" / "static" / "index.html").read_bytes() == (STATIC / "index.html").read_bytes()
    assert not (image.root / "build").exists()


def test_it_serves_as_nobody_in_particular_and_writes_nothing_but_its_data(container: Container) -> None:
    status = Path(f"/proc/{container.pid}/status").read_text()
    assert re.search(r"^Uid:\t10001\t10001\t10001\t10001$", status, re.MULTILINE)
    assert re.search(r"^CapEff:\t0+$", status, re.MULTILINE)
    assert re.search(r"^NoNewPrivs:\t1$", status, re.MULTILINE)
    assert (container.data / "reelhook.db").stat().st_uid == 10001
    for places, allowed in ((["/data", "/tmp"], True), (["/"], False), (["/opt/reelhook"], False), (["/etc"], False)):
        done = container.run("python", "-c", WRITES % places)
        assert (done.returncode == 0) == allowed, done.stderr


def test_commands_run_beside_it(container: Container) -> None:
    made = container.run("reelhook", "keys", "create", "my-app", "--json")
    assert made.returncode == 0, made.stderr
    assert '"rhk_' in made.stdout


def test_it_ends_by_its_stop_signal(container: Container) -> None:
    os.kill(container.pid, getattr(signal, container.image.told("STOPSIGNAL").rest))
    # Process 1 cannot end by a signal of its own, so this is 0 and not the usual 143.
    assert container.process.wait(STOP_LIMIT_S) == 0

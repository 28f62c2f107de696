"""The steps of deploy/Dockerfile, done as a builder would do them, without Docker: in empty folders with chroot.

This machine's own system stands for the base image, read-only, and its `.venv` for the package registry: what pip is
asked to install beside us is found there. Everything else is what the file says, word by word.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from tests.deploy.artefacts import DEPLOY, ROOT

FILE = DEPLOY / "Dockerfile"
LIMIT_S = 300
SYSTEM = [name for name in ("usr", "bin", "sbin", "lib", "lib64") if Path("/", name).exists()]
OF_ETC = ("passwd", "group", "shadow", "gshadow", "login.defs", "ld.so.cache", "ld.so.conf", "nsswitch.conf", "ssl")
REGISTRY = Path(sysconfig.get_path("purelib"))
STATIC = ROOT / "src" / "reelhook" / "dashboard" / "static"
OFFLINE = {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
Ignored = Callable[[Any, list[str]], set[str]]
USUAL_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Step:
    """One instruction: `RUN`, and what stands behind it."""

    word: str
    rest: str

    @property
    def words(self) -> list[str]:
        """The rest as a list: of a JSON array its texts, else its shell words."""
        return list(json.loads(self.rest)) if self.rest.startswith("[") else shlex.split(self.rest)


@dataclass
class Stage:
    """What is built between one FROM and the next, and the folder it is built in."""

    name: str
    root: Path
    steps: list[Step]
    environment: dict[str, str] = field(default_factory=dict)
    user: str = "0:0"
    workdir: str = "/"

    def told(self, word: str) -> Step:
        """The only instruction of this kind."""
        (one,) = [step for step in self.steps if step.word == word]
        return one

    def program(self, command: Sequence[str], *, read_only: Path | None = None, network: bool = True) -> list[str]:
        """The words that run *command* in here. *read_only*: as *user*, without a capability, and nothing but /tmp and
        this folder, as /data, can be written. Without *network* it has a loopback of its own, and is process 1."""
        inside = [
            "chroot",
            str(self.root),
            "env",
            "-i",
            *self.variables(),
            "sh",
            "-c",
            f'cd {self.workdir}; exec "$@"',
        ]
        inside += ["sh", *(self._locked_up() if read_only else ()), *command]
        script = [*self._mounts(read_only), *([] if network else [_loopback()]), f"exec {shlex.join(inside)}"]
        alone = [] if network else ["--net", "--pid", "--fork", "--kill-child"]
        return ["unshare", "--mount", *alone, "sh", "-ec", "\n".join(script)]

    def run(self, command: Sequence[str]) -> None:
        done = subprocess.run(self.program(command), capture_output=True, text=True, timeout=LIMIT_S)
        assert done.returncode == 0, f"{shlex.join(command)}: {done.stdout}{done.stderr}"

    def variables(self) -> list[str]:
        """The environment of whatever runs in here."""
        given = {"PATH": f"{sys.base_prefix}/bin:/opt/base/bin:{USUAL_PATH}", "HOME": "/nonexistent", **OFFLINE}
        for name, value in self.environment.items():
            given[name] = value.replace("$PATH", given["PATH"])
        return [f"{name}={value}" for name, value in given.items()]

    def _locked_up(self) -> list[str]:
        user, _, group = self.user.partition(":")
        none = ["--no-new-privs", "--inh-caps=-all", "--bounding-set=-all"]
        return ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", *none]

    def _mounts(self, read_only: Path | None) -> Iterator[str]:
        """The script that puts the base image under this folder, seen by nobody else."""
        root = shlex.quote(str(self.root))
        yield f"mount --bind {root} {root}"
        for place in (*(Path("/", name) for name in SYSTEM), Path(sys.base_prefix), REGISTRY):
            at = shlex.quote(f"{self.root}{place}")
            yield f"mount --bind {shlex.quote(str(place))} {at}; mount -o remount,bind,ro {at}"
        yield f"mount -t proc proc {root}/proc; mount --rbind /dev {root}/dev"
        if read_only:
            yield f"mount -o remount,bind,ro {root}; mount -t tmpfs tmpfs {root}/tmp"
            yield f"mount --bind {shlex.quote(str(read_only))} {root}/data"


def _loopback() -> str:
    """Brings `lo` up in a new network, where it is down at first."""
    code = (
        "import fcntl, socket, struct; s = socket.socket(); "
        "fcntl.ioctl(s, 0x8914, struct.pack('16sH14x', b'lo', 0x41))"  # SIOCSIFFLAGS: IFF_UP and IFF_RUNNING
    )
    return shlex.join([sys.executable, "-c", code])


def stages(folder: Path) -> list[Stage]:
    """Those of the file, each with an empty root in *folder*."""
    said = re.sub(r"^\s*#.*\n", "", FILE.read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    found: list[Stage] = []
    for line in filter(None, map(str.strip, said.splitlines())):
        word, _, rest = line.partition(" ")
        if word == "FROM":
            name = rest.partition(" AS ")[2] or "image"
            found.append(Stage(name, folder / name, []))
        else:
            found[-1].steps.append(Step(word, rest.strip()))
    return found


def build(folder: Path) -> Stage:
    """Every step of every stage; the last of them."""
    built: dict[str, Stage] = {}
    for stage in stages(folder):
        empty(stage.root)
        for step in stage.steps:
            _do(stage, step, built)
        built[stage.name] = stage
    return built["image"]


def _do(stage: Stage, step: Step, built: dict[str, Stage]) -> None:
    match step.word:
        case "WORKDIR":
            stage.workdir = step.rest
            _at(stage.root, step.rest).mkdir(parents=True, exist_ok=True)
        case "ENV":
            stage.environment |= dict(word.split("=", 1) for word in step.words)
        case "USER":
            stage.user = step.rest
        case "COPY":
            _copy(stage, step.words, built)
        case "RUN":
            registry(stage)
            stage.run(["sh", "-c", step.rest])


def _copy(stage: Stage, words: list[str], built: dict[str, Stage]) -> None:
    origin: Path = ROOT
    ignored: Ignored = _ignored
    if words[0].startswith("--from="):
        origin, ignored = built[words.pop(0).removeprefix("--from=")].root, shutil.ignore_patterns()
    *sources, target = words
    to = _at(stage.root, os.path.join(stage.workdir, target))
    for source in sources:
        path = _at(origin, source) if source.startswith("/") else origin / source
        if path.is_dir():
            shutil.copytree(path, to, symlinks=True, ignore=ignored, dirs_exist_ok=True)
        else:
            to.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, to)
    if (built_web := to / "reelhook" / "dashboard").is_dir() and origin is ROOT:
        # What `npm ci` and `npm run build` would make. The build looks whether it was made of the sources copied here.
        shutil.copytree(STATIC, built_web / "static")


def _ignored(folder: str, names: list[str]) -> set[str]:
    """Those that Dockerfile.dockerignore leaves out: its lines behind the ones that let something in."""
    lines = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    patterns = [line for line in lines[lines.index("*") + 1 :] if not line.startswith(("!", "#"))]
    inside = Path(folder).relative_to(ROOT)
    return {name for name in names for pattern in patterns if fnmatch(f"{inside / name}", pattern.replace("**/", "*/"))}


def registry(stage: Stage) -> None:
    """Let a Python environment in the stage find what a registry would have given it."""
    for packages in stage.root.glob("opt/*/lib/python3*/site-packages"):
        (packages / "registry.pth").write_text(f"{REGISTRY}\n")


def empty(root: Path) -> None:
    """What a base image brings: folders to put this machine's system into, users, and a `python`."""
    for place in (*(Path("/", name) for name in (*SYSTEM, "proc", "dev", "etc")), Path(sys.base_prefix), REGISTRY):
        _at(root, str(place)).mkdir(parents=True, exist_ok=True)
    (root / "tmp").mkdir(mode=0o1777)
    for name in OF_ETC:
        if (there := Path("/etc", name)).is_dir():
            shutil.copytree(there, root / "etc" / name, symlinks=True)
        elif there.exists():
            shutil.copy(there, root / "etc")
    if not Path(sys.base_prefix, "bin", "python").exists():
        (root / "opt" / "base" / "bin").mkdir(parents=True)
        (root / "opt" / "base" / "bin" / "python").symlink_to(Path(sys.base_prefix, "bin", "python3"))


def _at(root: Path, path: str) -> Path:
    return root / path.lstrip("/")

"""A disk whose power can be cut: the folder as it is, and what of it would survive (`powercut.c` keeps that)."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).with_name("powercut.c")
BUILD_LIMIT_S = 60
SETTLE_LIMIT_S = 60
# Syncs all that is there, under the same eyes as the server's own syncs.
SETTLE = """
import os, sys
for folder, _, files in os.walk(sys.argv[1]):
    for path in [folder, *(os.path.join(folder, name) for name in files)]:
        if os.path.isfile(path) or os.path.isdir(path):
            descriptor = os.open(path, os.O_RDONLY)
            os.fsync(descriptor)
            os.close(descriptor)
"""


def compiler() -> str | None:
    """A C compiler that has its headers, or None; what is compiled is for Linux only."""
    if sys.platform != "linux":
        return None
    return next((found for name in ("cc", "gcc", "clang") if (found := shutil.which(name)) and _works(found)), None)


def _works(cc: str) -> bool:
    words = [cc, "-E", "-x", "c", "-"]
    done = subprocess.run(words, input=b"#include <stdio.h>\n", capture_output=True, timeout=BUILD_LIMIT_S)
    return done.returncode == 0


def build(folder: Path) -> Path | None:
    """The preloaded library, compiled into *folder*; None without a compiler."""
    cc, library = compiler(), folder / "powercut.so"
    if cc is None:
        return None
    command = [cc, "-O2", "-Wall", "-shared", "-fPIC", "-o", str(library), str(SOURCE), "-ldl", "-lpthread"]
    subprocess.run(command, check=True, timeout=BUILD_LIMIT_S)
    return library


@dataclass(frozen=True)
class Disk:
    """*live* is what processes see. *shadow* is what would survive, None when nobody is to cut the power."""

    live: Path
    library: Path
    shadow: Path | None = None

    @property
    def full(self) -> Path:
        """While this file exists, the disk is full."""
        return self.live.with_name(f"{self.live.name}.full")

    def environment(self) -> dict[str, str]:
        """For every process that writes to it."""
        own = {"LD_PRELOAD": str(self.library), "CUT_LIVE": str(self.live), "CUT_FULL": str(self.full)}
        return own | ({"CUT_SHADOW": str(self.shadow)} if self.shadow else {})

    def settle(self) -> None:
        """All that is there counts as durable from now on, and nothing else does."""
        assert self.shadow is not None
        shutil.rmtree(self.shadow, ignore_errors=True)
        for part in ("bytes", "names"):
            (self.shadow / part).mkdir(parents=True)
        command = [sys.executable, "-S", "-E", "-c", SETTLE, str(self.live)]
        subprocess.run(command, env=os.environ | self.environment(), check=True, timeout=SETTLE_LIMIT_S)

    def cut(self) -> None:
        """The power goes and comes back. Whoever wrote must be dead. What was not durable is gone."""
        assert self.shadow is not None
        number = self.live.stat().st_ino
        (root,) = [path for path in (self.shadow / "names").iterdir() if path.name.startswith(f"{number}.")]
        after = self.live.with_name(f"{self.live.name}.after")
        self._rebuild(root.name, after)
        shutil.rmtree(self.live)
        after.rename(self.live)
        self.settle()

    def _rebuild(self, inode: str, folder: Path) -> None:
        """The folder as it was when its names were last synced; empty when they never were."""
        assert self.shadow is not None
        folder.mkdir(mode=0o700)
        names = self.shadow / "names" / inode
        for line in names.read_text().splitlines() if names.exists() else ():
            kind, of, name = line.split(" ", 2)
            if kind == "d":
                self._rebuild(of, folder / name)
            else:
                self._restore(of, folder / name)

    def _restore(self, inode: str, path: Path) -> None:
        """A name may be durable when the bytes behind it are not: then the file is empty."""
        assert self.shadow is not None
        kept = self.shadow / "bytes" / inode
        if kept.exists():
            shutil.copyfile(kept, path)
        else:
            path.touch()
        path.chmod(0o600)

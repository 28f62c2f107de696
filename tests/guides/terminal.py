"""A terminal in which a page is followed: one shell from its first block to its last, with a `reelhook` that a test can
wait for.

`reelhook serve` goes on in the background, as in a terminal of its own, and ends the one before, as Ctrl-C would.
"""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.deploy.artefacts import ROOT
from tests.guides.pages import Block, meant
from tests.processes import clean_environment

LIMIT_S = 300
REELHOOK = """#!/bin/sh
[ "$1" = serve ] || exec {python} -m reelhook "$@"
{end}
{python} -m reelhook "$@" --port {port} >>{folder}/serve.log 2>&1 </dev/null &
echo $! >{folder}/serve.pid
for _ in $(seq 600); do
    curl -fs -o /dev/null http://127.0.0.1:{port}/readyz && exit
    kill -0 $! || break
    sleep 0.1
done
cat {folder}/serve.log >&2
exit 1
"""
END = '[ ! -e {pid} ] || {{ kill -INT "$(cat {pid})"; tail --pid="$(cat {pid})" -f /dev/null; }}'
# What is installed is not installed anew: the tests run in it.
MAKE = '#!/bin/sh\ncd {root} && exec {make} -o install "$@"\n'


@dataclass
class Terminal:
    """One, with a home of its own in *folder*; the service of the page listens at *port*."""

    folder: Path
    port: int
    instead: Sequence[tuple[str, str]]
    """What the page says, and what it is here."""
    settings: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        programs = self.folder / "programs"
        programs.mkdir()
        named = {"end": self._end, "python": sys.executable, "folder": self.folder, "port": self.port, "root": ROOT}
        for name, text in (("reelhook", REELHOOK), ("make", MAKE)):
            (programs / name).write_text(text.format(**named, make=shutil.which("make")))
            (programs / name).chmod(0o755)

    def follow(self, blocks: Sequence[Block], after: Mapping[int, str]) -> str:
        """What the blocks printed, one after the other in one shell. *after*: what is looked at behind a block, by its
        number. Fails with the block that failed."""
        script = ["set -euo pipefail"]
        for block in blocks:
            script += [f"echo @@ {block.number} {shlex.quote(block.heading)}", meant(block.text, self.instead)]
            # A page may put its own folder first: ours stays before it.
            script += [f'export PATH="{self.folder}/programs:$PATH"', after.get(block.number, "")]
        environment = clean_environment(**self.settings) | {"HOME": str(self.folder)}
        environment["PATH"] = f"{self.folder}/programs:{Path(sys.executable).parent}:{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", "-c", "\n".join(script)],
            cwd=self.folder, env=environment, capture_output=True, text=True, timeout=LIMIT_S, start_new_session=True,
        )  # fmt: skip
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    def close(self) -> None:
        """End the service that a page began."""
        subprocess.run(["sh", "-c", self._end], timeout=LIMIT_S)

    @property
    def _end(self) -> str:
        return END.format(pid=self.folder / "serve.pid")

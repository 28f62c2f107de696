"""What it costs to archive a large file: `python -m bench.relay`.

`reelhook serve` downloads a video of 2 GB from an nginx beside it and keeps it: on its own disk, and in a Cloudinary
that is simulated in another process. `cpu_s` is the processor time of `reelhook serve` alone, from the webhook until
the video is ready: receiving, digests, storing and verifying. `cp` and `sha256sum` of the same file do the least that
could be done; Debian's `sha256sum` does not use the processor's own SHA instructions, so OpenSSL's is shown too.
`memory_mib` is the most memory that the process took, above what it took when it was idle.
"""

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.kit import Process, Reach, Report, free_port, given, take_turns
from bench.kit.rounds import Figures
from bench.kit.servers import ROOT, clean, folder, nginx
from bench.streams.processes import most_memory, own_memory
from bench.streams.service import Service, running
from bench.streams.wire import success
from reelhook.simulators.load.processor import worked_s
from reelhook.simulators.process import CLOUD, CLOUDINARY_KEY

SIZE = 2_000_000_000
BLOCK = 16 * 1024 * 1024
LIMIT_S = 300.0
COPY, OPENSSL, LOCAL, CLOUDINARY = "cp, sha256sum", "cp, openssl sha256", "to the disk", "to Cloudinary"


def main() -> None:
    settings = given(__doc__, rounds=3, seconds=0)
    with folder() as name:
        at = Path(name)
        source = film(at / "files" / "film.mp4")
        ways = {
            COPY: lambda: _copied(source, "sha256sum"),
            OPENSSL: lambda: _copied(source, "openssl", "dgst", "-sha256"),
            LOCAL: lambda: _archived(at),
            CLOUDINARY: lambda: _relayed(at),
        }
        if not shutil.which("openssl"):
            del ways[OPENSSL]
        rounds = take_turns(ways, settings.rounds)
    reaches = [Reach(way, "cpu_s", COPY, at_most=4) for way in (LOCAL, CLOUDINARY)]
    reaches += [Reach(way, "cpu_s", OPENSSL) for way in (LOCAL, CLOUDINARY) if OPENSSL in rounds.found]
    reaches += [Reach(way, "memory_mib", at_most=150) for way in (LOCAL, CLOUDINARY)]
    Report("relay", "Archiving a file of 2 GB", rounds, reaches, "cpu_s", "seconds of a processor").write(settings)


def film(path: Path) -> Path:
    """An MP4 by its boxes: a head, no more than the name of a film, and 2 GB that nobody can compress."""
    path.parent.mkdir()
    front = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0\0\0\x08moov"
    rest, block = SIZE - len(front), os.urandom(BLOCK)
    with path.open("wb") as file:
        file.write(front + b"\0\0\0\x01mdat" + rest.to_bytes(8, "big"))
        while (left := SIZE - file.tell()) > 0:
            file.write(block[:left])
    return path


def _copied(film: Path, *digest: str) -> Figures:
    copy = film.with_suffix(".copy")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        subprocess.run(["cp", film, copy], check=True)  # noqa: S603, S607
        subprocess.run([*digest, copy], check=True, capture_output=True)  # noqa: S603
    finally:
        copy.unlink(missing_ok=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {"cpu_s": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime}


def _archived(at: Path, **settings: str) -> Figures:
    with nginx(at, f"root {at / 'files'};") as files:
        source = f"127.0.0.1:{files.port}"
        with running(fetch_allow=source, **settings) as service:
            return _measured(service, f"http://{source}/film.mp4")


def _relayed(at: Path) -> Figures:
    with _cloudinary() as address:
        return _archived(at, stores="cloudinary", cloudinary_url=address)


def _measured(service: Service, link: str) -> Figures:
    cpu, idle = worked_s(service.pid), own_memory(service.pid)
    service.send(success("film", link))
    service.reached("film", "ready", limit_s=LIMIT_S, look_s=0.5)
    memory = most_memory(service.pid) - idle
    return {"cpu_s": worked_s(service.pid) - cpu, "memory_mib": memory / 2**20}


@contextmanager
def _cloudinary() -> Iterator[str]:
    """A simulated Cloudinary; given is what CLOUDINARY_URL is to be."""
    port, secret = free_port(), "c" * 27
    words = ("--cloudinary-port", str(port), "--cloudinary-secret", secret)
    with Process([sys.executable, "-m", "reelhook.simulators", *words], port, environment=clean(), cwd=ROOT):
        yield f"cloudinary://{CLOUDINARY_KEY}:{secret}@{CLOUD}?upload_prefix=http://127.0.0.1:{port}"


if __name__ == "__main__":
    main()

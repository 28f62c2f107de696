"""What a guide calls and no test has, each under its own name: it refuses what does not exist, and says which.

`systemctl` really starts reelhook.service, with what its unit says. This file runs in an empty system and knows nothing
of the tests but what `installed` writes into its folder.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path += filter(None, [os.environ.pop("REGISTRY", "")])
import yaml  # it is in the registry

OURS = "/opt/reelhook/bin/reelhook"
UNITS, PID, LOG = Path("/etc/systemd/system"), Path("/run/reelhook.pid"), Path("/var/log/reelhook.log")
PROXIES = {"nginx", "caddy", "haproxy"}


def need(there: object, what: str) -> None:
    if not there:
        sys.exit(f"{sys.argv[1]}: there is no {what}")


def command(words: Sequence[str]) -> None:
    """`reelhook …` as it would be run elsewhere: it must be one."""
    need(words[0] in ("reelhook", OURS), f"program {words[0]}")
    done = subprocess.run([OURS, words[1], "--help"], capture_output=True)
    need(done.returncode == 0, f"command {' '.join(words)}")


def systemctl(words: list[str]) -> None:
    verb, *names = [word for word in words if not word.startswith("-")]
    for name in names:
        if name in PROXIES:
            continue
        text = unit(name)
        if name == "reelhook":
            if verb in ("stop", "restart", "disable"):
                stop()
            if verb not in ("stop", "disable"):
                start(text)


def unit(name: str) -> str:
    """Its text, after systemd itself has found nothing wrong with it."""
    base, at, instance = name.partition("@")
    file = UNITS / f"{base}{at}.service"
    need(file.exists(), f"unit {file}")
    folder = Path("/run/verify")
    folder.mkdir(parents=True, exist_ok=True)
    copy = shutil.copy(file, folder / f"{name}.service")
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", copy], capture_output=True, text=True)
    need(done.returncode == 0 and not done.stderr, f"unit that systemd would take: {done.stderr}")
    return file.read_text().replace("%i", instance)


def start(text: str) -> None:
    credentials, state = Path("/run/credentials"), Path("/var/lib/reelhook")
    for folder in (credentials, state):
        folder.mkdir(parents=True, exist_ok=True)
        shutil.chown(folder, "reelhook", "reelhook")
    for name, path in re.findall(r"^LoadCredential=(\w+):(.+)$", text, re.M):
        need(Path(path).exists(), path)
        shutil.copy(path, credentials / name)
        shutil.chown(credentials / name, "reelhook", "reelhook")
    given = dict(re.findall(r"^Environment=(\w+)=(.*)$", text.replace("%d", str(credentials)), re.M))
    for path in re.findall(r"^EnvironmentFile=-(.+)$", text, re.M):
        given |= dict(line.split("=", 1) for line in Path(path).read_text().splitlines())
    (line,) = re.findall(r"^ExecStart=(.+)$", text, re.M)
    with LOG.open("ab") as log:
        process = subprocess.Popen(
            ["setpriv", "--reuid=reelhook", "--regid=reelhook", "--clear-groups", "--no-new-privs", *line.split()],
            env={"PATH": os.environ["PATH"], **given}, cwd=state, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    PID.write_text(str(process.pid))
    (port,) = re.findall(r"--port (\d+)", line)
    for _ in range(600):
        need(process.poll() is None, f"service that goes on: {LOG.read_text()}")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2).close()
            return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"not ready: {LOG.read_text()}")


def stop() -> None:
    pid = int(PID.read_text())
    os.kill(pid, signal.SIGTERM)
    while running(pid):
        time.sleep(0.05)


def running(pid: int) -> bool:
    """Whether it has not ended; one that nobody waited for has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def journalctl(words: list[str]) -> None:
    sys.stdout.write(LOG.read_text())


def systemd_run(words: list[str]) -> None:
    for path in re.findall(r"LoadCredential=\w+:(\S+)", " ".join(words)):
        need(Path(path).exists(), path)
    (asked,) = re.findall(rf"({OURS} \w.*)", words[-1])
    command(asked.split())


def runuser(words: list[str]) -> None:
    _, user, _, *rest = words
    os.execvp("setpriv", ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", *rest])


def docker(words: list[str]) -> None:
    for path in re.findall(r"-f (\S+)", " ".join(words)):
        need(Path(path).exists(), path)
    if words[0] == "exec":
        command(words[2:])
    if words[0] != "compose":
        return
    described = yaml.safe_load(Path(words[2]).read_text())
    for secret in described["secrets"].values():
        optional = Path(secret["file"]).name in ("prometheus_key", "grafana_password")
        need(optional or Path(words[2]).parent.joinpath(secret["file"]).exists(), f"secret {secret['file']}")
    verb, *rest = words[3:]
    names = [word for word in rest if not word.startswith("-")]
    for name in names[:1]:
        need(name in described["services"], f"service {name}")
    if verb == "exec":
        command(names[1:])


def kubectl(words: list[str]) -> None:
    described = [
        one for file in Path("deploy/kubernetes").glob("*.yaml") for one in yaml.safe_load_all(file.read_text())
    ]
    for path in re.findall(r"-f (\S+)", " ".join(words)):
        need(Path(path).exists(), path)
    if words[:3] == ["create", "secret", "generic"]:
        (shared,) = [one for one in described if one["kind"] == "ConfigMap"]
        wanted = {Path(value).name for name, value in shared["data"].items() if name.endswith("_FILE")}
        given = {word.removeprefix("--from-literal=").partition("=")[0] for word in words[4:]}
        need(wanted == given, f"secret with {sorted(wanted ^ given)}")
    there = {(one["kind"].lower(), one["metadata"]["name"]) for one in described}
    named = re.findall(r"\b(job|deploy)[ /]([\w-]+)(?![\w/.])", " ".join(words))
    for kind, name in named:
        need((kind.replace("deploy", "deployment"), name) in there, f"{kind} {name}")
    if "--" in words:
        command(words[words.index("--") + 1 :])


def proxy(words: list[str]) -> None:
    """Its file must be where it looks for it; what it thinks of it is seen by tests of their own."""
    file = next((word for word in words if word.startswith("/")), "/etc/nginx/conf.d/reelhook.conf")
    need(Path(file).exists(), file)


def curl(words: list[str]) -> None:
    """Somebody who is ready at once."""


STAND_INS: dict[str, Any] = {
    "systemctl": systemctl, "journalctl": journalctl, "systemd-run": systemd_run, "runuser": runuser, "docker": docker,
    "kubectl": kubectl, "nginx": proxy, "caddy": proxy, "haproxy": proxy, "curl": curl,
}  # fmt: skip


def installed(root: Path, registry: Path, python: str) -> None:
    """Put all of them into the system in *root*, before its own programs. *registry*: what pip finds there."""
    folder = root / "opt" / "stand-ins"
    folder.mkdir(parents=True)
    shutil.copy(__file__, folder / "stand_ins.py")
    programs = {
        name: f'REGISTRY={registry} exec {python} /opt/stand-ins/stand_ins.py {name} "$@"' for name in STAND_INS
    }
    # Whoever makes an environment gets one in which pip finds things without a network.
    found = f'for packages in "$3"/lib/python3*/site-packages; do echo {registry} >"$packages/registry.pth"; done'
    programs["python3"] = f'{python} "$@" || exit\n[ "$2" != venv ] || {found}'
    for name, text in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)


if __name__ == "__main__":
    STAND_INS[sys.argv[1]](sys.argv[2:])

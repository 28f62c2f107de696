"""A real nginx with the configuration that we ship: only its ports and paths are others."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.e2e.kill.scene import ROOT

SHIPPED = ROOT / "deploy" / "nginx" / "reelhook.conf"
COMMAND_LIMIT_S = 20
# What the shipped file says must stand in nginx.conf, and where nginx may write.
MAIN = """
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes 2;
worker_rlimit_nofile 16384;
worker_shutdown_timeout 5s;
events {{ worker_connections 8192; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/reelhook.conf;
}}
"""


def nginx_binary() -> str | None:
    """The program, None where there is none."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin"
    names = (os.environ.get("REELHOOK_NGINX"), "nginx")
    return next((found for name in names if name and (found := shutil.which(name, path=path))), None)


def site(shipped: str, port: int, servers: Sequence[int], logs: Path) -> str:
    """The shipped site with other ports and another place for its log. Fails when one of them is not found in it."""
    others = {"listen 80;\n    #": f"listen 127.0.0.1:{port};\n    #", "/var/log/nginx": str(logs)}
    others |= {f"server 127.0.0.1:{8081 + number} ": f"server 127.0.0.1:{own} " for number, own in enumerate(servers)}
    for ours, own in others.items():
        assert ours in shipped, f"{ours!r} is not in {SHIPPED}"
        shipped = shipped.replace(ours, own)
    return shipped


def write(folder: Path, port: int, servers: Sequence[int], shipped: str | None = None) -> Path:
    """Both files into *folder*; returns the main one."""
    text = SHIPPED.read_text() if shipped is None else shipped
    (folder / "reelhook.conf").write_text(site(text, port, servers, folder))
    # As root nginx gives its processes to another user, who could not enter our folder.
    user = "user root;" if os.geteuid() == 0 else ""
    main = folder / "nginx.conf"
    main.write_text(MAIN.format(user=user, folder=folder))
    return main


def words(binary: str, main: Path) -> list[str]:
    """The command that runs it in the foreground."""
    return [binary, "-p", str(main.parent), "-c", str(main), "-e", str(main.parent / "error.log"), "-g", "daemon off;"]


def ask(binary: str, main: Path, *what: str) -> str:
    """`-s reload` or `-t`; what it said. Raises when it refused."""
    command = [*words(binary, main)[:-2], *what]
    done = subprocess.run(command, capture_output=True, text=True, timeout=COMMAND_LIMIT_S)
    assert done.returncode == 0, done.stderr
    return done.stderr

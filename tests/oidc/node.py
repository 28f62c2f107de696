"""The real provider as a process of its own: npm's `oidc-provider` under the pinned Node."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hatch_build import node_home

from tests.processes import free_port

FOLDER = Path(__file__).parent / "provider"
CLIENT_ID, CLIENT_SECRET = "reelhook", "not:so secret"


@contextmanager
def real_provider(*redirect_uris: str) -> Iterator[str]:
    """Its issuer. Whoever signs in there as `NAME` has the verified address `NAME@Example.com`."""
    if not (FOLDER / "node_modules" / ".stamp").is_file():
        pytest.skip("no OpenID Connect provider here: python scripts/ensure_node.py installs it")
    port = free_port()
    process = subprocess.Popen(
        [str(node_home() / "bin" / "node"), "provider.js", str(port), *redirect_uris],
        cwd=FOLDER,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", "the provider did not start"
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()


def settings(issuer: str, public_url: str, **more: object) -> dict[str, object]:
    """What an operator would set for it."""
    usual = {"oidc_issuer": issuer, "oidc_client_id": CLIENT_ID, "oidc_client_secret": CLIENT_SECRET}
    allowed = issuer.removeprefix("http://")
    return {**usual, "public_url": public_url, "oidc_name": "Example ID", "fetch_allow": allowed, **more}

"""From a cause to an incident to its end, in a running service; and a fire drill by the command."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from typer.testing import CliRunner

from reelhook import logs
from reelhook.cli.alerts import alerts as command
from reelhook.monitoring.rules import RULES
from tests.mail import MailServer, mail_server
from tests.processes import Service, wait_until

SITE = "https://reel.example.com"


class _Gone(BaseHTTPRequestHandler):
    """A receiver that wants no more messages."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(410)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        return None


@contextmanager
def gone() -> Iterator[str]:
    """Its address, while the block lasts."""
    server = HTTPServer(("127.0.0.1", 0), _Gone)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def gone_address() -> Iterator[str]:
    with gone() as address:
        yield address


@pytest.fixture(scope="module")
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, gone_address: str, mail: MailServer) -> Iterator[Service]:
    """A service with one operator, who gets letters."""
    service = Service(tmp_path_factory.mktemp("alerts"))
    service.settings = {"fetch_allow": gone_address, "smtp_url": mail.url, "public_url": SITE, "secret_key": "key"}
    service.start()
    with service.local() as local:
        ada = {"email": "ada@example.com", "role": "operator", "password": "a long enough password"}
        local.post("/api/v1/people", json=ada).raise_for_status()
    yield service
    service.stop()


def test_an_incident_follows_from_its_cause_and_ends_with_it(running: Service, gone_address: str) -> None:
    """The cause: one of the builders' systems says that it is gone, so it is sent nothing more."""
    with running.client() as client:

        def rule(name: str) -> dict[str, Any]:
            return next(one for one in client.get("/api/v1/rules").json()["data"] if one["name"] == name)

        wait_until(lambda: rule("disk_full")["evaluated_at"], what="a look of the worker's own")
        url = {"url": f"http://{gone_address}/hook"}
        made = client.post("/api/v1/subscription-endpoints", json=url).raise_for_status().json()
        client.post("/api/v1/videos", json={"heygen_video_id": "hg-1"}).raise_for_status()
        endpoint = f"/api/v1/subscription-endpoints/{made['id']}"
        wait_until(lambda: client.get(endpoint).json()["state"] == "disabled", what="a disabled endpoint")

        client.post("/api/v1/rules/evaluate").raise_for_status()
        (incident,) = client.get("/api/v1/incidents?state=open&rule=endpoint_disabled").json()["data"]
        assert incident["says"].startswith("The endpoint at 127.0.0.1 is disabled: it answered 410")
        assert incident["link"]["path"] == f"/settings/webhooks/{made['id']}"
        client.patch(endpoint, json={"paused": True}).raise_for_status()
        client.post("/api/v1/rules/evaluate").raise_for_status()
        told = client.get(f"/api/v1/incidents/{incident['id']}").json()
        assert (told["state"], [one["kind"] for one in told["entries"]]) == ("resolved", ["opened", "resolved"])
    assert '"incident.opened"' in running.log


def test_a_drill_by_the_command_is_told_like_a_real_incident(running: Service, mail: MailServer) -> None:
    done = running.command("alerts", "drill", "heygen_key_refused", "--json")
    assert done.returncode == 0, done.stderr
    drilled = json.loads(done.stdout)
    assert (drilled["drill"], drilled["severity"], drilled["state"]) == (True, "critical", "open")
    title = f"Drill: {RULES['heygen_key_refused'].title}"
    letter = wait_until(lambda: letters(mail).get(title), what="a letter")
    assert f"{SITE}/health/incidents/{drilled['id']}" in letter
    with running.local() as local:
        ended = local.post(f"/api/v1/incidents/{drilled['id']}/resolve").raise_for_status().json()
    assert ended["entries"][-1]["by"]["actor"] == "local:local"


def test_every_rule_goes_off_in_a_drill_and_its_letters_come_in(
    running: Service, mail: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in running.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(logs, "configure", lambda *_, **__: None)  # of this process, which has its own

    def drill(rule: str, *words: str) -> dict[str, Any]:
        done = CliRunner().invoke(command, ["drill", rule, *words, "--json"])
        assert done.exit_code == 0, done.output
        return dict(json.loads(done.stdout))

    opened = {name: drill(name) for name in RULES}
    assert all((one["rule"], one["drill"], one["state"]) == (name, True, "open") for name, one in opened.items())
    wanted = {f"Drill: {rule.title}": opened[name] for name, rule in RULES.items()}
    wait_until(lambda: wanted.keys() <= letters(mail).keys(), what="a letter about each")
    for title, incident in wanted.items():
        assert incident["says"] in letters(mail)[title]
    assert {drill(name, "--resolve")["state"] for name in RULES} == {"resolved"}
    wait_until(lambda: {f"{title}: it is over" for title in wanted} <= letters(mail).keys(), what="the end of each")


def letters(mail: MailServer) -> dict[str, str]:
    """The newest text by its subject."""
    return {str(one.letter["Subject"]): one.text() for one in list(mail.delivered)}

"""From a cause to an incident to its end, in a running service; and a fire drill by the command."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

from tests.processes import Service, wait_until


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


def alerts(service: Service, *words: str) -> Any:
    done = service.command("alerts", *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_an_incident_follows_from_its_cause_and_ends_with_it(service: Service) -> None:
    """The cause: one of the builders' systems says that it is gone, so it is sent nothing more."""
    with gone() as address:
        service.settings = {"fetch_allow": address}
        service.start()
        with service.client() as client:

            def rule(name: str) -> dict[str, Any]:
                return next(one for one in client.get("/api/v1/rules").json()["data"] if one["name"] == name)

            wait_until(lambda: rule("disk_full")["evaluated_at"], what="a look of the worker's own")
            url = {"url": f"http://{address}/hook"}
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

        drilled = alerts(service, "drill", "heygen_key_refused")
        assert (drilled["drill"], drilled["severity"], drilled["state"]) == (True, "critical", "open")
        with service.local() as local:
            ended = local.post(f"/api/v1/incidents/{drilled['id']}/resolve").raise_for_status().json()
        assert ended["entries"][-1]["by"]["actor"] == "local:local"
        service.stop()
    assert '"incident.opened"' in service.log

"""A process is killed while it hands letters over, before the first word and after the last: never two of one."""

import socketserver
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx2 as httpx
import pytest

from tests.processes import Service, wait_until

ANSWERS = {"EHLO": "250 here", "MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go on", "QUIT": "221 bye"}
PASSWORD = "correct horse battery"


class StubbornMail(socketserver.ThreadingTCPServer):
    """Hangs in the way of the next of *hangs* for each connection, then serves. *letters*: those that came whole."""

    daemon_threads, allow_reuse_address = True, True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.hangs: list[str] = []
        self.hanging: list[str] = []
        self.letters: Counter[str] = Counter()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"


class Talk(socketserver.StreamRequestHandler):
    server: StubbornMail

    def handle(self) -> None:
        hang = self.server.hangs.pop(0) if self.server.hangs else ""
        if hang == "greeting":
            self._wait(hang)
            return
        self._say("220 here")
        letter = ""
        in_letter = False
        while line := self.rfile.readline().decode():
            if in_letter and line == ".\r\n":
                self.server.letters[subject(letter)] += 1
                if hang == "answer":
                    self._wait(hang)
                    return
                in_letter = False
                self._say("250 taken")
            elif in_letter:
                letter += line
            elif (word := line[:4].upper()) in ANSWERS:
                self._say(ANSWERS[word])
                in_letter = word == "DATA"

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())

    def _wait(self, hang: str) -> None:
        """Until the other side is gone."""
        self.server.hanging.append(hang)
        while self.request.recv(4096):
            continue


def subject(letter: str) -> str:
    return next(line for line in letter.splitlines() if line.startswith("Subject:"))


@pytest.fixture
def mail() -> Iterator[StubbornMail]:
    with StubbornMail() as running:
        threading.Thread(target=running.serve_forever, args=(0.05,), daemon=True).start()
        yield running
        running.shutdown()


def test_a_letter_is_never_sent_twice_by_itself(service: Service, mail: StubbornMail) -> None:
    service.settings = {"smtp_url": mail.url, "public_url": "http://127.0.0.1", "secret_key": "key"}
    mail.hangs = ["greeting", "answer"]
    service.start()
    with service.local() as local:
        account = {"email": "ann@example.com", "role": "viewer", "password": PASSWORD}
        person = local.post("/api/v1/people", json=account).raise_for_status().json()
        said = {"kinds": {"failed": {"email": True}}, "locked": {}, "critical": []}
        local.put("/api/v1/notification-settings", json=said).raise_for_status()
        for name in ("one", "two"):
            video = {"heygen_video_id": name, "title": name, "subject": person["id"]}
            local.post("/api/v1/videos", json=video).raise_for_status()
    for name in ("one", "two"):
        service.post({"event_type": "avatar_video.fail", "event_data": {"video_id": name, "msg": "No such voice"}})
    wait_until(lambda: sorted(mail.hanging) == ["answer", "greeting"], what="both letters under way")
    assert sum(mail.letters.values()) == 1
    service.kill()

    service.start()
    with httpx.Client(base_url=service.base, headers={"X-Reelhook": "1"}, timeout=15) as ann:
        ann.post("/api/v1/session", json={"email": "ann@example.com", "password": PASSWORD}).raise_for_status()
        wait_until(lambda: states(ann) == ["unknown"] * 2, what="two unknown ends")
        assert sum(mail.letters.values()) == 1, "one had arrived, and nobody sent it again"
        for told in listed(ann):
            ann.post(f"/api/v1/me/notifications/{told['id']}/deliveries/email/again").raise_for_status()
        wait_until(lambda: states(ann) == ["sent"] * 2, what="both sent, because Ann asked for it")
    assert sorted(mail.letters.values()) == [1, 2]


def listed(ann: httpx.Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ann.get("/api/v1/me/notifications").raise_for_status().json()["data"]
    return found


def states(ann: httpx.Client) -> list[str]:
    every = [ann.get(f"/api/v1/me/notifications/{told['id']}/deliveries").json()["data"] for told in listed(ann)]
    return [way["state"] for ways in every for way in ways if way["channel"] == "email"]

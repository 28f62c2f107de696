"""Files that are not what they should be: each is noticed and named, the others go on, and none is lost."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cloudinary.uploader
import httpx2 as httpx
import pytest

from reelhook.archive.stores.cloudinary_account import Account
from tests.e2e.trouble import REQUEST, Json, becomes, guide, job_error, told
from tests.processes import Service, Simulators, free_port, simulators, wait_until

MOST = 2_000_000
RENDER_S = 1.0
# What HeyGen's media host does to the video of that name, how often, and what the store of its choice is.
STRIKES: dict[str, Json] = {
    "fine": {},
    "empty": {"kind": "empty", "times": 2},
    "page": {"kind": "html", "times": 2},
    "text": {"kind": "text", "times": 2},
    "mislabelled": {"kind": "wrong_type"},
    "dropped": {"kind": "drop", "bytes": 50_000},
    "cut off": {"kind": "truncated", "bytes": 10, "times": 2},
    "circle": {"kind": "redirect_loop", "times": 12},
    "private": {"kind": "redirect", "url": "http://127.0.0.1:1/admin"},
    "large": {},
    "other bytes": {},
    "never right": {},
}
IN_CLOUDINARY = ("other bytes", "never right")


@dataclass
class World:
    """One service with everything going wrong at once."""

    service: Service
    outside: Simulators
    client: httpx.Client
    ids: dict[str, str] = field(default_factory=dict)

    def ask(self, name: str) -> None:
        """Request the video of that name, and arrange its fate."""
        strike, plan = STRIKES[name], {"render_s": 4 * RENDER_S} if name in IN_CLOUDINARY else {}
        if strike:
            plan |= {"faults": [{"target": "video"} | strike]}
        if name == "large":
            plan |= {"bytes": MOST + 1}
        self.outside.control("POST", "/plans", {"plans": [plan]})
        store = "cloudinary" if name in IN_CLOUDINARY else "local"
        asked = self.client.post("/api/v1/videos", json=REQUEST | {"title": name, "store": store})
        self.ids[name] = asked.raise_for_status().json()["id"]
        wait_until(lambda: not self.outside.control("GET", "/plans")["plans"], what="HeyGen was asked")
        if name == "other bytes":
            self.put_wrong_bytes(name)
        if name == "never right":
            fault = {"on": "upload", "kind": "truncated", "target": self.ids[name], "times": 0, "bytes": 10}
            self.cloud("POST", "/faults", fault)

    def cloud(self, method: str, path: str, body: Any = None) -> Any:
        answer = httpx.request(method, f"{self.outside.cloudinary}/_control{path}", json=body, timeout=15)
        return answer.raise_for_status().json()

    def put_wrong_bytes(self, name: str) -> None:
        """Somebody else's film is at Cloudinary already, under the very name that we will use."""
        account = Account.parse(self.outside.cloudinary_url)
        film = (Path(__file__).parents[2] / "src/reelhook/simulators/media/welcome.mp4").read_bytes()
        public_id = f"reelhook/{self.ids[name]}/video"
        cloudinary.uploader.upload(
            ("other.mp4", film), resource_type="video", public_id=public_id, **account.options
        )  # fmt: skip

    def truth(self, name: str) -> str:
        """The digest of the film as HeyGen has it."""
        heygen_id = self.client.get(f"/api/v1/videos/{self.ids[name]}").json()["heygen_video_id"]
        rows = self.outside.control("GET", "/videos")["videos"]
        return str(next(row["media"]["video"]["sha256"] for row in rows if row["id"] == heygen_id))

    def ready(self, name: str) -> list[tuple[str, str]]:
        """What was told of its failed attempts, once it is ready, with the bytes that HeyGen has."""
        asset = becomes(self.client, self.ids[name], "ready")["asset"]
        assert asset["sha256"] == self.truth(name)
        if asset["store"] == "local":
            kept = self.client.get(asset["url"]).content
            assert hashlib.sha256(kept).hexdigest() == asset["sha256"]
        return told(self.client, self.ids[name])

    def given_up(self, name: str) -> tuple[str, str]:
        """Code and message where a person looks: the video's failure, the same in its dead job."""
        failure = becomes(self.client, self.ids[name], "unarchived")["failure"]
        job = job_error(self.client, self.ids[name])
        assert (job["state"], job["code"], job["message"]) == ("dead", failure["code"], failure["message"])
        assert (failure["by"], job["retryable"]) == ("reelhook", False)
        return failure["code"], failure["message"]

    def try_again(self, name: str) -> None:
        assert self.client.post(f"/api/v1/videos/{self.ids[name]}/retry").status_code == 202


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("sources")
    with simulators(RENDER_S) as outside:
        service = Service(folder, outside.settings(), free_port())
        secret = outside.register(f"{service.base}/webhooks/heygen")
        service.settings |= {"stores": f"local:{folder / 'media'},cloudinary", "video_max_bytes": MOST}
        service.settings |= {"heygen_webhook_secrets": secret}
        try:
            with service.start().client() as client:
                world = World(service, outside, client)
                for name in STRIKES:
                    world.ask(name)
                yield world
        finally:
            service.kill()


def test_a_fine_one_becomes_ready_among_them(world: World) -> None:
    assert world.ready("fine") == []


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("empty", "not_media", "what was served is not the video: it is empty"),
        ("page", "not_media", "what was served is not the video: it is a web page"),
        ("text", "not_media", "what was served is not the video: its first bytes are of no known media"),
        ("cut off", "cut_off", "is cut off: the film has at least 10 bytes more than were served"),
        ("circle", "redirect_loop", "redirects more than 5 times"),
    ],
)
def test_what_is_not_the_video_is_named_and_fetched_again(world: World, name: str, code: str, words: str) -> None:
    (failed,) = world.ready(name)
    assert (failed[0], words in failed[1]) == (code, True), failed
    guide(code, words.rpartition(": ")[2].replace("10", "N"))


@pytest.mark.parametrize("name", ["mislabelled", "dropped"])
def test_what_can_be_mended_within_an_attempt_costs_none(world: World, name: str) -> None:
    """The right bytes under a wrong type; fewer bytes than the Content-Length says, which are fetched from there on."""
    assert world.ready(name) == []


def test_a_link_to_a_private_address_is_a_persons_decision(world: World) -> None:
    code, words = world.given_up("private")
    assert (code, "is not a public address at port 80 or 443; REELHOOK_FETCH_ALLOW" in words) == (
        "address_refused",
        True,
    )
    world.try_again("private")
    world.ready("private")
    guide(code, "not a public address", "REELHOOK_FETCH_ALLOW")


def test_other_bytes_under_our_name_at_cloudinary_are_replaced_once(world: World) -> None:
    assert world.ready("other bytes") == []
    assert "archive.replaces" in world.service.log
    guide("archive.replaces")


def test_bytes_that_are_never_right_at_cloudinary_are_shown_to_a_person(world: World) -> None:
    code, words = world.given_up("never right")
    assert (code, "replacing it did not help" in words) == ("wrong_bytes_stored", True)
    world.cloud("DELETE", "/faults")
    world.try_again("never right")
    world.ready("never right")
    guide(code, "replacing it did not help")


def test_a_video_that_is_too_large_is_kept_when_the_limit_is_raised(world: World) -> None:
    code, words = world.given_up("large")
    assert (code, "has more than 2000000 bytes (REELHOOK_VIDEO_MAX_BYTES)" in words) == ("too_large", True)
    world.service.stop()
    world.service.settings |= {"video_max_bytes": 2 * MOST}
    world.service.start()
    world.try_again("large")
    world.ready("large")
    guide(code, "REELHOOK_VIDEO_MAX_BYTES")

"""The HeyGen account as it answers, word for word: read without our own client, which takes only what it knows."""

import re
from dataclasses import dataclass, field
from typing import Any

import httpx2 as httpx

ENDPOINTS = "/v3/webhooks/endpoints"
PAGE = 100
MOST_PAGES = 20
LIMIT_S = 30


@dataclass(frozen=True)
class Listed:
    """The rows of a list, and whether it was read to its end."""

    rows: list[dict[str, Any]]
    complete: bool


@dataclass
class Account:
    """The API behind one key."""

    base_url: str
    key: str = field(repr=False)

    def endpoints(self) -> list[dict[str, Any]]:
        """Those registered. Raises *httpx.HTTPStatusError* when the key opens nothing."""
        return self._list(ENDPOINTS).rows

    def delete_endpoint(self, endpoint_id: str) -> None:
        self._ask("DELETE", f"{ENDPOINTS}/{endpoint_id}")

    def history(self) -> Listed:
        """What HeyGen says it delivered, as it orders it; 2,000 rows at most."""
        return self._list("/v3/webhooks/events")

    def video(self, video_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self._ask("GET", f"/v3/videos/{video_id}").json()["data"]
        return found

    def legacy_statuses(self, video_id: str) -> dict[str, int]:
        """How the retired API answers two harmless questions."""
        paths = (f"/v1/video_status.get?video_id={video_id}", "/v1/webhook/endpoint.list")
        return {path.partition("?")[0]: self._raw("GET", path).status_code for path in paths}

    def _list(self, path: str) -> Listed:
        rows: list[dict[str, Any]] = []
        token = ""
        for _ in range(MOST_PAGES):
            answer = self._ask("GET", path, limit=str(PAGE), **({"token": token} if token else {})).json()
            rows += answer["data"]
            token = answer.get("next_token") or ""
            if not answer.get("has_more") or not token:
                return Listed(rows, True)
        return Listed(rows, False)

    def _ask(self, method: str, path: str, **query: str) -> httpx.Response:
        return self._raw(method, path, **query).raise_for_status()

    def _raw(self, method: str, path: str, **query: str) -> httpx.Response:
        address = httpx.URL(self.base_url + path).copy_merge_params(query)
        return httpx.request(method, address, headers={"X-Api-Key": self.key}, timeout=LIMIT_S)


def same_address(one: str, other: str) -> bool:
    """Whether two webhook addresses are the same, but for case and a slash at the end."""
    return re.sub(r"/+$", "", one.lower()) == re.sub(r"/+$", "", other.lower())

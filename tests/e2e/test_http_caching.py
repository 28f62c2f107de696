"""What a real server sends, and what it does not: caching and compression as a browser sees them."""

import httpx2 as httpx

from tests.processes import Service

VIDEOS = 60
TAKES_ALL = "gzip, deflate, br, zstd"


def test_what_is_sent_again_what_is_compressed_and_what_never_is(service: Service) -> None:
    service.start()
    with service.client("admin") as client:
        client.headers["accept-encoding"] = "gzip"
        for number in range(VIDEOS):
            made = client.post("/api/v1/videos", json={"heygen_video_id": f"hg-{number}", "title": f"Film {number}"})
            assert made.status_code == 202, made.text
            assert made.headers["cache-control"] == "no-store"
        board(client)
        openapi(client)
        secrets(client)
        not_ours(client)
    app(service)


def board(client: httpx.Client) -> None:
    get, head = client.get("/api/v1/videos"), client.head("/api/v1/videos")
    assert get.headers["content-encoding"] == "gzip"
    assert get.headers["cache-control"] == "private, no-cache"
    assert int(get.headers["content-length"]) < len(get.content) / 4
    assert (head.status_code, head.content) == (200, b"")
    assert {name: head.headers[name] for name in ("etag", "content-length")} == {
        name: get.headers[name] for name in ("etag", "content-length")
    }
    for method in ("GET", "HEAD"):
        again = client.request(method, "/api/v1/videos", headers={"if-none-match": get.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    client.patch(f"/api/v1/videos/{get.json()['data'][0]['id']}", json={"title": "Another"}).raise_for_status()
    assert client.get("/api/v1/videos", headers={"if-none-match": get.headers["etag"]}).status_code == 200


def openapi(client: httpx.Client) -> None:
    answer = client.get("/openapi.json")
    assert answer.headers["cache-control"] == "public, no-cache"
    assert client.get("/openapi.json", headers={"if-none-match": answer.headers["etag"]}).status_code == 304


def secrets(client: httpx.Client) -> None:
    for number in range(20):
        client.post("/api/v1/keys", json={"name": f"key {number}", "role": "viewer"}).raise_for_status()
    for path in ("/api/v1/keys", "/api/v1/people", "/api/v1/session", "/api/v1/rejections", "/metrics", "/readyz"):
        answer = client.get(path, headers={"if-none-match": "*"})
        assert answer.status_code == 200, path
        assert answer.headers["cache-control"] == "no-store", path
        assert not {"etag", "content-encoding"} & set(answer.headers), path
    missing = client.get("/api/v1/videos/none")
    assert (missing.status_code, missing.headers["cache-control"]) == (404, "no-store")


def not_ours(client: httpx.Client) -> None:
    """The doors that are hot or stream answer as they always did."""
    probe = client.get("/webhooks/heygen")
    assert not {"etag", "content-encoding", "vary"} & set(probe.headers)
    with client.stream("GET", "/api/v1/stream") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert "etag" not in stream.headers


def app(service: Service) -> None:
    shell = httpx.get(service.base, headers={"accept-encoding": TAKES_ALL}, timeout=15)
    assert shell.headers["cache-control"] == "no-cache"
    script = shell.text.split('src="')[1].split('"')[0]
    for accepted, encoding in ((TAKES_ALL, "br"), ("gzip", "gzip")):
        answer = httpx.get(service.base + script, headers={"accept-encoding": accepted}, timeout=15)
        assert answer.headers["content-encoding"] == encoding
        assert "immutable" in answer.headers["cache-control"]
        asked = {"accept-encoding": accepted, "if-none-match": answer.headers["etag"]}
        assert httpx.get(service.base + script, headers=asked, timeout=15).status_code == 304
        assert len(answer.content) > 2 * int(answer.headers["content-length"])

"""No route of the whole API changes anything by cookie alone."""

from pathlib import Path

import httpx2

from reelhook.app import Service
from reelhook.auth import local_admin
from reelhook.settings import Settings

ADA, HEADER = {"email": "ada@example.com", "password": "correct horse battery"}, {"X-Reelhook": "1"}
CHANGING = {"post", "put", "patch", "delete"}


async def test_every_change_by_cookie_needs_our_own_page(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'reelhook.db'}"
    service = Service(Settings(database_url=url, stores=f"local:{tmp_path / 'media'}"), works=False)
    service.start()
    await service.opened.wait()
    await service.parts.access.people.create(local_admin(), ADA["email"], "admin", ADA["password"])
    transport = httpx2.ASGITransport(app=service.doors.asgi, client=("192.0.2.7", 1))
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as browser:
        assert (await browser.post("/api/v1/session", json=ADA, headers=HEADER)).status_code == 200
        paths = service.doors.api.openapi()["paths"]
        routes = [(method, path) for path, told in paths.items() for method in told if method in CHANGING]
        no_cookie = ("/webhooks", "/unsubscribe")  # a signature or a token lets in, whoever is signed in
        ours = [(method, path) for method, path in routes if not path.startswith(no_cookie)]
        assert len(ours) > 15
        for method, path in ours:
            for headers in ({}, HEADER | {"Origin": "https://evil.example"}, HEADER | {"Sec-Fetch-Site": "cross-site"}):
                answer = await browser.request(method.upper(), path.replace("{", "").replace("}", ""), headers=headers)
                assert (answer.status_code, answer.json().get("code")) == (403, "csrf"), (method, path, headers)
        assert (await browser.get("/api/v1/session")).status_code == 200, "nor was anybody signed out"
    await service.stop()

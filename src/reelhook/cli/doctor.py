"""`reelhook doctor`: do the settings work, against the real services?"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp
import typer

from reelhook import settings
from reelhook.archive.stores.choice import open_stores
from reelhook.auth.oidc.provider import Provider
from reelhook.cli import process_findings, sender_findings
from reelhook.cli.fetch_findings import fetches
from reelhook.cli.local_api import connected, quiet
from reelhook.cli.output import AsJson, document
from reelhook.cli.secret_findings import TOGETHER, findings, seals
from reelhook.cli.server_findings import Concern, postgres, redis
from reelhook.errors import ReelhookError, Unavailable
from reelhook.heygen import HeyGen
from reelhook.ingest.own_address import PATH, probe
from reelhook.kit.clock import SystemClock
from reelhook.kit.http import TRANSPORT_ERRORS, guarded_session
from reelhook.notify.channels.email import SmtpServer
from reelhook.settings import Settings

CLOCK_LIMIT_S = 30.0  # far below the hour after which Cloudinary calls a signature stale
SAFE_SQLITE = (3, 51, 3)
CHECK_LIMIT_S = 60.0

# Returns what was found, in words; raises a *ReelhookError* that says what is wrong and what to do.
Check = Callable[[], Awaitable[str]]


def register(app: typer.Typer) -> None:
    app.command()(doctor)


def doctor(as_json: AsJson = False) -> None:
    config = settings.load()
    quiet()
    results = asyncio.run(_examine(config))
    if as_json:
        document({"ok": all(one["ok"] for one in results), "checks": results})
    else:
        for one in results:
            print(f"{_mark(one)}  {one['name']}: {one['found']}")
    raise SystemExit(0 if all(one["ok"] for one in results) else 1)


def _mark(one: Mapping[str, object]) -> str:
    return "FAIL" if not one["ok"] else "warn" if one.get("warning") else "ok  "


async def _examine(config: Settings) -> list[dict[str, object]]:
    async with guarded_session(config.fetch_allow) as session:
        checks: dict[str, Check] = {"database": lambda: _database(config)}
        if config.sqlite_path is not None:
            checks["sqlite"] = _sqlite
        else:
            checks["postgres"] = lambda: postgres(config)
        if (url := config.redis_url) is not None:
            checks["redis"] = lambda: redis(url.get_secret_value())
        for name, store in open_stores(config, SystemClock()).items():
            checks[f"store {name}"] = lambda store=store: _done(store.check(), "wrote, read and deleted a small object")  # type: ignore[misc]
        checks["heygen key"] = lambda: _heygen(config, session)
        checks["public url"] = lambda: _public_url(config)
        checks["mail"] = lambda: _mail(config)
        checks["clock"] = lambda: _clock(config, session)
        if (provider := Provider.named_in(config, session, SystemClock())) is not None:
            checks["oidc"] = provider.check
        found = [await _result(name, check) for name, check in checks.items()]
        return [*found, *fetches(config), *await _from_the_api(config)]


async def _result(name: str, check: Check) -> dict[str, object]:
    try:
        found = await asyncio.wait_for(check(), CHECK_LIMIT_S)
        return {"name": name, "ok": True, "warning": isinstance(found, Concern), "found": found}
    except ReelhookError as error:
        return {"name": name, "ok": False, "found": error.message}
    except TimeoutError:
        return {"name": name, "ok": False, "found": f"no answer within {CHECK_LIMIT_S:g} s"}


async def _done(work: Awaitable[None], words: str) -> str:
    await work
    return words


async def _database(config: Settings) -> str:
    async with connected(config) as api:
        await api.call("GET", "/readyz")
    return "reached, and this version can work with its schema"


async def _sqlite() -> str:
    found = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info < SAFE_SQLITE:
        safe = ".".join(map(str, SAFE_SQLITE))
        return f"{found}; before {safe} two writing processes could corrupt the file, so Reelhook lets one own it"
    return found


async def _heygen(config: Settings, session: aiohttp.ClientSession) -> str:
    if config.heygen_api_key is None:
        return "not set: unsigned callbacks stay pending, and nothing can be requested"
    client = HeyGen(session, config.heygen_base_url, config.heygen_api_key.get_secret_value(), SystemClock())
    await client.check()
    return "HeyGen accepts it"


async def _from_the_api(config: Settings) -> list[dict[str, object]]:
    """Who runs, the allowlist, the webhook secrets together and each, and how all that is sealed is sealed."""
    try:
        async with connected(config) as api:
            running = process_findings.finding(await api.call("GET", "/api/v1/processes"))
            allowlist = sender_findings.finding(await api.call("GET", "/api/v1/senders"))
            each = findings(await api.call("GET", "/api/v1/webhook-secrets"))
            return [running, allowlist, *each, seals(await api.call("GET", "/api/v1/secrets"))]
    except ReelhookError as error:
        return [{"name": TOGETHER, "ok": False, "found": error.message}]


async def _public_url(config: Settings) -> str:
    if config.public_url is None:
        return "not set: links are relative, and HeyGen must be told the address by hand"
    url = config.public_url + PATH
    # Our own address may well be private: this asks it directly, and nothing else ever does.
    async with aiohttp.ClientSession() as session:
        await probe(session, url)
    return f"OPTIONS {url} was answered in time"


async def _mail(config: Settings) -> str:
    if config.smtp_url is None:
        return "not set: invitations and new passwords are links to be handed over"
    found = await SmtpServer.parse(config.smtp_url.get_secret_value()).check()
    if config.public_url is None:
        return Concern(f"{found}; but nothing is mailed until REELHOOK_PUBLIC_URL says where links lead")
    return found


async def _clock(config: Settings, session: aiohttp.ClientSession) -> str:
    there = await _date_at(config.heygen_base_url, session)
    apart = abs((datetime.now(UTC) - there).total_seconds())
    if apart > CLOCK_LIMIT_S:
        raise Unavailable(f"this machine's clock is {apart:.0f} s away from HeyGen's; set it by NTP")
    return f"within {max(1, round(apart))} s of HeyGen's"


async def _date_at(url: str, session: aiohttp.ClientSession) -> datetime:
    try:
        async with session.get(url, allow_redirects=False, timeout=aiohttp.ClientTimeout(total=10)) as response:
            date = response.headers.get("date")
    except TRANSPORT_ERRORS as error:
        raise Unavailable(f"{url} was not reached, so the clocks cannot be compared: {error}") from None
    if date is None:
        raise Unavailable(f"{url} tells no time, so the clocks cannot be compared")
    return parsedate_to_datetime(date)

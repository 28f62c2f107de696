"""Which addresses of chats are taken. What apprise opens does not pass the guard of our own fetches, so they are few.

Either a well-known service, whose host nobody can choose; or a server of the operator's own, written as the numeric
`address:port` that FETCH_ALLOW names. Nothing behind a `?`: there apprise takes files, other hosts, and redirects.
"""

import re
from collections.abc import Collection

from reelhook.errors import WrongInput

# The module of apprise, and its class, by the scheme of the address.
SERVICES: dict[str, tuple[str, str]] = {
    "discord": ("discord", "NotifyDiscord"),
    "gchat": ("google_chat", "NotifyGoogleChat"),
    "pover": ("pushover", "NotifyPushover"),
    "slack": ("slack", "NotifySlack"),
    "tgram": ("telegram", "NotifyTelegram"),
    "webex": ("webexteams", "NotifyWebexTeams"),
}
OWN_SERVERS: dict[str, tuple[str, str]] = {
    "gotify": ("gotify", "NotifyGotify"),
    "gotifys": ("gotify", "NotifyGotify"),
    "json": ("custom_json", "NotifyJSON"),
    "jsons": ("custom_json", "NotifyJSON"),
    "mmost": ("mattermost", "NotifyMattermost"),
    "mmosts": ("mattermost", "NotifyMattermost"),
    "rocket": ("rocketchat", "NotifyRocketChat"),
    "rockets": ("rocketchat", "NotifyRocketChat"),
}
MOST_URL = 1000
ADDRESS = re.compile(r"([a-z]+)://([^\s?#\\%]+)", re.ASCII)
# A user, an address in numbers, and its port; the rest is a path.
AUTHORITY = re.compile(r"(?:[^@/]*@)?((?:[0-9.]+|\[[0-9a-f:.]+\]):[0-9]{1,5})(?:/[^@]*)?", re.ASCII)


def checked_chat_url(url: str, allowed: Collection[str]) -> str:
    """*url*, if messages may be sent there. Raises *WrongInput*, which repeats nothing of it: it holds a secret."""
    parts = ADDRESS.fullmatch(url)
    if parts is None or len(url) > MOST_URL or not url.isascii():
        raise WrongInput("url must look like slack://…, without ? # % and spaces; see docs/notifications.md")
    scheme, rest = parts[1], parts[2]
    if scheme in SERVICES:
        return url
    if scheme not in OWN_SERVERS:
        names = ", ".join((*SERVICES, *OWN_SERVERS))
        raise WrongInput(f"url must begin with one of {names} and ://; other services of apprise are not allowed here")
    server = AUTHORITY.fullmatch(rest)
    checked_server(server[1] if server else "", allowed)
    return url


def checked_server(server: str, allowed: Collection[str]) -> None:
    """Raises *WrongInput* unless the operator allows this `address:port`."""
    if server not in allowed:
        raise WrongInput("url must name the server as address:port, and REELHOOK_FETCH_ALLOW must name the same")


def hint(url: str) -> str:
    """What may be shown of it: the service, and the server where it is the operator's own."""
    scheme, _, rest = url.partition("://")
    server = AUTHORITY.fullmatch(rest) if scheme in OWN_SERVERS else None
    return f"{scheme}://{server[1]}/…" if server else f"{scheme}://…"

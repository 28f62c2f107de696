"""`reelhook trigger`: send a signed webhook to a Reelhook, as HeyGen would."""

import json
import sys
import urllib.error
import urllib.request
from typing import Annotated, Any

import typer

from reelhook import settings
from reelhook.cli.output import AsJson, document
from reelhook.errors import Unavailable, WrongSetting
from reelhook.events import EVENT_TYPES, sign
from reelhook.kit.ids import Ids

LIMIT_S = 15


def register(app: typer.Typer) -> None:
    app.command()(trigger)


def trigger(
    event_type: Annotated[str, typer.Argument(help="For example avatar_video.success.")] = "avatar_video.success",
    to: Annotated[str, typer.Option(help="The webhook address.")] = "http://127.0.0.1:8080/webhooks/heygen",
    video_id: Annotated[str | None, typer.Option(help="HeyGen's id of the video; a new one by default.")] = None,
    url: Annotated[
        str, typer.Option(help="Where the video can be fetched.")
    ] = "https://files.heygen.ai/video/test.mp4",
    message: Annotated[str, typer.Option(help="Why it failed, for a .fail event.")] = "Avatar rendering timed out",
    secret: Annotated[
        str | None, typer.Option(help="Signs it; the first of REELHOOK_HEYGEN_WEBHOOK_SECRETS by default.")
    ] = None,
    body_stdin: Annotated[bool, typer.Option("--body-stdin", help="Send what stdin holds, exactly.")] = False,
    as_json: AsJson = False,
) -> None:
    body = sys.stdin.buffer.read() if body_stdin else _body(event_type, video_id or Ids().token(16), url, message)
    status, answer = _post(to, body, sign(body, secret or _configured_secret()))
    if as_json:
        document({"status": status, "answer": answer})
    else:
        print(status, json.dumps(answer))
    raise SystemExit(0 if status == 200 else 1)


def _body(event_type: str, video_id: str, url: str, message: str) -> bytes:
    if event_type not in EVENT_TYPES:
        print(f"note: {event_type} is not among the {len(EVENT_TYPES)} types HeyGen documents", file=sys.stderr)
    data: dict[str, Any] = {"video_id": video_id, "callback_id": None}
    data |= {"msg": message} if event_type.endswith(".fail") else {"url": url}
    return json.dumps({"event_type": event_type, "event_data": data}).encode()


def _configured_secret() -> str:
    secrets = settings.load().heygen_webhook_secrets
    if not secrets:
        raise WrongSetting(
            "no secret to sign with: pass --secret, or set REELHOOK_HEYGEN_WEBHOOK_SECRETS; "
            "`reelhook register`, once more, tests with the one that it keeps"
        )
    return secrets[0].get_secret_value()


def _post(to: str, body: bytes, signature: str) -> tuple[int, Any]:
    if not to.startswith(("http://", "https://")):
        raise WrongSetting(f"--to must be an http(s) address, not {to}")
    headers = {"Content-Type": "application/json", "signature": signature}
    request = urllib.request.Request(to, body, headers)  # noqa: S310 - the scheme was checked
    try:
        with urllib.request.urlopen(request, timeout=LIMIT_S) as response:  # noqa: S310
            return response.status, json.loads(response.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"null")
    except OSError as error:
        raise Unavailable(f"{to} was not reached: {error}") from None

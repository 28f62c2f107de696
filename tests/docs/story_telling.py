"""Webhooks to a builder's systems, what people are told, chats and browsers."""

from tests.docs.asking import Asking

SUBSCRIPTIONS = "/api/v1/subscription-endpoints"
CHATS = "/api/v1/chat-destinations"
# Of a browser that is long gone: a key for the test, and 16 bytes.
P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"


def tell(one: Asking) -> None:
    _systems(one)
    _people(one)
    _chats(one)
    _browsers(one)


def _systems(one: Asking) -> None:
    wanted = {"url": f"{one.system}/webhooks/reelhook", "types": ["video.requested", "video.ready"], "description": ""}
    made = one.ask("POST", SUBSCRIPTIONS, wanted)["id"]
    at = f"{SUBSCRIPTIONS}/{{endpoint_id}}"
    one.ask("GET", SUBSCRIPTIONS)
    one.ask("GET", at, endpoint_id=made)
    one.ask("PATCH", at, {"description": "the shop"}, endpoint_id=made)
    one.ask("POST", f"{at}/test", endpoint_id=made)
    one.admin.post("/api/v1/videos", json={"heygen_video_id": "told-of"}).raise_for_status()
    found = one.wait(f"{SUBSCRIPTIONS}/{made}/deliveries", lambda told: told["data"], state="delivered")
    one.ask("GET", f"{at}/deliveries", endpoint_id=made, query={"limit": 1})
    delivery = next(each["id"] for each in found["data"])
    one.ask("GET", f"{at}/deliveries/{{delivery_id}}", endpoint_id=made, delivery_id=delivery)
    one.ask("POST", f"{at}/deliveries/{{delivery_id}}/replay", endpoint_id=made, delivery_id=delivery)
    one.ask("POST", f"{at}/replay", {"failed_only": True, "since": "2026-11-22T09:30:00Z"}, endpoint_id=made)
    one.ask("POST", f"{at}/rotate-secret", {"overlap_h": 24}, endpoint_id=made)
    one.ask("DELETE", at, endpoint_id=made)


def _people(one: Asking) -> None:
    mine = "/api/v1/me/notifications"
    notices = one.ask("GET", mine, by=one.ada, query={"limit": 1})["data"]
    notice = {"notification_id": notices[0]["id"]}
    one.ask(
        "POST", f"{mine}/{{notification_id}}/claim", {"effect": "sound", "device": "adas-phone-1"}, by=one.ada, **notice
    )
    one.ask("GET", f"{mine}/{{notification_id}}/deliveries", by=one.ada, **notice)
    one.ask("POST", f"{mine}/seen", {"ids": [notices[0]["id"]]}, by=one.ada)
    one.ask("GET", "/api/v1/me/preferences", by=one.ada)
    quiet = {"from": "22:00", "to": "07:00", "time_zone": "Europe/Vienna", "days": None}
    wishes = {"mine": {"ready": {"sound": True}}, "whose": "mine", "quiet_hours": quiet, "volume": 40}
    one.ask("PUT", "/api/v1/me/preferences", wishes, by=one.ada)
    one.ask("POST", "/api/v1/me/preferences/test", {"channel": "in_app"}, by=one.ada)
    video_id = one.admin.get("/api/v1/videos").json()["data"][0]["id"]
    one.ask("PUT", "/api/v1/me/muted-videos/{video_id}", by=one.ada, video_id=video_id)
    one.ask("DELETE", "/api/v1/me/muted-videos/{video_id}", by=one.ada, video_id=video_id)
    one.ask("GET", "/api/v1/notification-settings")
    chosen = {"kinds": {"ready": {"email": True}}, "locked": {}, "critical": ["incident"]}
    one.ask("PUT", "/api/v1/notification-settings", chosen)


def _chats(one: Asking) -> None:
    address = f"json://{one.system.split('//')[1]}"
    made = one.ask("POST", CHATS, {"name": "Studio", "url": address, "kinds": ["failed", "incident"]})["id"]
    one.ask("GET", CHATS)
    one.ask("PATCH", f"{CHATS}/{{chat_id}}", {"name": "The studio"}, chat_id=made)
    one.ask("POST", f"{CHATS}/{{chat_id}}/test", chat_id=made)
    one.ask("GET", f"{CHATS}/{{chat_id}}/messages", chat_id=made)
    one.ask("DELETE", f"{CHATS}/{{chat_id}}", chat_id=made)


def _browsers(one: Asking) -> None:
    one.ask("GET", "/api/v1/me/push-key", by=one.ada)
    browser = {"endpoint": "https://push.example.com/a1b2", "keys": {"p256dh": P256DH, "auth": AUTH}}
    made = one.ask("POST", "/api/v1/me/push-subscriptions", browser | {"device": "Ada's phone"}, by=one.ada)
    one.ask("GET", "/api/v1/me/push-subscriptions", by=one.ada)
    at = "/api/v1/me/push-subscriptions/{subscription_id}"
    one.ask("DELETE", at, by=one.ada, subscription_id=made["id"])

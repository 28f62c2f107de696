"""The front door: takes HeyGen's webhooks, lets in what is signed, and answers only when it is on disk.

Offers `FrontDoor` (signed webhooks), `CallbackDoor` (unsigned hints), `SecretBook` (the secrets that are alive),
`WebhookEndpoints` (what HeyGen is told to call, and how its secrets are replaced), and `Senders` with `Allowlist`
(where deliveries come from, and may come from).
"""

from reelhook.ingest.allowlist import Allowlist
from reelhook.ingest.callback import CallbackDoor
from reelhook.ingest.door import Guard
from reelhook.ingest.front_door import FrontDoor
from reelhook.ingest.secrets import SecretBook
from reelhook.ingest.senders import Senders
from reelhook.ingest.webhook_endpoints import WebhookEndpoints

__all__ = ["Allowlist", "CallbackDoor", "FrontDoor", "Guard", "SecretBook", "Senders", "WebhookEndpoints"]

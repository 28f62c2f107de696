"""HeyGen's v3 API, as far as we use it."""

from reelhook.heygen.catalogue import Catalogue
from reelhook.heygen.videos import Videos
from reelhook.heygen.webhooks import Webhooks


class HeyGen(Catalogue, Videos, Webhooks):
    """`HeyGen(session, base_url, api_key, clock)`: every call is one request of at most 30 s, and nothing is retried.

    A call raises *HeyGenUnauthorized*, *HeyGenRefused* or *VideoNotFound* (for good), *HeyGenBusy*,
    *RequestInProgress* or *HeyGenUnavailable* (*retryable*).
    """

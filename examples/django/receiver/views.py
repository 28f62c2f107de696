"""The door for HeyGen's webhooks."""

import logging

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from receiver.models import Received
from reelhook import InvalidSignature, parse_event, verify_signature

log = logging.getLogger(__name__)


@csrf_exempt  # the signature says who it is; HeyGen has no cookie
@require_http_methods(["OPTIONS", "POST"])
def receive(request: HttpRequest) -> HttpResponse:
    """401 for what HeyGen did not sign; 200 once the event is committed, for its repeats as well.

    HeyGen looks with OPTIONS, and waits a second, before it accepts an address.
    """
    if request.method == "OPTIONS":
        return HttpResponse()
    try:
        verify_signature(request.body, request.headers, settings.HEYGEN_WEBHOOK_SECRETS)
    except InvalidSignature as error:
        log.warning("refused a webhook: %s", error.explain().detail)
        return HttpResponse(status=401)
    event = parse_event(request.body)
    Received.objects.get_or_create(key=event.key, defaults={"type": event.type, "body": request.body})
    return HttpResponse()

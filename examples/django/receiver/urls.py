"""The one address."""

from django.urls import path

from receiver.views import receive

urlpatterns = [path("webhooks/heygen", receive)]

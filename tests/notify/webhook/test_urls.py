"""Which addresses may be given."""

import pytest

from reelhook.errors import WrongInput
from reelhook.notify.channels.webhook.urls import checked_url

ALLOWED = ("127.0.0.1:9000", "[::1]:9000", "10.0.0.1:443")


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/hook?token=x",
        "https://example.com:8443",
        "https://8.8.8.8/hook",
        "http://127.0.0.1:9000/hook",
        "http://[::1]:9000/",
        "https://10.0.0.1/",
    ],
)
def test_a_public_address_over_https_or_one_that_is_allowed_by_name(url: str) -> None:
    assert checked_url(url, ALLOWED) == url


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://example.com/hook", "https://"),
        ("http://8.8.8.8:80/", "https://"),
        ("http://127.0.0.1:9001/", "https://"),
        ("https://user:password@example.com/", "password"),
        ("https://user@example.com/", "password"),
        ("https://@example.com/", "password"),
        ("https://10.0.0.2/hook", "not a public address"),
        ("https://[::1]/hook", "not a public address"),
        ("https://[::ffff:10.0.0.1]/", "not a public address"),
        ("https://169.254.169.254/latest", "not a public address"),
        ("ftp://example.com/", "must look like"),
        ("https://example.com/#part", "must look like"),
        ("https://example.com:0/", "must look like"),
        ("https://example.com:x/", "no address"),
        ("https://[::1/", "no address"),
        ("https:///hook", "must look like"),
        ("example.com", "must look like"),
        ("https://exa mple.com/", "must look like"),
        ("https://exämple.com/", "must look like"),
        ("https://example.com/" + "a" * 2000, "must look like"),
    ],
)
def test_an_address_that_is_not_for_webhooks(url: str, why: str) -> None:
    with pytest.raises(WrongInput, match=why):
        checked_url(url, ALLOWED)

"""Links judged by how they are written."""

import pytest
from yarl import URL

from reelhook.kit.targets import TargetRefused, Targets

HEYGEN = Targets(hosts=("heygen.ai", "files.example.com"))


@pytest.mark.parametrize(
    "link",
    [
        "https://heygen.ai/a.mp4?Expires=1&Signature=a~b_",
        "https://files2.heygen.ai/a b/\u00e9.mp4",
        "HTTPS://Files.Heygen.AI:443/a",
        "https://heygen.ai./a",
        "https://files.example.com",
    ],
)
def test_a_link_to_a_host_that_was_named_or_below_it_is_taken(link: str) -> None:
    assert HEYGEN.check(link) == URL(link)


@pytest.mark.parametrize(
    ("link", "reason"),
    [
        ("https://notheygen.ai/", "notheygen.ai is not among the hosts of REELHOOK_FETCH_HOSTS (heygen.ai, files.ex"),
        ("https://heygen.ai.evil.example/", "heygen.ai.evil.example is not among"),
        ("https://example.com/", "example.com is not among"),
        ("https://8.8.8.8/", "8.8.8.8 is not among"),
        ("http://heygen.ai/", "heygen.ai is asked for by http, not https"),
        ("https://127.0.0.1/", "127.0.0.1:443 is not a public address at port 80 or 443; REELHOOK_FETCH_ALLOW"),
        ("https://8.8.8.8:22/", "8.8.8.8:22 is not a public address at port 80 or 443"),
        ("https://[::1]/", "[::1]:443 is not a public address"),
        ("https://me:secret@heygen.ai/", "names a user"),
        ("https://heygen.ai\\.evil.example/", "is no http address"),
        ("https://h\u0435ygen.ai/", "is not written plainly"),
        ("https://heygen.ai\u2024evil.example/", "is not written plainly"),
        ("https://127.1/", "is not written plainly"),
        ("https://heygen.ai/a\r\nX: y", "holds characters that no address has"),
        ("ftp://heygen.ai/", "is no http address"),
        ("heygen.ai/a.mp4", "is no http address"),
        ("", "is no http address"),
    ],
)
def test_another_is_refused_with_the_reason_and_none_of_its_secrets(link: str, reason: str) -> None:
    with pytest.raises(TargetRefused) as caught:
        HEYGEN.check(link.replace("?", "?Signature=secret&"))
    assert reason in caught.value.reason
    assert "secret" not in caught.value.reason


def test_what_the_operator_allows_by_name_may_be_http_anywhere_at_any_port() -> None:
    targets = Targets(("127.0.0.1:9000", "[::1]:9000", "8.8.8.8:8443"), ("heygen.ai",))
    for link in ("http://127.0.0.1:9000/a", "https://[::1]:9000/a", "http://[0:0::1]:9000/a", "http://8.8.8.8:8443/"):
        targets.check(link)
    for link in ("http://127.0.0.1:9001/a", "http://127.0.0.2:9000/a", "http://[::ffff:127.0.0.1]:9000/a"):
        with pytest.raises(TargetRefused):
            targets.check(link)


def test_without_hosts_every_public_one_will_do() -> None:
    Targets().check("https://anything.example/")
    Targets().check("https://8.8.8.8/")


def test_a_redirect_is_judged_from_where_it_comes() -> None:
    secure = URL("https://files.heygen.ai/a/b?x")
    assert HEYGEN.redirected(secure, "../c") == URL("https://files.heygen.ai/c")
    assert HEYGEN.redirected(secure, "//heygen.ai/c") == URL("https://heygen.ai/c")
    for location in ("//example.com/", "https://example.com/", "\\\\example.com\\..", "mailto:me@heygen.ai"):
        if location.startswith("\\"):
            assert HEYGEN.redirected(secure, location).host == "files.heygen.ai", "a backslash makes no host"
            continue
        with pytest.raises(TargetRefused):
            HEYGEN.redirected(secure, location)
    allowed = Targets(("127.0.0.1:9000",))
    with pytest.raises(TargetRefused, match="from https to http"):
        allowed.redirected(secure, "http://127.0.0.1:9000/")
    allowed.redirected(URL("http://127.0.0.1:9000/"), "http://127.0.0.1:9000/b")

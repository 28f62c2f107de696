import pytest

from reelhook.events import Claim, Secret, claims, matching, sign

BODY = b'{"event_type":"avatar_video.success","event_data":{"video_id":"v9"}}'
GOLDEN = "7faac7fdb91c65e612d32189dcb215e507cec92c66b140ab330e33966659b9ac"
LIVE = Secret("a", "whsec_test")
OTHER = Secret("b", "whsec_other")


def test_the_golden_vector_of_the_fact_sheet() -> None:
    assert len(BODY) == 68
    assert sign(BODY, "whsec_test") == GOLDEN


def test_a_secret_with_text_beyond_ascii_or_with_bytes_that_are_no_text_signs_its_own_bytes() -> None:
    assert sign(b"x", "gehëim") != sign(b"x", "geheim")
    assert len(sign(b"x", b"\xff".decode("utf-8", "surrogateescape"))) == 64


@pytest.mark.parametrize("name", ["signature", "Signature", "SIGNATURE", "heygen-signature", "Heygen-Signature"])
def test_both_header_names_are_accepted_in_any_case(name: str) -> None:
    assert claims({"content-type": "x", name: GOLDEN}) == (Claim(name.lower(), GOLDEN),)


@pytest.mark.parametrize("value", [GOLDEN.upper(), f"sha256={GOLDEN}", f"  SHA256={GOLDEN.upper()}\t"])
def test_case_prefix_and_spaces_do_not_matter(value: str) -> None:
    assert [claim.digest for claim in claims({"signature": value})] == [GOLDEN]


@pytest.mark.parametrize(
    "value", ["", "sha256=", GOLDEN[:-1], GOLDEN + "0", "g" * 64, "é" * 64, GOLDEN + "\n1", "٠" * 64]
)
def test_what_is_not_64_hex_digits_claims_nothing(value: str) -> None:
    assert claims({"signature": value}) == ()


def test_other_headers_claim_nothing() -> None:
    assert claims({"X-HeyGen-Signature": GOLDEN, "x-signature": GOLDEN}) == ()


def test_the_secret_that_signed_is_found_wherever_it_stands() -> None:
    made = claims({"signature": GOLDEN})
    assert matching(BODY, made, [LIVE, OTHER]) is LIVE
    assert matching(BODY, made, [OTHER, LIVE]) is LIVE
    assert matching(BODY, made, [LIVE, Secret("again", "whsec_test")]) is LIVE


def test_one_right_claim_among_wrong_ones_is_enough() -> None:
    made = claims({"signature": "0" * 64, "heygen-signature": GOLDEN})
    assert matching(BODY, made, [OTHER, LIVE]) is LIVE


def test_nothing_matches_without_claim_without_secret_or_with_one_byte_changed() -> None:
    made = claims({"signature": GOLDEN})
    assert matching(BODY, (), [LIVE]) is None
    assert matching(BODY, made, []) is None
    assert matching(BODY, made, [OTHER]) is None
    assert matching(BODY + b" ", made, [LIVE]) is None
    assert matching(BODY.replace(b"v9", b"v8"), made, [LIVE]) is None


def test_whitespace_around_a_secret_does_not_count() -> None:
    assert matching(BODY, claims({"signature": GOLDEN}), [Secret("a", " whsec_test\r\n")]) is not None


@pytest.mark.parametrize("value", ["", " \n"])
def test_an_empty_secret_is_refused_for_anybody_could_sign_with_it(value: str) -> None:
    with pytest.raises(ValueError, match="secret a is empty"):
        Secret("a", value)


def test_a_secret_is_not_shown() -> None:
    assert "whsec_test" not in repr(LIVE)


def test_every_secret_is_tried_even_after_one_has_matched(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []

    def compare(one: str, other: str) -> bool:
        compared.append(other)
        return one == other

    monkeypatch.setattr("reelhook.events.signature.hmac.compare_digest", compare)
    made = claims({"signature": GOLDEN, "heygen-signature": GOLDEN})
    assert matching(BODY, made, [LIVE, OTHER]) is LIVE
    assert len(compared) == 4

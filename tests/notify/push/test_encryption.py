"""The encryption of RFC 8291, held against the RFC's own example and against another reading of it."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from reelhook.notify.channels.push.encryption import PADDED_TO, BadKeys, decoded, encoded, encrypt
from tests.notify.push.service import Subscriber

# RFC 8291, section 5 and appendix A.
TEXT = b"When I grow up, I want to be a watermelon"
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
BROWSER = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
    "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def private(scalar: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(decoded(scalar), "big"), ec.SECP256R1())


def test_the_example_of_the_rfc_comes_out_byte_by_byte() -> None:
    made = encrypt(TEXT, P256DH, AUTH, key=private(SENDER), salt=decoded(SALT), padded_to=1)
    assert encoded(made) == BODY


def test_the_browser_of_the_tests_reads_the_example() -> None:
    browser = Subscriber("", private(BROWSER), decoded(AUTH))
    assert browser.keys == {"p256dh": P256DH, "auth": AUTH}
    assert browser.read(decoded(BODY)) == TEXT


@pytest.mark.parametrize("length", [0, 1, 254, 255, 256, 3000])
def test_what_is_encrypted_is_read_and_its_length_says_little(length: int) -> None:
    browser = Subscriber("")
    text = b"x" * length
    made = encrypt(text, browser.p256dh, browser.auth)
    assert browser.read(made) == text
    assert (len(made) - 86 - 16) % PADDED_TO == 0
    assert len(made) <= 4096


def test_no_two_messages_share_a_key_or_a_salt() -> None:
    browser = Subscriber("")
    one, other = encrypt(TEXT, browser.p256dh, browser.auth), encrypt(TEXT, browser.p256dh, browser.auth)
    assert one[:16] != other[:16]
    assert one[21:86] != other[21:86]


@pytest.mark.parametrize(
    ("p256dh", "auth"),
    [
        (P256DH[:-4], AUTH),
        (encoded(b"\x04" + b"\x01" * 64), AUTH),
        ("not base64!", AUTH),
        ("é", AUTH),
        ("", AUTH),
        (P256DH, "short"),
        (P256DH, AUTH + "AAAA"),
    ],
)
def test_keys_that_are_none_are_refused(p256dh: str, auth: str) -> None:
    with pytest.raises(BadKeys):
        encrypt(TEXT, p256dh, auth)

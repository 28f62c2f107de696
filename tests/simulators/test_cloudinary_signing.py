"""Signatures, by the vectors of the fact sheet and against the real SDK."""

import cloudinary.utils
import pytest

from reelhook.simulators.cloudinary.signing import digest, signed_right, string_to_sign

DOCUMENTED = {
    "eager": "w_400,h_300,c_pad|w_260,h_200,c_crop", "public_id": "sample_image", "timestamp": "1315060510",
}  # fmt: skip
AMPERSAND = {
    "eager": "sp_auto/m3u8", "eager_async": "1", "notification_url": "https://h/x?a=1&b=2", "overwrite": "0",
    "public_id": "v/1", "timestamp": "1700000000",
}  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "version", "algorithm", "signature"),
    [
        (DOCUMENTED, 2, "sha1", "bfd09f95f331f558cbd1320e67aa8d488770583e"),
        (AMPERSAND, 1, "sha1", "9f801dd4514de4f3eea42e3d37c6528d28542526"),
        (AMPERSAND, 2, "sha1", "6a94d1ddb431a9ba90ae990a6602e60e5345e205"),
        (AMPERSAND, 2, "sha256", "14989f5a5059231907c35c49811f3e08b81f697c5e1362d495829d035ce495f5"),
    ],
)
def test_golden_vectors(fields: dict[str, str], version: int, algorithm: str, signature: str) -> None:
    assert digest(string_to_sign(fields, version), "abcd", algorithm) == signature
    assert signed_right(fields, signature, "abcd")
    assert not signed_right(fields, signature, "abce")
    assert not signed_right({**fields, "public_id": "other"}, signature, "abcd")


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
@pytest.mark.parametrize("version", [1, 2])
def test_the_real_sdk_signs_the_same(version: int, algorithm: str) -> None:
    signature = cloudinary.utils.api_sign_request(AMPERSAND, "abcd", algorithm, version)
    assert signed_right(AMPERSAND, signature, "abcd")


@pytest.mark.parametrize("signature", ["", "zz", "ü" * 40, "0" * 40])
def test_what_is_no_signature_is_no_signature(signature: str) -> None:
    assert not signed_right(DOCUMENTED, signature, "abcd")

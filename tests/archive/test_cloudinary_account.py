"""Which cloud, with whose key, and whether an answer is its own."""

import hashlib

import pytest

from reelhook.archive import Account
from reelhook.errors import WrongSetting


def test_the_account_is_read_from_its_address() -> None:
    assert Account.parse("cloudinary://key:s%2Fx@cloud") == Account("cloud", "key", "s%2Fx")
    assert Account.parse("cloudinary://k:s@c?upload_prefix=http://h:1/").prefix == "http://h:1"


@pytest.mark.parametrize("url", ["", "https://k:s@c", "cloudinary://k@c", "cloudinary://c", "cloudinary://k:s@"])
def test_an_address_that_is_none_is_a_wrong_setting(url: str) -> None:
    with pytest.raises(WrongSetting, match="REELHOOK_CLOUDINARY_URL must look like"):
        Account.parse(url)


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_signature_is_checked_in_both_algorithms(algorithm: str) -> None:
    account = Account("c", "k", "abcd")
    signature = hashlib.new(algorithm, b"public_id=v/1&version=7abcd").hexdigest()
    assert account.signed({"public_id": "v/1", "version": 7, "signature": signature})
    assert not account.signed({"public_id": "v/2", "version": 7, "signature": signature})
    assert not account.signed({"public_id": "v/1", "version": 7, "signature": "é" * 40})
    assert not account.signed({"public_id": "v/1", "version": 7})

import pytest

from reelhook.kit.sealing import CannotUnseal, Sealer, derive


def test_what_is_sealed_can_be_opened_and_is_not_readable() -> None:
    sealer = Sealer(["key"])
    sealed = sealer.seal("secret é")
    assert "secret" not in sealed
    assert sealer.open(sealed) == "secret é"
    assert sealer.seal("secret é") != sealed


def test_keys_can_be_changed_one_after_the_other() -> None:
    old = Sealer(["old"]).seal("x")
    assert Sealer(["new", "old"]).open(old) == "x"
    sealed = Sealer(["new", "old"]).seal("x")
    assert Sealer(["new"]).open(sealed) == "x", "the newest seals"


@pytest.mark.parametrize("change", [lambda s: s[:-4] + "AAA=", lambda s: "", lambda s: "é", lambda s: s[:10]])
def test_what_was_changed_or_has_lost_its_key_cannot_be_opened(change) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(CannotUnseal):
        Sealer(["key"]).open(change(Sealer(["key"]).seal("x")))
    with pytest.raises(CannotUnseal):
        Sealer(["other"]).open(Sealer(["key"]).seal("x"))


def test_a_sealer_needs_a_key() -> None:
    with pytest.raises(ValueError, match="at least one key"):
        Sealer([])


def test_no_two_uses_share_a_key() -> None:
    sealer = Sealer(["new", "old"])
    assert (
        len({*sealer.signing_keys("a"), *sealer.signing_keys("b"), derive("new", "seal"), derive("old", "seal")}) == 6
    )
    assert sealer.signing_keys("a")[0] == Sealer(["new"]).signing_keys("a")[0]
    assert all(len(key) == 32 for key in sealer.signing_keys("a"))


def test_what_is_sealed_tells_by_which_key_it_is() -> None:
    old, both = Sealer(["old"]), Sealer(["new", "old"])
    assert both.age(both.seal("x")) == 0
    assert both.age(old.seal("x")) == 1
    with pytest.raises(CannotUnseal):
        old.age(both.seal("x"))


def test_a_fingerprint_is_that_of_one_key_and_tells_nothing_of_it() -> None:
    assert Sealer(["new", "old"]).fingerprints[1:] == Sealer(["old"]).fingerprints
    assert len({*Sealer(["new", "old"]).fingerprints}) == 2
    assert derive("new", "seal").hex()[:12] not in Sealer(["new"]).fingerprints

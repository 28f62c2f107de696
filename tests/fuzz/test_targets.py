"""A short run of every target; `make fuzz` goes on for as long as it is told to."""

import pytest

from tests.conftest import examples
from tests.fuzz.targets import TARGETS, attack


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_that_a_stranger_may_send_makes_it_stumble(name: str) -> None:
    attack(name, examples(100))

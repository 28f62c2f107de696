"""The plan of deaths and the audience: the same for the same seed, and nobody is spared or left out."""

from collections import Counter
from itertools import islice

from tests.e2e.cluster.audience import EACH, Audience
from tests.e2e.cluster.deaths import DEATHS
from tests.e2e.cluster.plan import KINDS, deaths
from tests.e2e.kill.customer import Customer

MANY = 20 * len(KINDS)


def test_the_same_seed_is_the_same_plan() -> None:
    assert list(islice(deaths("7"), MANY)) == list(islice(deaths("7"), MANY))
    assert list(islice(deaths("7"), MANY)) != list(islice(deaths("8"), MANY))


def test_each_round_has_every_kind_and_every_kind_can_be_caused() -> None:
    some = [death.kind for death in islice(deaths("7"), MANY)]
    rounds = [some[start : start + len(KINDS)] for start in range(0, MANY, len(KINDS))]
    assert all(sorted(each) == sorted(KINDS) for each in rounds)
    assert len({tuple(each) for each in rounds}) > 1
    assert set(KINDS) == set(DEATHS)


def test_both_of_a_kind_die_and_the_outside_is_in_trouble_too() -> None:
    some = list(islice(deaths("7"), MANY))
    assert {death.which for death in some} == {0, 1}
    assert {death.fault[0] for death in some if death.fault} == {"cloudinary", "heygen"}
    assert any(death.fault is None for death in some)


def test_each_subject_has_viewers_of_all_its_videos_and_of_one_alone() -> None:
    made = Audience.of(None, Customer(None, "7", 1.0, subjects=10), "7", 10 * EACH)  # type: ignore[arg-type]
    kinds = Counter((viewer.subject, viewer.narrow) for viewer in made.viewers)
    assert len(kinds) == 2 * 10
    assert {count for (_, narrow), count in kinds.items() if narrow} == {EACH // 10}

"""The customer of the kill test: what was accepted is known to be, though the answer that said so was lost."""

from tests.e2e.kill.customer import ask, subject
from tests.e2e.kill.plan import orders
from tests.e2e.kill.world import world


async def test_who_asks_again_because_an_answer_was_lost_has_the_same_video() -> None:
    order = next(orders("any"))
    async with world(None, with_cuts=False) as here:
        await here.start(works=False)
        assert await here.ready() is not None
        await here.make_key()
        lost, again = [await ask(here, order, subject(0)) for _ in range(2)]
    assert lost is not None
    assert again == lost

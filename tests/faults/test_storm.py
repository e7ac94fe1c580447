"""Short storms on the real product: nothing lost, nothing twice, order kept, unknown only what was in flight.

Words alone answer here: a worker that comes again would spend most of its time on loading its encoder.
"""

import pytest

from tests.faults.powerloss import STRACE
from tests.faults.storm import Misfortune, Plan, storm

pytestmark = pytest.mark.slow
HANG = 25.0  # seconds; a worker's lanes are leased for 15


async def holds(plan: Plan) -> None:
    verdict = await storm(plan, print)
    assert verdict.messages == plan.messages
    assert verdict.holds, str(verdict)


async def test_random_kills_and_a_worker_that_hangs_beyond_its_lease_and_comes_back() -> None:
    await holds(Plan(260, 5, seed=3, encoder="off", given=(Misfortune("worker", HANG),)))


@pytest.mark.skipif(not STRACE, reason="strace is not installed")
async def test_losses_of_power() -> None:
    valkey = Misfortune("valkey")
    await holds(
        Plan(
            200,
            0,
            seed=4,
            encoder="off",
            power_loss=True,
            given=(valkey, Misfortune("web"), valkey, Misfortune("worker")),
        )
    )


def test_a_plan_is_the_same_for_the_same_seed() -> None:
    assert Plan(1000, 60, seed=7).misfortunes() == Plan(1000, 60, seed=7).misfortunes()
    assert Plan(1000, 60, seed=7).misfortunes() != Plan(1000, 60, seed=8).misfortunes()
    drawn = Plan(1000, 200, seed=1, rasa=True).misfortunes()
    assert {m.role for m in drawn} == {"web", "worker", "valkey", "rasa"}
    assert {bool(m.seconds) for m in drawn} == {True, False}
    assert "rasa" not in {m.role for m in Plan(1000, 200).misfortunes()}

"""One holder at a time, whatever happens between looking and acting."""

import asyncio
from typing import Any

from bot.lease import Lease


async def test_one_of_many_holds_it_and_another_follows(client: Any) -> None:
    leases = [Lease(client, "t:{lease}:a", f"clock {i}", 30) for i in range(20)]
    held = await asyncio.gather(*(lease.hold() for lease in leases))
    assert sum(held) == 1
    holder = leases[held.index(True)]
    assert await holder.hold()  # renewed
    other = next(lease for lease in leases if lease is not holder)
    await other.give_back()  # not its own: nothing happens
    assert not await other.hold()
    assert await holder.hold()
    await holder.give_back()
    assert await other.hold()
    assert not await holder.hold()


async def test_it_runs_out_and_its_old_holder_does_not_take_it_from_the_new_one(client: Any) -> None:
    late, next_ = (Lease(client, "t:{lease}:b", name, seconds) for name, seconds in (("late", 0.3), ("next", 600)))
    assert await late.hold()
    async with asyncio.timeout(60):
        while not await next_.hold():
            await asyncio.sleep(0.05)
    assert not await late.hold()
    await late.give_back()
    assert await client.get("t:{lease}:b") == b"next"


async def test_renewing_moves_its_end(client: Any) -> None:
    lease = Lease(client, "t:{lease}:c", "me", 60)
    await lease.hold()
    await client.pexpire("t:{lease}:c", 1000)
    await lease.hold()
    assert await client.pttl("t:{lease}:c") > 50_000

"""What version 0.1 kept otherwise: its queue and leases become today's when the clock first ticks."""

from bot.store.keys import key
from bot.store.protocol import Conflict, Store, Write
from bot.store.redis.server import Server


async def upgrade(server: Server, store: Store) -> int:
    """Put every conversation that stood in the old queue into today's; returns how many. Does nothing twice.

    A lane at a time, the old index last: what is interrupted is done again. Raises StoreUnavailable.
    """
    moved = 0
    for lane, members in enumerate(await server.each_lane("ZRANGE", "open", 0, -1)):
        for cid in (member.decode() for member in members):
            moved += await _kept_anew(store, cid)
        if members:
            # The streams stay as they are: what is in them is not done. Their consumer groups mean nothing any more.
            await server.many([("DEL", key(lane, "open"), key(lane, "leases"))])
    return moved


async def _kept_anew(store: Store, cid: str) -> bool:
    held = await store.load(cid)
    c = held.conversation
    if c is None or not c.is_open:
        return False
    place = c.due or c.waiting_since or c.last_citizen
    try:
        await store.keep(cid, held.version, Write(c, look=c.lease_until, urgency=place.timestamp() if place else 0.0))
    except Conflict:
        return False  # somebody just wrote it, and so put it where it belongs
    return True

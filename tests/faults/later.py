"""Days go by on the Redis-protocol server: what lives for a while has so much less left."""

from dataclasses import dataclass

import redis

DAY = 86400


@dataclass(frozen=True)
class Moved:
    """What a leap did. `shortest_seen`: seconds that the shortest memory of a duplicate had left before it."""

    keys: int
    expired: int
    shortest_seen: float


def days_later(url: str, days: float) -> Moved:
    """Every key with a lifetime gets `days` less of it; those that would have ended by then end now.

    A lifetime only counts down while nobody renews it, so this is exactly what those days would have done, without
    touching a clock that processes also measure their time-outs with.
    """
    keys, expired, seen = 0, 0, []
    with redis.Redis.from_url(url) as client:
        for key in client.scan_iter(count=1000):
            life = client.pttl(key)
            if life < 0:
                continue
            keys += 1
            if b":seen:" in key:
                seen.append(life / 1000)
            rest = life - int(days * DAY * 1000)
            if rest > 0:
                client.pexpire(key, rest)
            else:
                client.delete(key)
                expired += 1
    return Moved(keys, expired, min(seen, default=0.0))

"""Attempts to sign in, counted in Redis: who guesses passwords has to wait, longer each time.

Counted before the password is looked at, in one atomic step: a hundred attempts at once are a hundred.
"""

import hashlib
import ipaddress
from typing import Any

from bot.console.sessions import translated
from bot.redis import Script
from bot.store.keys import PREFIX

FREE = 5  # failures of one account from one address before the first wait
FIRST_WAIT, LONGEST_WAIT = 30, 15 * 60  # seconds; the wait doubles from the one to the other
PER_ADDRESS, ADDRESS_WINDOW = 60, 15 * 60  # attempts from one address, on whatever accounts, in so many seconds
MEMORY = 24 * 3600

# 1: attempts of account+address, 2: its lock, 3: attempts of the address.
# -> milliseconds to wait; 0 means: go on, the attempt is counted.
_ADMIT = """
local locked = redis.call('PTTL', KEYS[2])
if locked > 0 then return locked end
local many = tonumber(redis.call('GET', KEYS[3]) or '0')
if many >= tonumber(ARGV[1]) then return math.max(redis.call('PTTL', KEYS[3]), 1000) end
if redis.call('INCR', KEYS[3]) == 1 then redis.call('EXPIRE', KEYS[3], ARGV[2]) end
local n = redis.call('INCR', KEYS[1])
redis.call('EXPIRE', KEYS[1], ARGV[6])
if n >= tonumber(ARGV[3]) then
  local wait = math.min(tonumber(ARGV[4]) * 2 ^ math.min(n - tonumber(ARGV[3]), 20), tonumber(ARGV[5]))
  redis.call('SET', KEYS[2], '1', 'EX', math.floor(wait))
end
return 0
"""
# A right password was no attempt at all: a town hall signs in from one address every morning.
_FORGIVE = """
redis.call('DEL', KEYS[1], KEYS[2])
if tonumber(redis.call('GET', KEYS[3]) or '0') > 0 then redis.call('DECR', KEYS[3]) end
return 0
"""


class Attempts:
    """All calls raise StoreUnavailable."""

    def __init__(self, redis: Any) -> None:
        self._admit, self._forgive = Script(redis, _ADMIT), Script(redis, _FORGIVE)

    async def admit(self, user: str, address: str) -> float:
        """Seconds to wait before this may be tried; 0: try now, and it counts as a failure until succeeded()."""
        numbers = [PER_ADDRESS, ADDRESS_WINDOW, FREE, FIRST_WAIT, LONGEST_WAIT, MEMORY]
        async with translated():
            return float(await self._admit(keys=self._keys(user, address), args=numbers)) / 1000

    async def succeeded(self, user: str, address: str) -> None:
        """It was the right password: the account's failures from here are forgotten."""
        async with translated():
            await self._forgive(keys=self._keys(user, address))

    def _keys(self, user: str, address: str) -> list[str]:
        network = network_of(address)
        both = hashlib.sha256(f"{user}\0{network}".encode()).hexdigest()[:32]
        alone = hashlib.sha256(network.encode()).hexdigest()[:32]
        base = f"{PREFIX}:{{console}}:attempts"
        return [f"{base}:of:{both}", f"{base}:lock:{both}", f"{base}:from:{alone}"]


def network_of(address: str) -> str:
    """An IPv4 address, or the /64 of an IPv6 one: a household has 2^64 of them to guess from."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)

"""Whose request it is: the address of the client, behind proxies that we trust and behind nobody else's word."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from aiohttp import web

Network = IPv4Network | IPv6Network
FORWARDED = "X-Forwarded-For"
LONGEST = 1024  # characters of the header: thirty proxies in a row have room; what is longer was made up


class Proxies:
    """`networks`: as in STADTBOTE_TRUSTED_PROXIES, separated by commas; "" trusts nobody."""

    def __init__(self, networks: str) -> None:
        self._networks: tuple[Network, ...] = tuple(ip_network(one) for one in networks.split(",") if one)

    def client(self, peer: str, forwarded: Sequence[str]) -> str:
        """The nearest address that is no proxy of ours. `forwarded`: the header's lines, as they came.

        Each proxy adds at the right whom it serves; so what stands left of an address that we do not trust is that
        stranger's word, and nothing of it counts. Neither does anything left of what is no address.
        """
        nearest = peer
        line = ",".join(forwarded)
        if len(line) > LONGEST or not self._trusts(peer):
            return peer
        for text in reversed(line.split(",") if line else []):
            address = _address(text.strip())
            if address is None:
                return nearest
            nearest = str(address)
            if not self._trusts(nearest):
                return nearest
        return nearest

    def of(self, request: web.Request) -> str:
        """The client of a request; "" where the connection has no address."""
        return self.client(request.remote or "", request.headers.getall(FORWARDED, []))

    def _trusts(self, text: str) -> bool:
        address = _address(text)
        return address is not None and any(address in network for network in self._networks)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """An address, also with a port or in brackets as some proxies write it; IPv4 in IPv6's clothes is IPv4."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address

"""Which addresses may be connected to: those of the public internet, on the web's ports, and no others.

An editor's link, a name's DNS record and a redirect are all somebody else's words. None of them may make us ask a
machine of our own network (SSRF; OWASP, Server-Side Request Forgery Prevention). So the address itself is judged, after
the name was resolved, and the connection goes to that very address: a name that answers otherwise the next time
(DNS rebinding) gains nothing.
"""

import asyncio
import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

Judge = Callable[[str, int], bool]
"""May this numeric address be connected to on this port?"""

Lookup = Callable[[str, int], Any]
"""What getaddrinfo finds for a name, awaited: (family, type, proto, canonical name, address) each."""

PORTS = frozenset({80, 443, 8080, 8443})
_NAT64 = ip_network("64:ff9b::/96")
# Public by their number, and yet the machine's own cloud: Azure's and Alibaba's metadata.
_METADATA = frozenset({ip_address("168.63.129.16"), ip_address("100.100.100.200")})
_ASSIGNED = ip_network("192.0.0.0/24")  # IETF protocol assignments; Oracle's metadata lies in it, as global


class Refused(Exception):
    """The address leads to where a link check must not go."""

    def __init__(self, host: str, address: str) -> None:
        self.host, self.address = host, address
        super().__init__(f"{host} leads to {address}, which is not a public address")


def public(address: str, port: int) -> bool:
    """The judge in production: a global unicast address, and one of the web's ports."""
    try:
        told = ip_address(address.partition("%")[0])  # a zone ("fe80::1%eth0") is never global, but must be read
    except ValueError:
        return False
    return port in PORTS and all(_is_global(one) for one in _within(told))


def _is_global(address: IPv4Address | IPv6Address) -> bool:
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not address.is_unspecified
        and not getattr(address, "is_site_local", False)
        and address not in _METADATA
        and address not in _ASSIGNED
    )


def _within(address: IPv4Address | IPv6Address) -> tuple[IPv4Address | IPv6Address, ...]:
    """The address that a packet ends at: IPv6 that carries IPv4 is judged as that."""
    if isinstance(address, IPv4Address):
        return (address,)
    if address.ipv4_mapped:
        return (address.ipv4_mapped,)
    if address.sixtofour:
        return (address, address.sixtofour)
    if address.teredo:
        return (address, *address.teredo)
    if address in _NAT64:
        return (IPv4Address(int(address) & 0xFFFFFFFF),)
    return (address,)


async def lookup(host: str, port: int) -> Any:
    """The system's own resolver."""
    return await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)


class Judging(AbstractResolver):
    """Resolves for aiohttp's connector, which connects to what is returned here. One bad address condemns the name:
    whoever mixes them means no good."""

    def __init__(self, judge: Judge = public, lookup: Lookup = lookup) -> None:
        self._judge, self._lookup = judge, lookup

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Its addresses. Raises Refused, and OSError for a name that is unknown."""
        found = await self._lookup(host, port)
        if not found:
            raise OSError(f"{host} has no address")
        results: list[ResolveResult] = []
        for kind, _, proto, _, place in found:
            address = str(place[0])
            if not self._judge(address, port):
                raise Refused(host, address)
            flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
            results.append(ResolveResult(hostname=host, host=address, port=port, family=kind, proto=proto, flags=flags))
        return results

    async def close(self) -> None:
        """Nothing is held."""


def socket_for(judge: Judge) -> Callable[[Any], socket.socket]:
    """Makes the connector's sockets: the last look, at the address that the kernel is about to be told."""

    def make(info: Any) -> socket.socket:
        kind, type_, proto, _, place = info
        if not judge(str(place[0]), int(place[1])):
            raise Refused(str(place[0]), str(place[0]))
        return socket.socket(family=kind, type=type_, proto=proto)

    return make

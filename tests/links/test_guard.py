"""No link check ever connects to an address of our own networks: not by digits, by name, by redirect, or by a lie."""

import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from faq.links.guard import Judging, Refused, public, socket_for
from faq.links.look import Looker, Outcome, State, wrong

AGENT = "Stadtbote link check"
INNER = [
    *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1"),
    *("169.254.169.254", "168.63.129.16", "100.100.100.200", "192.0.0.192", "198.18.0.1", "203.0.113.9", "224.0.0.1"),
    *("239.255.255.250", "255.255.255.255", "240.0.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1"),
    *("fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1"),
    *("64:ff9b::a00:1", "2002:7f00:1::", "2002:a00:1::1", "2001:db8::1", "fec0::1", "not an address", ""),
]
OUTER = ["1.1.1.1", "93.184.215.14", "2606:4700:4700::1111", "64:ff9b::101:101", "::ffff:1.1.1.1"]


@pytest.mark.parametrize("address", INNER)
def test_an_inner_address_is_refused(address: str) -> None:
    assert not public(address, 443)


@pytest.mark.parametrize("address", OUTER)
def test_a_public_address_is_taken_on_the_webs_ports_only(address: str) -> None:
    assert public(address, 443)
    assert public(address, 80)
    assert not public(address, 22)
    assert not public(address, 6379)


@given(
    st.ip_addresses(network="10.0.0.0/8") | st.ip_addresses(network="127.0.0.0/8") | st.ip_addresses(network="fc00::/7")
)
def test_a_private_address_is_refused_whatever_wraps_it(address: Any) -> None:
    assert not public(str(address), 443)
    if address.version == 4:
        assert not public(f"::ffff:{address}", 443)
        assert not public(f"64:ff9b::{address}", 443)


def named(**names: str) -> Any:
    """A name server of these names and no others."""

    async def lookup(host: str, port: int) -> Any:
        if host not in names:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        found = []
        for address in names[host].split(","):
            kind = socket.AF_INET6 if ":" in address else socket.AF_INET
            place = (address, port, 0, 0) if ":" in address else (address, port)
            found.append((kind, socket.SOCK_STREAM, 6, "", place))
        return found

    return lookup


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.0.0.1", "::1", "169.254.169.254", "::ffff:10.1.2.3", "1.1.1.1,10.0.0.1"]
)
async def test_a_name_that_resolves_to_an_inner_address_is_refused(address: str) -> None:
    with pytest.raises(Refused):
        await Judging(public, named(**{"town.de": address})).resolve("town.de", 443)
    async with Looker(AGENT, public, named(**{"town.de": address})) as looker:
        assert await looker.look("https://town.de/page") == Outcome(State.REFUSED)


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "10.0.0.1", "[::1]", "169.254.169.254", "[::ffff:127.0.0.1]", "localhost", "127.1", "0x7f.1"),
        *("2130706433", "printer.local", "db.internal", "user:secret@town.de"),
    ],
)
async def test_an_inner_address_in_the_link_itself_is_refused(host: str) -> None:
    # By the system's own resolver: it reads 127.1 and 2130706433 as addresses of this machine.
    async with Looker(AGENT) as looker:
        assert (await looker.look(f"http://{host}/")).state is State.REFUSED


def test_a_socket_to_an_inner_address_is_never_made() -> None:
    make = socket_for(public)
    with pytest.raises(Refused):
        make((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 443)))
    made = make((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("1.1.1.1", 443)))
    made.close()


@pytest.mark.parametrize(
    "url", ["ftp://town.de/", "file:///etc/passwd", "https://", "http://[::1", "https://town.de:99999/"]
)
def test_what_is_no_web_address_is_never_asked(url: str) -> None:
    assert wrong(url) is State.REFUSED


@pytest.mark.parametrize("url", ["https://www.lindenfurt.example/a", "http://x.invalid", "https://example.org/"])
def test_a_name_that_stands_for_examples_is_never_asked(url: str) -> None:
    assert wrong(url) is State.SAMPLE


# --- with a server of our own, which the test's judge lets in, and nothing else -------------------------------------


class Site:
    """A web site on loopback, called town.de."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.agents: set[str] = set()
        self.port = 0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.method, request.path))
        self.agents.add(request.headers["User-Agent"])
        name = request.path.strip("/")
        if name == "headless":
            return web.Response(status=200 if request.method == "GET" else 405)
        if name.isdecimal():
            return web.Response(status=int(name))
        if name in ("moved", "found"):
            return web.Response(status=301 if name == "moved" else 302, headers={"Location": "/200"})
        if name == "again":
            return web.Response(status=302, headers={"Location": "/again"})
        return web.Response(status=302, headers={"Location": request.query["to"]})


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    here, app = Site(), web.Application()
    app.router.add_route("*", "/{name}", here.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    server = web.TCPSite(runner, "127.0.0.1", 0)
    await server.start()
    assert runner.addresses
    here.port = runner.addresses[0][1]
    yield here
    await runner.cleanup()


def looker(site: Site, **names: str) -> Looker:
    def own_or_public(address: str, port: int) -> bool:
        return (address, port) == ("127.0.0.1", site.port) or public(address, port)

    return Looker(AGENT, own_or_public, named(**{"town.de": "127.0.0.1"}, **names))


@pytest.mark.parametrize(
    ("path", "state"),
    [
        *(("200", State.OK), ("404", State.GONE), ("410", State.GONE), ("500", State.UNREACHABLE), ("403", State.SHUT)),
        *(("headless", State.OK), ("found", State.OK), ("again", State.UNREACHABLE)),
    ],
)
async def test_what_a_page_says(site: Site, path: str, state: State) -> None:
    async with looker(site) as looking:
        assert (await looking.look(f"http://town.de:{site.port}/{path}")).state is state
    assert site.agents == {AGENT}
    assert len(site.asked) <= 7


async def test_a_page_that_moved_for_good_says_where_to(site: Site) -> None:
    async with looker(site) as looking:
        found = await looking.look(f"http://town.de:{site.port}/moved")
    assert found == Outcome(State.MOVED, 200, f"http://town.de:{site.port}/200")


@pytest.mark.parametrize(
    "target",
    [
        *("http://127.0.0.1:1/", "http://10.0.0.1/", "http://[::1]/", "http://169.254.169.254/latest/meta-data/"),
        *("http://inner.de/", "//inner.de/", "file:///etc/passwd", "http://localhost/", "gopher://town.de/"),
    ],
)
async def test_a_redirect_to_an_inner_address_is_refused(site: Site, target: str) -> None:
    async with looker(site, **{"inner.de": "10.0.0.1"}) as looking:
        found = await looking.look(f"http://town.de:{site.port}/go?to={target}")
    assert found.state is State.REFUSED
    assert len(site.asked) == 1, "the redirect was met, and not followed"


async def test_a_name_that_nobody_knows_and_a_port_that_nobody_serves(site: Site) -> None:
    async with looker(site) as looking:
        assert (await looking.look("http://nobody.de/")).state is State.UNREACHABLE
    async with Looker(AGENT, lambda address, port: True, named(**{"town.de": "127.0.0.1"})) as looking:
        assert (await looking.look("http://town.de:1/")).state is State.UNREACHABLE

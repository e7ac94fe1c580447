"""Whose address counts: nothing that a stranger writes into a header changes who they are."""

from ipaddress import ip_address, ip_network

from hypothesis import given
from hypothesis import strategies as st

from bot.peer import LONGEST, Proxies

OURS = "10.0.0.0/8,fd00::/8,127.0.0.1/32"
NETWORKS = [ip_network(one) for one in OURS.split(",")]


def trusted(text: str) -> bool:
    return any(ip_address(text) in network for network in NETWORKS)


proxies = st.one_of(st.ip_addresses(network="10.0.0.0/8"), st.ip_addresses(network="fd00::/8")).map(str)
strangers = (
    st.ip_addresses()
    .map(str)
    .filter(lambda text: not trusted(text) and not getattr(ip_address(text), "ipv4_mapped", None))
)
lies = st.lists(st.one_of(st.text(max_size=40).filter(lambda t: "," not in t), proxies, strangers), max_size=6)


def lines(parts: list[str], cut: int) -> list[str]:
    """The same header in one line or two."""
    return [", ".join(some) for some in (parts[:cut], parts[cut:]) if some]


@given(strangers, lies)
def test_a_stranger_who_connects_is_who_connects(peer: str, written: list[str]) -> None:
    assert Proxies(OURS).client(peer, [", ".join(written)]) == peer


@given(strangers, lies, st.lists(proxies, max_size=3), proxies, st.integers(0, 8))
def test_behind_our_proxies_only_what_they_wrote_counts(
    client: str, written: list[str], way: list[str], peer: str, cut: int
) -> None:
    header = lines([*written, client, *way], cut)
    if sum(map(len, header)) < LONGEST - 100:
        assert Proxies(OURS).client(peer, header) == client


@given(st.one_of(proxies, strangers), lies)
def test_without_proxies_no_header_counts(peer: str, written: list[str]) -> None:
    assert Proxies("").client(peer, [", ".join(written)]) == peer


@given(lies, st.text(alphabet='xyz;="', min_size=1, max_size=20), proxies)
def test_what_is_no_address_ends_the_walk(written: list[str], garbage: str, peer: str) -> None:
    assert Proxies(OURS).client(peer, [", ".join([*written, garbage])]) == peer


def test_ways_to_write_an_address() -> None:
    told = {
        "203.0.113.9": "203.0.113.9",
        "203.0.113.9:4711": "203.0.113.9",
        "[2001:db8::1]:443": "2001:db8::1",
        "::ffff:203.0.113.9": "203.0.113.9",
        "2001:db8::1": "2001:db8::1",
    }
    assert {text: Proxies(OURS).client("127.0.0.1", [text]) for text in told} == told
    assert Proxies(OURS).client("::ffff:127.0.0.1", ["203.0.113.9"]) == "203.0.113.9"
    assert Proxies(OURS).client("10.0.0.1", []) == "10.0.0.1"
    assert Proxies(OURS).client("", ["203.0.113.9"]) == ""
    assert Proxies(OURS).client("10.0.0.1", ["203.0.113.9" + " " * LONGEST]) == "10.0.0.1"

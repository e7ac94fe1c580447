"""What STADTBOTE_REDIS_URL may say, and what is said of a wrong one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.redis_address import Address, read_address
from bot.settings import SettingsError, read

SECRET = "geh%40im"


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("redis://valkey", Address("server", (("valkey", 6379),))),
        ("redis://", Address("server", (("localhost", 6379),))),
        ("redis://kim:geh%40im@valkey:7000/3", Address("server", (("valkey", 7000),), db=3)),
        ("redis://[::1]:7000", Address("server", (("::1", 7000),))),
        ("unix:///run/valkey/valkey.sock", Address("socket", path="/run/valkey/valkey.sock")),
        ("unix:///run/valkey.sock?db=2", Address("socket", path="/run/valkey.sock", db=2)),
        ("redis+sentinel://a,b:1,c/town", Address("sentinel", (("a", 26379), ("b", 1), ("c", 26379)), service="town")),
        ("redis+sentinel://a/town/4", Address("sentinel", (("a", 26379),), service="town", db=4)),
        ("redis+cluster://a:1,b", Address("cluster", (("a", 1), ("b", 6379)))),
    ],
)
def test_addresses(url: str, address: Address) -> None:
    found = read_address(url)
    assert (found.kind, found.nodes, found.path, found.service, found.db, found.tls) == (
        address.kind,
        address.nodes,
        address.path,
        address.service,
        address.db,
        None,
    )


@pytest.mark.parametrize("scheme", ["redis", "redis+sentinel", "redis+cluster"])
def test_user_and_password_are_decoded_and_never_shown(scheme: str) -> None:
    found = read_address(f"{scheme}://kim:{SECRET}@a:1/{'town' if 'sentinel' in scheme else ''}")
    assert (found.user, found.password) == ("kim", "geh@im")
    assert "geh" not in repr(found)


def test_sentinels_have_a_login_of_their_own() -> None:
    found = read_address(f"redis+sentinel://:a@h/town?sentinel_username=kim&sentinel_password={SECRET}")
    assert (found.user, found.password, found.sentinel_user, found.sentinel_password) == ("", "a", "kim", "geh@im")
    assert "geh" not in repr(found)


@pytest.mark.parametrize("scheme", ["rediss", "rediss+sentinel", "rediss+cluster"])
def test_tls_is_checked_unless_told_otherwise(scheme: str) -> None:
    end = "/town" if "sentinel" in scheme else ""
    assert read_address(f"{scheme}://a{end}").tls == {"ssl_cert_reqs": "required", "ssl_check_hostname": True}
    loose = read_address(f"{scheme}://a{end}?ssl_ca_certs=/etc/ca.pem&ssl_cert_reqs=none").tls
    assert loose == {"ssl_ca_certs": "/etc/ca.pem", "ssl_cert_reqs": "none", "ssl_check_hostname": False}


@pytest.mark.parametrize(
    ("url", "says"),
    [
        (f"http://kim:{SECRET}@a", "start with"),
        (f"redis://kim:{SECRET}@a,b", "several hosts"),
        (f"redis://kim:{SECRET}@a:geheim", "a port is a number"),
        (f"redis://kim:{SECRET}@a/x", "database"),
        (f"redis://kim:{SECRET}@a?retry_on_timeout=yes", "only these are known"),
        (f"redis://kim:{SECRET}@a?ssl_cert_reqs=none", "rediss://"),
        (f"rediss://kim:{SECRET}@a?ssl_cert_reqs=maybe", "ssl_cert_reqs"),
        (f"redis+sentinel://kim:{SECRET}@a", "name after the Sentinels"),
        (f"redis+cluster://kim:{SECRET}@a/1", "database 0"),
        (f"redis+cluster://kim:{SECRET}@", "host:port"),
        (f"redis+cluster://kim:{SECRET}@a,,b", "host:port"),
        (f"redis+cluster://kim:{SECRET}@a?sentinel_password=x", "redis+sentinel://"),
        (f"redis://kim:{SECRET}@[::1", "IPv6"),
        ("unix://", "unix:///"),
    ],
)
def test_a_wrong_address_is_one_sentence_that_names_the_setting_and_no_password(url: str, says: str) -> None:
    with pytest.raises(SettingsError) as raised:
        read({"STADTBOTE_REDIS_URL": url})
    text = str(raised.value)
    assert says in text
    assert text.startswith("STADTBOTE_REDIS_URL")
    assert "geh" not in text
    assert raised.value.__cause__ is None


@given(st.text(max_size=60), st.sampled_from(["redis://", "redis+sentinel://", "redis+cluster://", "unix://", ""]))
def test_any_text_is_read_or_refused(text: str, scheme: str) -> None:
    try:
        found = read_address(scheme + text)
    except ValueError:
        return
    assert found.path or all(host and 0 < port < 65536 for host, port in found.nodes)

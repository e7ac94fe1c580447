"""What STADTBOTE_REDIS_URL says: one server, a primary behind Sentinels, or a Cluster.

    redis://[user:password@]host[:port][/db]              rediss:// with TLS
    unix:///path/to/socket[?db=0]
    redis+sentinel://[user:password@]host[:port],host[:port]/name[/db]      rediss+sentinel:// with TLS
    redis+cluster://[user:password@]host[:port],host[:port]                 rediss+cluster:// with TLS

User and password are the data servers'; Sentinels that want their own get ?sentinel_username= and
?sentinel_password=. TLS is told by ?ssl_ca_certs=, ssl_certfile=, ssl_keyfile=, ssl_cert_reqs=, ssl_check_hostname=.
Characters with a meaning in an address (@ : / ? # % ,) are percent-encoded in user and password.
"""

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

PORT, SENTINEL_PORT = 6379, 26379
SCHEMES = ("redis", "rediss", "unix", "redis+sentinel", "rediss+sentinel", "redis+cluster", "rediss+cluster")
TEXTS = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
OPTIONS = (*TEXTS, "ssl_cert_reqs", "ssl_check_hostname", "sentinel_username", "sentinel_password", "db")
Node = tuple[str, int]


@dataclass(frozen=True)
class Address:
    """An address as read. `tls` holds redis-py's ssl_* options; repr() never shows a password."""

    kind: Literal["server", "socket", "sentinel", "cluster"]
    nodes: tuple[Node, ...] = ()
    path: str = ""  # of the socket
    service: str = ""  # the name under which Sentinels know the primary
    db: int = 0
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    sentinel_user: str = field(default="", repr=False)
    sentinel_password: str = field(default="", repr=False)
    tls: dict[str, str | bool] | None = None  # None: no TLS


def read_address(url: str) -> Address:
    """The address; raises ValueError with a sentence that says what is wrong and never repeats the text."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        raise ValueError("it is no address; an IPv6 host is written in brackets") from None
    if parts.scheme not in SCHEMES:
        raise ValueError("it must start with one of: " + ", ".join(f"{name}://" for name in SCHEMES))
    options = _options(parts.query)
    secure, kind = parts.scheme.startswith("rediss"), parts.scheme.partition("+")[2]
    login, _, hosts = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    tls = _tls(options) if secure else None
    if not secure and any(name.startswith("ssl_") for name in options):
        raise ValueError("ssl_ options need rediss:// in front")
    who = (unquote(user), unquote(password))
    path = [unquote(step) for step in parts.path.split("/") if step]
    if parts.scheme == "unix":
        if hosts or not parts.path.strip("/"):
            raise ValueError("write a socket as unix:///path/to/valkey.sock")
        return Address("socket", (), unquote(parts.path), "", _db(options.get("db", "0")), *who)
    if kind == "sentinel":
        if not 1 <= len(path) <= 2:
            raise ValueError("write the primary's name after the Sentinels: redis+sentinel://host:26379,…/name")
        db = _db(path[1] if len(path) == 2 else options.get("db", "0"))
        own = (options.get("sentinel_username", ""), options.get("sentinel_password", ""))
        return Address("sentinel", _nodes(hosts, SENTINEL_PORT), "", path[0], db, *who, *own, tls=tls)
    if any(name.startswith("sentinel_") for name in options):
        raise ValueError("sentinel_ options need redis+sentinel:// in front")
    if kind == "cluster":
        if (path and path != ["0"]) or options.get("db", "0") != "0":
            raise ValueError("a cluster has database 0 only: write nothing after its hosts")
        return Address("cluster", _nodes(hosts, PORT), "", "", 0, *who, tls=tls)
    if len(path) > 1:
        raise ValueError("write at most a database number after the host")
    nodes = _nodes(hosts or "localhost", PORT)
    if len(nodes) > 1:
        raise ValueError("several hosts need redis+sentinel:// or redis+cluster:// in front")
    return Address("server", nodes, "", "", _db(path[0] if path else options.get("db", "0")), *who, tls=tls)


def _options(query: str) -> dict[str, str]:
    found = {name: values[-1] for name, values in parse_qs(query, keep_blank_values=True).items()}
    for name in found:
        if name not in OPTIONS:
            raise ValueError("after ? only these are known: " + ", ".join(OPTIONS))
    return found


def _tls(options: dict[str, str]) -> dict[str, str | bool]:
    tls: dict[str, str | bool] = {name: options[name] for name in TEXTS if options.get(name)}
    wanted = options.get("ssl_cert_reqs", "required")
    if wanted not in ("required", "optional", "none"):
        raise ValueError("ssl_cert_reqs is required, optional or none")
    tls["ssl_cert_reqs"] = wanted
    # Without a certificate there is no name to compare.
    tls["ssl_check_hostname"] = wanted != "none" and options.get("ssl_check_hostname", "yes").casefold() not in (
        "no",
        "off",
        "false",
        "0",
    )
    return tls


def _db(text: str) -> int:
    if not text.isdecimal() or len(text) > 4:
        raise ValueError("the database after the host is a number such as 0")
    return int(text)


def _nodes(hosts: str, port: int) -> tuple[Node, ...]:
    found = []
    for one in hosts.split(","):
        try:
            parts = urlsplit(f"//{one.strip()}")
            host, number = parts.hostname, parts.port
        except ValueError:
            raise ValueError("a port is a number from 1 to 65535, and an IPv6 host stands in brackets") from None
        if not host or number == 0:
            raise ValueError("write its hosts as host:port, with commas between them")
        found.append((unquote(host), number or port))
    return tuple(found)

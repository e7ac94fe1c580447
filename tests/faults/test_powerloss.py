"""What is acknowledged survives a loss of power with `always`; the same check sees `everysec` lose."""

import threading
from pathlib import Path

import pytest
import redis

from bot.valkey import embedded
from tests.faults.powerloss import STRACE, machine
from tests.faults.trace import Files

pytestmark = pytest.mark.skipif(not STRACE, reason="strace is not installed")
WRITERS = 4


def written_until_dark(fsync: str, acknowledged: int) -> tuple[set[str], set[str]]:
    """(what was acknowledged before the power went, what is there when it is back)."""
    with machine(fsync) as made:
        said: set[str] = set()
        enough = threading.Event()

        def write(writer: int) -> None:
            with redis.Redis.from_url(made.url, socket_timeout=60) as client:
                try:
                    for n in range(100_000):
                        client.xadd("inbox", {"id": f"{writer}-{n}"})
                        said.add(f"{writer}-{n}")
                        if len(said) >= acknowledged:
                            enough.set()
                except (redis.RedisError, OSError):
                    return

        threads = [threading.Thread(target=write, args=(n,)) for n in range(WRITERS)]
        for thread in threads:
            thread.start()
        assert enough.wait(180)
        made.lose_power()
        for thread in threads:
            thread.join()
        made.start()
        with redis.Redis.from_url(made.url) as client:
            kept = {entry[1][b"id"].decode() for entry in client.xrange("inbox")}
        return said, kept


def test_nothing_acknowledged_is_lost_with_always() -> None:
    said, kept = written_until_dark("always", 500)
    assert len(said) >= 500
    assert said <= kept


def test_the_model_sees_everysec_lose() -> None:
    # A single loss may fall right behind a sync; that all of five do is beyond chance.
    lost = 0
    for _ in range(5):
        said, kept = written_until_dark("everysec", 2000)
        lost += len(said - kept)
        if lost:
            break
    assert lost


def test_the_product_starts_its_own_server_with_always(tmp_path: Path) -> None:
    command = embedded(tmp_path).command
    assert command[command.index("--appendfsync") + 1] == "always"
    assert command[command.index("--appendonly") + 1] == "yes"


def test_a_trace_is_read_as_it_happened() -> None:
    aof = "/d/a.aof"
    lines = [
        '7 openat(AT_FDCWD</d>, "a.aof", O_WRONLY|O_CREAT|O_APPEND, 0644) = 8</d/a.aof>',
        '7 write(8</d/a.aof>, ""..., 100) = 100',
        "7 fdatasync(8</d/a.aof>) = 0",
        '7 write(8</d/a.aof>, ""..., 50) = 50',
        "9 fdatasync(8</d/a.aof> <unfinished ...>",
        '7 write(8</d/a.aof>, ""..., 7) = 7',
        "9 <... fdatasync resumed>) = 0",
        '7 write(8</d/a.aof>, ""..., 30) = -1 ENOSPC (No space left on device)',
        "7 fdatasync(8</d/a.aof>) = -1 EIO (Input/output error)",
        '7 write(5<socket:[1]>, ""..., 9) = 9',
    ]
    files = Files.known("/d", {}).read(lines)
    assert (files.size[aof], files.synced[aof]) == (157, 150)
    files.read(['7 rename("temp.aof", "a.aof") = 0', "7 ftruncate(8</d/a.aof>, 120) = 0"])
    assert (files.size[aof], files.synced[aof]) == (120, 120)
    files.read(
        ['7 openat(AT_FDCWD</d>, "temp", O_WRONLY|O_TRUNC, 0644) = 9</d/temp>', '7 write(9</d/temp>, "", 4) = 4']
    )
    files.read(['7 rename("/d/temp", "/d/a.aof") = 0'])
    assert (files.size[aof], files.synced[aof]) == (4, 0)

"""A real Valkey of its own for a test: on a unix socket in a temporary folder, ended by its pid."""

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from bot.valkey import embedded


@contextmanager
def valkey() -> Iterator[str]:
    """Its address, while it runs."""
    with tempfile.TemporaryDirectory(prefix="sb-") as folder:
        server = embedded(Path(folder))
        process = subprocess.Popen(server.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for(server.url)
            yield server.url
        finally:
            process.terminate()
            process.wait(10)


def wait_for(url: str, seconds: float = 20) -> None:
    """Until it answers."""
    late = time.monotonic() + seconds
    with redis.Redis.from_url(url) as client:
        while True:
            try:
                client.ping()
                return
            except redis.RedisError:
                if time.monotonic() > late:
                    raise
                time.sleep(0.02)

"""A real PostgreSQL of its own for the tests: in a temporary folder on a unix socket, ended by its pid.

Where none is installed the tests are skipped with the reason, unless TEST_POSTGRES=required stands in the
environment, as it does where it is decided whether a change lands.
"""

import itertools
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from faq.schema import open_database

NAME = "TEST_POSTGRES"
SERVER_USER = "postgres"  # the server refuses root
_numbers = itertools.count(1)


class Postgres:
    """A server and its folder."""

    def __init__(self, folder: Path, programs: Path, as_user: tuple[str, ...]) -> None:
        self.folder, self._programs, self._as_user = folder, programs, as_user
        self._process: subprocess.Popen[bytes] | None = None
        self._original = ""  # the database of which others are copies

    def start(self) -> None:
        """Until it answers."""
        options = ("-c", "listen_addresses=", "-c", f"unix_socket_directories={self.folder}", "-c", "fsync=off")
        command = (*self._as_user, str(self._programs / "postgres"), "-D", str(self.folder / "data"), *options)
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        late = time.monotonic() + 120
        while True:
            try:
                psycopg.connect(self._conninfo("postgres")).close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > late or self._process.poll() is not None:
                    raise AssertionError((self.folder / "log").read_text("utf-8", "replace")) from None
                time.sleep(0.02)

    def stop(self) -> None:
        """Ended at once: whoever is connected is cut off (SIGINT is PostgreSQL's fast shutdown)."""
        assert self._process
        self._process.send_signal(2)
        self._process.wait(120)

    def make(self) -> str:
        """The address of a database of its own with the product's tables (see tests.laid_out)."""
        if not self._original:
            original = self.make_empty()
            open_database(original).dispose()
            self._original = str(make_url(original).database)
        return self._create(f"TEMPLATE {self._original}")

    def make_empty(self, encoding: str = "UTF8") -> str:
        """The address of one without tables, which sorts by German rules and keeps a far-off time."""
        sorts = "LOCALE_PROVIDER icu ICU_LOCALE 'de-DE'" if encoding == "UTF8" else ""
        # LC_COLLATE C alone goes with every encoding.
        return self._create(f"TEMPLATE template0 ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' {sorts}")

    def _create(self, how: str) -> str:
        name = f"town{next(_numbers)}"
        with psycopg.connect(self._conninfo("postgres"), autocommit=True) as db:
            db.execute(f"CREATE DATABASE {name} {how}")
            db.execute(f"ALTER DATABASE {name} SET timezone TO 'Pacific/Auckland'")
        return f"postgresql+psycopg://{SERVER_USER}@/{name}?host={self.folder}"

    def _conninfo(self, name: str) -> str:
        return f"host={self.folder} user={SERVER_USER} dbname={name}"


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A server, while it runs. Skips the test where none is installed."""
    programs = _programs()
    if programs is None:
        said = "no PostgreSQL server is installed (Debian: apt-get install postgresql)"
        if os.environ.get(NAME) == "required":
            pytest.fail(said)
        pytest.skip(said)
    with tempfile.TemporaryDirectory(prefix="sb-pg-") as name:
        folder, as_user = Path(name), tuple[str, ...]()
        if os.geteuid() == 0:
            as_user = ("setpriv", f"--reuid={SERVER_USER}", f"--regid={SERVER_USER}", "--init-groups")
            shutil.chown(folder, SERVER_USER, SERVER_USER)
        make = ("-D", str(folder / "data"), "-U", SERVER_USER, "-A", "trust", "--locale=C.UTF-8", "--no-sync")
        subprocess.run((*as_user, str(programs / "initdb"), *make), check=True, stdout=subprocess.DEVNULL, cwd=folder)
        server = Postgres(folder, programs, as_user)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _programs() -> Path | None:
    """Where initdb and postgres lie: on the path, else the newest of Debian's versions."""
    found = shutil.which("initdb")
    if found and shutil.which("postgres"):
        return Path(found).resolve().parent
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda place: int(place.parts[-3]))
    return places[-1].parent if places else None

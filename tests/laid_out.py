"""Databases that begin as a copy: the real steps lay their tables out once in each process of tests.

That takes a twentieth of a second, and thousands of tests want a database of their own. tests/sql, where the steps
themselves are tested, does without.
"""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import Engine, make_url

from faq import schema
from faq.database import open_engine


def everywhere() -> None:
    """From now on whoever opens a new file of SQLite in this process finds the tables there."""
    schema.open_engine = _copied  # type: ignore[attr-defined]


def kept_until_the_end(prefix: str) -> Path:
    """A folder of this process."""
    folder = tempfile.mkdtemp(prefix=prefix)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def _copied(url: str) -> Engine:
    address = make_url(url)
    if address.get_backend_name() == "sqlite" and address.database not in (None, "", ":memory:"):
        place = Path(address.database)
        if place.parent.is_dir() and not place.exists():
            shutil.copyfile(_original(), place)
    return open_engine(url)


@cache
def _original() -> Path:
    place = kept_until_the_end("sb-sql-") / "empty.sqlite"
    engine = open_engine(f"sqlite:///{place}")
    schema.bring_up(engine)
    engine.dispose()
    return place

"""SQLite's write-ahead log: readers and the one who writes do not wait for each other."""

import sqlite3
import time
from collections.abc import Callable

PAUSE = 0.01  # seconds between two tries


def switch_to_wal(db: sqlite3.Connection, seconds: float, rest: Callable[[float], None] = time.sleep) -> None:
    """Switches a database to it; one that has switched stays as it is. Raises sqlite3.Error.

    Each of several processes that open a new database at once upgrades a lock for that, which SQLite refuses whatever
    the busy timeout is: it tries again for so many seconds, and finds that another did it.
    """
    late = time.monotonic() + seconds
    while True:
        try:
            db.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() >= late:
                raise
        rest(PAUSE)

"""Vectors once computed, kept on disk: an empty state directory starts in seconds, and of a changed corpus
only what changed is encoded again. Losing the file loses time only."""

import hashlib
import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from faq.courtesy import give_way
from faq.encoder import Encoder, Vectors
from faq.wal import switch_to_wal

WAIT_SECONDS = 30
_SLICE = 16  # texts between two savings and progress reports
RESULTS = 24  # made of many vectors, some MB each: of the releases of late
_AT_ONCE = 500  # vectors or keys handled in one step


class VectorCache:
    """A SQLite file of vectors, by encoder and text. Several processes may share it; threads too."""

    def __init__(self, path: Path | str) -> None:
        if str(path) != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, timeout=WAIT_SECONDS, check_same_thread=False, isolation_level=None)
        switch_to_wal(self._db, WAIT_SECONDS)
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID")
        self._db.execute("CREATE TABLE IF NOT EXISTS results (key BLOB PRIMARY KEY, result BLOB)")

    def close(self) -> None:
        self._db.close()

    def passages(
        self, encoder: Encoder, texts: Sequence[str], progress: Callable[[float], None] = lambda share: None
    ) -> Vectors:
        """The texts' vectors as passages, in order; computes and keeps those that are not there yet."""
        return self._vectors(encoder, "passage", encoder.encode_passages, texts, progress)

    def queries(
        self, encoder: Encoder, texts: Sequence[str], progress: Callable[[float], None] = lambda share: None
    ) -> Vectors:
        """The same for wordings, which are encoded as questions so that questions can be compared to them."""
        return self._vectors(encoder, "query", encoder.encode_queries, texts, progress)

    def fill(self, vectors: Iterable[tuple[bytes, Vectors]]) -> None:
        """Keeps vectors that were made elsewhere, by `key_of`."""
        self._write((key, vector.tobytes()) for key, vector in vectors)

    def result(self, key: bytes) -> bytes | None:
        """What was made of many vectors before, under a key that changes with any of them."""
        with self._lock:
            row = self._db.execute("SELECT result FROM results WHERE key = ?", [key]).fetchone()
        return bytes(row[0]) if row else None

    def keep(self, key: bytes, result: bytes) -> None:
        """Keeps it for the next one, and the newest few besides."""
        last = f"DELETE FROM results WHERE rowid <= (SELECT max(rowid) FROM results) - {RESULTS}"  # noqa: S608
        self._written("INSERT OR REPLACE INTO results (key, result) VALUES (?, ?)", [(key, result)], last)

    def _vectors(
        self,
        encoder: Encoder,
        kind: str,
        encode: Callable[[Sequence[str]], Vectors],
        texts: Sequence[str],
        progress: Callable[[float], None],
    ) -> Vectors:
        keys = [key_of(encoder, kind, text) for text in texts]
        wanted = dict(zip(keys, texts, strict=True))
        found = self._read(wanted, encoder.dimensions)
        missing = [key for key in wanted if key not in found]
        for start in range(0, len(missing), _SLICE):
            some = missing[start : start + _SLICE]
            fresh = encode([wanted[key] for key in some])
            found.update(zip(some, fresh, strict=True))
            self._write((key, found[key].tobytes()) for key in some)
            progress((start + len(some)) / len(missing))
            give_way()
        every = np.empty((len(keys), encoder.dimensions), np.float32)
        for start in range(0, len(keys), _AT_ONCE):  # in one go, numpy would keep other threads waiting
            every[start : start + _AT_ONCE] = [found[key] for key in keys[start : start + _AT_ONCE]]
            give_way()
        return every

    def _read(self, keys: Iterable[bytes], dimensions: int) -> dict[bytes, Vectors]:
        found: dict[bytes, Vectors] = {}
        every = list(keys)
        for start in range(0, len(every), _AT_ONCE):
            some = every[start : start + _AT_ONCE]
            marks = ",".join("?" * len(some))
            with self._lock:
                rows = self._db.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", some).fetchall()  # noqa: S608
            for key, raw in rows:
                if len(raw) == 4 * dimensions:
                    found[key] = np.frombuffer(raw, np.float32)
        return found

    def _write(self, rows: Iterable[tuple[bytes, bytes]]) -> None:
        self._written("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)

    def _written(self, insert: str, rows: Iterable[tuple[bytes, bytes]], then: str = "") -> None:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._db.executemany(insert, rows)
                if then:
                    self._db.execute(then)
                self._db.execute("COMMIT")
            except BaseException:
                # On a full disk: the next write must find no transaction open, nor another process the file locked.
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise


def key_of(encoder: Encoder, kind: str, text: str) -> bytes:
    """Under which a vector is kept; `kind` is "passage" or "query"."""
    return hashlib.sha256(f"{encoder.name}\0{encoder.dimensions}\0{kind}\0{text}".encode()).digest()

"""The files of imports under way, in the state directory: each its owner's alone, few, and not for long.

What a person said about columns is remembered by the header: the same office's list comes again every quarter.
"""

import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

FOLDER = "imports"
KEPT = timedelta(hours=24)
"""How long a file lies here that nobody took in or threw away."""
MOST = 3
"""Files of one person; a further one takes the place of the oldest."""
MAPS = 50
"""Headers of one person whose columns are remembered."""
_ID = re.compile(r"[0-9a-f]{24}")


class TooLarge(ValueError):
    """The file is larger than what is taken."""


@dataclass(frozen=True)
class Upload:
    """A file that was handed in. `headers` and `rows` are how a table begins, empty for what has no columns; `columns`
    which field each header is, by its owner or as we guess (`remembered`: as last time). `wrong` is why it cannot be
    read at all: a name, values and an English sentence."""

    id: str
    by: str
    name: str
    at: datetime
    headers: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    columns: Mapping[str, str] | None = None
    remembered: bool = False
    wrong: tuple[str, Mapping[str, str], str] | None = None


class Shelf:
    """The folder. Any process of the town may use it."""

    def __init__(self, home: Path) -> None:
        self._folder = home / FOLDER

    def put(self, by: str, name: str, at: datetime, chunks: Iterable[bytes], largest: int) -> Upload:
        """Keeps a file of that name; older ones of the same person go. Raises TooLarge."""
        for old in self.of(by)[MOST - 1 :]:
            self.remove(old.id)
        upload = Upload(secrets.token_hex(12), by, name, at)
        place = self._folder / upload.id
        place.mkdir(parents=True, mode=0o700)
        size = 0
        try:
            with (place / f"file{Path(name).suffix.casefold()}").open("xb") as file:
                for chunk in chunks:
                    size += len(chunk)
                    if size > largest:
                        raise TooLarge
                    file.write(chunk)
        except BaseException:
            self.remove(upload.id)
            raise
        self.note(upload)
        return upload

    def note(self, upload: Upload) -> None:
        """Writes down what is known of it."""
        self._write(self._folder / upload.id / "about.json", asdict(upload) | {"at": upload.at.isoformat()})

    def get(self, id: str, by: str) -> Upload | None:
        """That one, where it is this person's."""
        found = self._read(id)
        return found if found and found.by == by else None

    def of(self, by: str) -> list[Upload]:
        """A person's files, the newest first."""
        found = (self._read(path.name) for path in self._folders())
        return sorted((one for one in found if one and one.by == by), key=lambda one: one.at, reverse=True)

    def file(self, id: str) -> Path | None:
        """Where it lies; None once it was taken in or thrown away."""
        return next(iter((self._folder / id).glob("file.*")), None) if _ID.fullmatch(id) else None

    def taken_in(self, id: str) -> None:
        """The file is needed no more; what is known of it stays for its owner to read."""
        if place := self.file(id):
            place.unlink(missing_ok=True)

    def remove(self, id: str) -> None:
        """All of it."""
        if _ID.fullmatch(id):
            shutil.rmtree(self._folder / id, ignore_errors=True)

    def tidy(self, now: datetime) -> None:
        """Removes what has lain too long."""
        for path in self._folders():
            found = self._read(path.name)
            if not found or now - found.at > KEPT:
                self.remove(path.name)

    def keep(self, id: str, name: str, told: Mapping[str, Any]) -> None:
        """Something beside the file, for a later step of its import."""
        self._write(self._folder / id / f"{name}.json", told)

    def kept(self, id: str, name: str) -> Mapping[str, Any]:
        """The same again; empty where there is nothing."""
        return self._load(self._folder / id / f"{name}.json") if _ID.fullmatch(id) else {}

    def remember(self, by: str, headers: Sequence[str], columns: Mapping[str, str]) -> None:
        """What this person says these columns are."""
        maps = self._folder / "maps"
        maps.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._write(maps / _name(by, headers), columns)
        mine = sorted(maps.glob(f"{_person(by)}-*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in mine[MAPS:]:
            old.unlink(missing_ok=True)

    def remembered(self, by: str, headers: Sequence[str]) -> Mapping[str, str]:
        """What they said last; empty where they did not."""
        return self._load(self._folder / "maps" / _name(by, headers))

    def _folders(self) -> list[Path]:
        return [path for path in self._folder.glob("*") if _ID.fullmatch(path.name)]

    def _read(self, id: str) -> Upload | None:
        told = dict(self._load(self._folder / id / "about.json")) if _ID.fullmatch(id) else {}
        if not told:
            return None
        rows = tuple(map(tuple, told.pop("rows")))
        fixed: dict[str, Any] = {
            "at": datetime.fromisoformat(told.pop("at")),
            "headers": tuple(told.pop("headers")),
            "rows": rows,
        }
        return Upload(**told, **fixed)

    def _load(self, path: Path) -> Mapping[str, Any]:
        try:
            told: Mapping[str, Any] = json.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        return told

    def _write(self, path: Path, told: Mapping[str, Any]) -> None:
        """Whole or not at all: somebody may be reading."""
        fresh = path.with_suffix(f".{secrets.token_hex(4)}")
        fresh.write_text(json.dumps(told, ensure_ascii=False), "utf-8")
        os.replace(fresh, path)


def _person(by: str) -> str:
    return hashlib.sha256(by.encode()).hexdigest()[:16]


def _name(by: str, headers: Sequence[str]) -> str:
    return f"{_person(by)}-{hashlib.sha256(json.dumps(list(headers)).encode()).hexdigest()[:24]}.json"

"""The fitted thresholds in a backup: without those that it is pinned to, a release would answer by the general ones."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

from bot.backup.archive import BackupError, private
from bot.composition import FITS
from faq.trust import FILE, FitUnusable, read_fit

_NAMES = re.compile(rf"{re.escape(FILE)}|{FITS}/[0-9a-f]{{16}}\.json")
PLACES = (FILE, FITS)
"""What of them lies in the state directory: a file and a folder."""


def found(home: Path) -> Iterator[Path]:
    """Those of an installation."""
    yield from (path for path in (home / FILE, *sorted((home / FITS).glob("*.json"))) if path.is_file())


def pack(home: Path, target: Path) -> None:
    """All of them into one file, by their names; no file where there are none."""
    told = {path.relative_to(home).as_posix(): path.read_text("utf-8") for path in found(home)}
    if told:
        with open(target, "x", encoding="utf-8", opener=private) as file:
            json.dump(told, file)


def unpack(source: Path, folder: Path) -> None:
    """Into the folder, each as it was. Raises BackupError where one is nothing that could be used."""
    try:
        told = json.loads(source.read_text("utf-8"))
        for name, text in told.items():
            if not _NAMES.fullmatch(name):
                raise ValueError(name)
            (folder / name).parent.mkdir(exist_ok=True, mode=0o700)
            with os.fdopen(os.open(folder / name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
                file.write(text)
            read_fit(folder / name)
    except (ValueError, AttributeError, TypeError, FitUnusable) as error:
        raise BackupError(f"The backup's thresholds cannot be used ({str(error)[:200]}).") from None

"""Thresholds in a backup: a restored release is believed as it was, and a file made to harm puts nothing anywhere."""

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.backup.archive import FITTED, BackupError
from bot.backup.fits import unpack
from bot.backup.make import back_up
from bot.backup.restore import restore
from bot.composition import FITS, fits
from bot.settings import Settings
from faq.trust import FILE, read_fit
from tests.backup.test_backup import laid_out, quiet
from tests.faq.town import CORPUS

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def fitted(home: Path, day: str) -> str:
    """Thresholds of that day, and the name that releases know them by."""
    told = json.loads((CORPUS / FILE).read_text("utf-8")) | {"made": day}
    (home / FILE).write_text(json.dumps(told), "utf-8")
    name = read_fit(home / FILE).name
    (home / FITS).mkdir(exist_ok=True)
    shutil.copyfile(home / FILE, home / FITS / f"{name}.json")
    return name


async def test_there_and_back(tmp_path: Path) -> None:
    home = laid_out(replace(Settings(), home=tmp_path / "home", lanes=4, redis_url="redis://127.0.0.1:1"))
    names = [fitted(home.home, "2026-11-01"), fitted(home.home, "2026-11-15")]
    await back_up(home, tmp_path / "b.tar.gz", NOW, quiet)

    there = replace(home, home=tmp_path / "there")
    await restore(there, tmp_path / "b.tar.gz", False, NOW, quiet)
    assert {fit.name for fit in fits(there) if fit.spare} == set(names)
    assert read_fit(there.home / FILE).name == names[1]

    other = fitted(there.home, "2026-11-20")
    again = await restore(there, tmp_path / "b.tar.gz", True, NOW, quiet)
    assert again.aside
    assert (again.aside / FITS / f"{other}.json").exists()
    assert {fit.name for fit in fits(there) if fit.spare} == set(names)


async def test_a_backup_without_any_leaves_none_of_another_corpus(tmp_path: Path) -> None:
    home = laid_out(replace(Settings(), home=tmp_path / "home", lanes=4, redis_url="redis://127.0.0.1:1"))
    made = await back_up(home, tmp_path / "b.tar.gz", NOW, quiet)
    assert FITTED not in made.manifest.files
    there = replace(home, home=tmp_path / "there")
    there.home.mkdir()
    fitted(there.home, "2026-11-01")
    with pytest.raises(BackupError, match="thresholds"):
        await restore(there, tmp_path / "b.tar.gz", False, NOW, quiet)
    await restore(there, tmp_path / "b.tar.gz", True, NOW, quiet)
    assert not (there.home / FILE).exists()
    assert not (there.home / FITS).exists()


@pytest.mark.parametrize("name", ["../evil.json", "/evil.json", "fits/../../evil.json", "fits/evil.json", "x"])
def test_what_is_made_to_harm_is_refused(name: str, tmp_path: Path) -> None:
    told = tmp_path / FITTED
    told.write_text(json.dumps({name: (CORPUS / FILE).read_text("utf-8")}), "utf-8")
    folder = tmp_path / "in"
    folder.mkdir()
    with pytest.raises(BackupError):
        unpack(told, folder)
    assert list(folder.iterdir()) == []
    assert not list(tmp_path.rglob("evil.json"))


@pytest.mark.parametrize("text", ["[]", "{", json.dumps({FILE: "{}"}), json.dumps({FILE: 3})])
def test_what_cannot_be_read_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / FITTED).write_text(text, "utf-8")
    with pytest.raises(BackupError):
        unpack(tmp_path / FITTED, tmp_path)

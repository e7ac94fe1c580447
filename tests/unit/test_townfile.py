"""`stadtbote town`: the town out to a file and in from one."""

import argparse
from pathlib import Path

import pytest

from bot.commands import townfile, users
from bot.commands.parser import parser
from bot.console.accounts import Accounts
from bot.livetown import LiveTown, live_town
from bot.settings import Settings, SettingsError
from faq.marked import FileError
from faq.schema import open_database
from faq.town import load_town
from tests.faq.town import CORPUS


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


def town(settings: Settings, *words: str) -> int:
    arguments: argparse.Namespace = parser().parse_args(["town", *words])
    return townfile.run(settings, arguments)


def live(settings: Settings) -> LiveTown:
    return live_town(CORPUS, open_database(settings.database))


def test_out_and_in_again(settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings.home.mkdir()
    before = live(settings)
    hours = {**before.document("hours"), "wahlamt": {"sat": ["09:00-12:00", "20:00-24:00"]}}
    water = {
        "id": "wasser",
        "level": "crisis",
        "until": "2026-11-24 18:00",
        "texts": {"de": "Abkochen.", "ar": "اغلوا"},
    }
    feast = {"id": "fest", "level": "information", "open_ended": True, "where": ["page"], "texts": {"de": "Stadtfest"}}
    teams = before.document("teams")[::-1]
    before.save({"hours": hours, "teams": teams, "promises": [], "notices": [water, feast]}, "ada", "")
    out = tmp_path / "out.yml"
    assert town(settings, "export", str(out)) == 0
    written = load_town(out)
    assert written == live(settings).town
    assert "Bürgeramt" in out.read_text("utf-8")
    # What was exported says the same; the file that came with the corpus does not.
    assert town(settings, "import", str(out)) == 0
    assert "nothing" in capsys.readouterr().out
    assert town(settings, "import", str(CORPUS / "town.yml"), "--user", "ada") == 0
    assert "hours, teams, promises, notices" in capsys.readouterr().out
    after = live(settings)
    assert after.town == load_town(CORPUS / "town.yml")
    kept = after.live("hours")
    assert kept is not None
    assert (kept.author, kept.why) == ("ada", "import: town.yml")


def test_accounts_are_given_the_teams_there_are(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """A team that was made in the console counts at once."""
    settings.home.mkdir()
    now = live(settings)
    now.save({"teams": [*now.document("teams"), {"id": "sued", "name": "Süd", "office": "buergeramt"}]}, "ada", "")
    Accounts(settings.database).add("kim", "eine-lange-losung", "clerk")
    assert users.run(settings, parser().parse_args(["users", "teams", "kim", "--teams", "sued"])) == 0
    assert "kim answers for sued." in capsys.readouterr().out
    with pytest.raises(SettingsError, match=r"No team is called nord. The teams are: .*sued"):
        users.run(settings, parser().parse_args(["users", "teams", "kim", "--teams", "nord"]))


def test_what_does_not_fit_is_not_taken(settings: Settings, tmp_path: Path) -> None:
    text = (CORPUS / "town.yml").read_text("utf-8")
    wrong, other = tmp_path / "wrong.yml", tmp_path / "other.yml"
    wrong.write_text(text.replace('"08:00-12:00"', '"8 bis 12"', 1), "utf-8")
    with pytest.raises(FileError, match=r"wrong.yml:\d+: .*no time slot"):
        town(settings, "import", str(wrong))
    other.write_text(text.replace("stadtbuecherei", "mediathek"), "utf-8")
    with pytest.raises(FileError, match="mediathek"):
        town(settings, "import", str(other))
    assert live(settings).revisions.serial() == 0
    with pytest.raises(SettingsError, match="cannot be written"):
        town(settings, "export", str(tmp_path / "no" / "where.yml"))

"""`stadtbote town`: the town out to a file and in from one."""

import argparse
from dataclasses import replace
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


def test_who_takes_the_last_one_away_is_told(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    def users_(*words: str) -> str:
        assert users.run(settings, parser().parse_args(["users", *words])) == 0
        return capsys.readouterr().err

    settings.home.mkdir()
    accounts = Accounts(settings.database)
    accounts.add("kim", "eine-lange-losung", "clerk", teams=["buergeramt", "bauen-umwelt"])
    accounts.add("lea", "eine-lange-losung", "clerk", teams=["buergeramt"])
    assert users_("teams", "lea", "--teams", "buergeramt") == ""  # nothing changes, whoever is missing elsewhere
    assert "nobody answers for Bauen und Umwelt any more; nobody reads what is about" in users_(
        "teams", "kim", "--teams", "buergeramt"
    )
    assert users_("disable", "kim") == ""  # lea is there
    assert users_("disable", "lea").startswith("stadtbote: nobody answers for Bürgeramt any more")
    assert users_("enable", "lea") == ""


def test_an_account_is_shut_out_though_the_town_is_broken(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.home.mkdir()
    accounts = Accounts(settings.database)
    accounts.add("kim", "eine-lange-losung", "clerk")
    (tmp_path / "town.yml").write_text("town: [", "utf-8")
    broken = replace(settings, corpus=str(tmp_path))
    assert users.run(broken, parser().parse_args(["users", "disable", "kim"])) == 0
    assert "was not checked" in capsys.readouterr().err
    kim = accounts.get("kim")
    assert kim is not None
    assert kim.disabled


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

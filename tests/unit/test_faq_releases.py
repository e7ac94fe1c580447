"""`stadtbote faq releases` and its neighbours, on a real database."""

import asyncio
import json
from pathlib import Path

import pytest

from bot.commands import corpus
from bot.commands.parser import parser
from bot.console.audit import Audit
from bot.settings import Settings, SettingsError
from faq.catalogue import Catalogue
from faq.entry import Draft
from faq.releases import NeedsSecond, NotProved, Overtaken, Releases
from tests.faq.town import content


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(home=tmp_path / "home", four_eyes=True)
    made.home.mkdir()
    catalogue = Catalogue.open(made.database)
    catalogue.load([Draft("hund", content()), Draft("katze", content())], "import", publish=True)
    draft = catalogue.save_draft("hund", content(answer="Online."), "kim", catalogue.get("hund").head.id)  # type: ignore[union-attr]
    catalogue.publish("hund", draft.id, "kim")
    catalogue.close()
    return made


def faq(settings: Settings, *words: str) -> int:
    return corpus.run(settings, parser().parse_args(["faq", *words]))


def live(settings: Settings) -> int:
    catalogue = Catalogue.open(settings.database)
    found = Releases(catalogue.engine).live()
    catalogue.close()
    return found.number if found else 0


def test_listed_shown_and_compared(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert faq(settings, "releases") == 0
    two, one = capsys.readouterr().out.splitlines()
    assert two.startswith("Release 2  live         2 entries,")
    assert one.startswith("Release 1  replaced     2 entries,")
    assert faq(settings, "diff", "1", "live") == 0
    assert capsys.readouterr().out == "  ~ hund  version 1 -> 2: Wie melde ich meinen Hund an?\n1 entry changed.\n"
    faq(settings, "diff", "2", "1", "--json")
    (change,) = json.loads(capsys.readouterr().out)["changes"]
    assert change["entry"] == "hund"
    faq(settings, "release", "show", "2", "--json")
    shown = json.loads(capsys.readouterr().out)
    assert (shown["number"], shown["state"], shown["unsigned"]) == (2, "live", [])
    assert [step["step"] for step in shown["steps"]] == ["live"]
    assert shown["changes"] == [{**change, "before": change["after"], "after": change["before"]}]
    faq(settings, "releases", "--json")
    assert [release["number"] for release in json.loads(capsys.readouterr().out)] == [2, 1]
    faq(settings, "release", "show", "2")
    assert "UTC live without trials by kim" in capsys.readouterr().out
    faq(settings, "diff", "1", "1")
    assert capsys.readouterr().out == "Nothing differs.\n"
    with pytest.raises(SettingsError, match="no release 7"):
        faq(settings, "release", "show", "7")


def test_back_and_to_a_named_one(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):  # without a reason
        faq(settings, "rollback")
    assert live(settings) == 2
    assert faq(settings, "rollback", "--why", "Falsche Gebühr", "--user", "ada") == 0
    assert "Release 1 is live again" in capsys.readouterr().out
    assert live(settings) == 1
    with pytest.raises(SettingsError, match="no earlier release"):
        faq(settings, "rollback", "--why", "Noch einmal")
    faq(settings, "rollback", "2", "--why", "War richtig")
    assert faq(settings, "rollback", "2", "--why", "War richtig") == 0  # it answers already: no deed
    assert live(settings) == 2
    catalogue = Catalogue.open(settings.database)
    deeds = asyncio.run(Audit(catalogue.engine).latest())
    assert [(d.who, d.what, d.object) for d in deeds] == [
        ("admin", "release_rolled_back", "2 · War richtig"),
        ("ada", "release_rolled_back", "1 · Falsche Gebühr"),
    ]
    assert [a.why for a in Releases(catalogue.engine).activations(2)] == ["War richtig", "Falsche Gebühr"]
    catalogue.close()


def test_proposed_and_published_by_the_rules(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    catalogue = Catalogue.open(settings.database)
    catalogue.save_draft("maus", content(), "kim")
    with pytest.raises(SettingsError, match="katze has no version"):
        faq(settings, "propose", "katze")
    assert faq(settings, "propose", "--remove", "katze", "--title", "Mäuse", "--user", "kim") == 0
    assert "Release 3" in capsys.readouterr().out
    with pytest.raises(NotProved):
        faq(settings, "publish", "3")
    with pytest.raises(NeedsSecond):
        faq(settings, "publish", "3", "--why", "Eilt", "--user", "kim")
    faq(settings, "release", "show", "3")
    shown = capsys.readouterr().out
    assert "a second person must sign: katze, maus" in shown
    assert "+ maus" in shown
    assert "- katze" in shown
    assert faq(settings, "publish", "3", "--why", "Eilt", "--user", "toni") == 0
    assert live(settings) == 3
    (deed,) = asyncio.run(Audit(catalogue.engine).latest())
    assert (deed.who, deed.what) == ("toni", "release_forced")
    catalogue.close()


def test_a_proposal_that_was_overtaken(settings: Settings) -> None:
    catalogue = Catalogue.open(settings.database)
    catalogue.save_draft("maus", content(), "kim")
    faq(settings, "propose", "--user", "kim")
    catalogue.archive("katze", "kim")
    catalogue.close()
    with pytest.raises(Overtaken):
        faq(settings, "publish", "3", "--why", "Eilt", "--user", "toni")

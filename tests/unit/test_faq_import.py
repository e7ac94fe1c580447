"""`stadtbote faq import` from an empty folder to a live table, as a town with nothing but a CSV does it."""

import argparse
from pathlib import Path

import pytest

from bot.commands import ask, corpus
from bot.commands.parser import parser
from bot.settings import Settings, SettingsError
from bot.state import nothing_published, prepare_state
from faq.catalogue import Catalogue
from tests.faq.town import CORPUS

HEAD = "Frage;Antwort;Amt;Thema\n"
ROWS = tuple(f"Frage {n} zur Müllabfuhr?;Antwort {n}.;Wertstoffhof;abfall\n" for n in range(1, 4))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A town of which there is nothing but its town.yml."""
    town = tmp_path / "town"
    town.mkdir()
    (town / "town.yml").write_bytes((CORPUS / "town.yml").read_bytes())
    return Settings(
        home=tmp_path / "home", corpus=str(town), nlu_url="off", encoder="off", metrics_port=0
    )  # words alone


def written(settings: Settings, *rows: str) -> Path:
    place = settings.home.parent / "liste.csv"
    place.write_bytes((HEAD + "".join(rows)).encode("cp1252"))
    return place


def words(*line: str | Path) -> argparse.Namespace:
    return parser().parse_args(["faq", "import", *map(str, line)])


def live(settings: Settings) -> list[str]:
    catalogue = Catalogue.open(settings.database)
    try:
        return sorted(revision.entry for revision in catalogue.live())
    finally:
        catalogue.close()


def test_a_town_begins_with_a_table(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    said: list[str] = []
    settings.home.mkdir(mode=0o700)
    prepare_state(settings, said.append)
    assert "nothing is published yet" in said[0]
    assert "faq import FILE --publish" in said[0]
    assert corpus.run(settings, words(written(settings, *ROWS))) == 0
    assert "3 drafts wait" in capsys.readouterr().out
    prepare_state(settings, said.append)
    assert "3 drafts wait" in said[1]
    assert corpus.run(settings, words(written(settings, *ROWS), "--publish")) == 0
    prepare_state(settings, said.append)
    assert len(said) == 2  # nothing more to say
    assert len(live(settings)) == 3


def test_ask_says_that_nothing_is_published(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    settings.home.mkdir(mode=0o700)
    question = parser().parse_args(["ask", "wann kommt die müllabfuhr"])
    assert ask.run(settings, question) == 0
    said = capsys.readouterr().out
    assert "nothing is published yet" in said
    assert "there is no encoder" not in said  # which is not why
    assert corpus.run(settings, words(written(settings, *ROWS), "--publish")) == 0
    capsys.readouterr()
    assert ask.run(settings, question) == 0
    said = capsys.readouterr().out
    assert "Müllabfuhr?" in said
    assert "nothing is published" not in said


def test_what_was_published_is_counted(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    def said(*rows: str, publish: bool = True) -> str:
        assert corpus.run(settings, words(written(settings, *rows), *(["--publish"] if publish else []))) == 0
        return capsys.readouterr().out.splitlines()[0]

    assert said(*ROWS[:2], publish=False) == "2 entries saved as drafts (2 new, 0 changed), 0 unchanged."
    assert said(*ROWS) == "3 entries published (1 new, 0 changed, 2 drafted before), 0 unchanged."
    assert said(*ROWS) == "0 entries published (0 new, 0 changed, 0 drafted before), 3 unchanged."
    other = ROWS[0].replace("Antwort 1", "Anders")
    assert said(other, publish=False) == "1 entry saved as drafts (0 new, 1 changed), 0 unchanged."
    assert said(other, *ROWS[1:]) == "1 entry published (0 new, 0 changed, 1 drafted before), 2 unchanged."


def test_wrong_rows_are_named_once_and_counted(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    place = written(settings, *ROWS, "Und das?;;Wertstoffhoff;abfall\n")
    assert corpus.run(settings, words(place)) == 1
    *errors, last = capsys.readouterr().err.splitlines()
    assert errors == [
        f"{place}:5: Antwort: is empty; fill it or remove the line.",
        f'{place}:5: Amt: is "Wertstoffhoff", which town.yml does not know; did you mean "wertstoffhof"?',
    ]
    assert last == "Nothing was imported: correct 1 row and import again."
    assert corpus.run(settings, words(written(settings, ";;;x\n", ";a;;\n"))) == 1
    assert "correct 2 rows" in capsys.readouterr().err
    assert live(settings) == []


def test_an_unsafe_link_stops_the_release_not_the_draft(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    place = written(settings, *ROWS, "Und das?;[Hier](javascript:x).;Wertstoffhof;abfall\n")
    told = f'{place}:5: Antwort: holds a link to "javascript:x", which is not safe to open; write it in full'
    assert corpus.run(settings, words(place, "--publish")) == 1
    assert capsys.readouterr().err.startswith(told)
    assert corpus.run(settings, words(place)) == 0
    assert capsys.readouterr().err.startswith(f"Before it can be published: {told}")


def test_a_strange_topic_is_told_and_kept(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [row.replace("abfall", "Seilbahnen") for row in ROWS]
    assert corpus.run(settings, words(written(settings, *rows), "--publish")) == 0
    (remark,) = capsys.readouterr().err.splitlines()
    assert remark.startswith("Remark: ")
    assert ':2: Thema: is "Seilbahnen", which town.yml does not know.' in remark


def test_a_folders_unsafe_link_stops_the_start_with_its_place(settings: Settings) -> None:
    file = Path(settings.corpus) / "abfall.yml"
    file.write_text(
        "entries:\n  - id: a\n    office: wertstoffhof\n    question: Was?\n"
        "    answer: '[x](javascript:y)'\n    as_of: '2026-11-02'\n",
        "utf-8",
    )
    settings.home.mkdir(mode=0o700)
    with pytest.raises(SettingsError, match=r"abfall\.yml:2: answer: holds a link"):
        prepare_state(settings, lambda _: None)


def test_who_archives_everything_is_told(settings: Settings) -> None:
    assert corpus.run(settings, words(written(settings, *ROWS), "--publish")) == 0
    catalogue = Catalogue.open(settings.database)
    try:
        assert nothing_published(catalogue) == ""
        for entry in [revision.entry for revision in catalogue.live()]:
            catalogue.archive(entry, "kim")
        assert "nothing is published" in nothing_published(catalogue)
    finally:
        catalogue.close()

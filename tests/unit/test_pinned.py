"""Pinned answers in a town.yml, and how a question is heard as one of their wordings."""

from pathlib import Path

import pytest

from bot.judging.pinning import _says, _stems
from faq.marked import FileError, load_marked
from faq.town import Pinned, read_town
from faq.town.sections import sections_of, town_of
from tests.faq.test_town import GOOD

ROW = 'id: wasser, level: answer, until: 2026-11-24, wordings: ["wasser abkochen"], texts: {de: x}'


def read(folder: Path, row: str) -> tuple[Pinned, ...]:
    path = folder / "town.yml"
    path.write_text(f"{GOOD}pinned:\n  - {{{row}}}\n", encoding="utf-8")
    return read_town(path, load_marked(path)).pinned


def test_file_and_document_say_the_same(tmp_path: Path) -> None:
    former = "{id: wasser, level: correction, open_ended: true, entries: [b, a], texts: {de: alt}}"
    (pin,) = read(tmp_path, f"{ROW}, by: ada, at: 2026-11-23 09:00:00, waits: true, former: {former}")
    assert (pin.signed.by, pin.signed.waits) == ("ada", True)
    assert isinstance(pin.signed.former, Pinned)
    assert pin.signed.former.texts == {"de": "alt"}
    top = load_marked(tmp_path / "town.yml")
    documents = sections_of(top)["pinned"]
    assert documents[0]["at"] == "2026-11-23 09:00"
    assert town_of(tmp_path / "town.yml", top, {"pinned": documents}).pinned == (pin,)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("id: w, level: answer, open_ended: true, texts: {de: x}", "pinned.nothing"),
        ("id: w, level: crisis, open_ended: true, entries: a, texts: {de: x}", "level"),
        (f"{ROW}, topics: [nichts]", "among.topics"),
        (f"{ROW}, districts: [nichts]", "among.districts"),
        (f"{ROW}, former: x", "shape"),
        (f"{ROW}, former: {{{ROW}, former: {{{ROW}}}}}", "shape"),
        (f"{ROW}, where: chat", ""),
        (ROW.replace("until: 2026-11-24, ", ""), "missing"),
    ],
)
def test_what_a_file_may_not_say(tmp_path: Path, row: str, why: str) -> None:
    with pytest.raises(FileError) as error:
        read(tmp_path, row)
    assert error.value.why == why


@pytest.mark.parametrize(
    ("said", "wording", "fits"),
    [
        ("Muss ich das Wasser noch abkochen?", "Wasser abkochen", True),
        ("abgekochtes wasser", "wasser abkochen", False),
        ("Wie melde ich Wasser an?", "Wasser abkochen", False),
        ("FUEHRERSCHEINE verloren", "führerschein verloren", True),
        ("irgendwas", "???", False),
    ],
)
def test_a_question_is_a_wording_when_all_its_words_stand_there(said: str, wording: str, fits: bool) -> None:
    assert _says(_stems(said), wording) is fits

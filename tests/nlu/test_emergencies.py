"""The emergency texts: a number first and alone, the same numbers in every language, and a review that counts."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.processes.models import warn_of_reviews
from faq.town.load import LAENDER
from nlu.alarms import KINDS
from nlu.emergencies import LASTS, Emergencies, EmergencyTextsError, complaints, load_emergencies, poison_line
from nlu.profiles import LANGUAGES, LANGUAGES_DIR

TODAY = date(2026, 11, 22)
TEXTS = load_emergencies()
FIRST = {"danger": "112", "medical": "112", "poison": "112", "police": "110", "violence": "110", "distress": "112"}
NAMED = {
    "medical": ["116 117"],
    "poison": ["{poison_line}"],
    "violence": ["116 016", "116 111"],
    "distress": ["0800 111 0 111", "116 016", "116 111"],
}


def test_every_language_has_every_text() -> None:
    assert tuple(TEXTS) == LANGUAGES
    assert all(set(found.texts) == set(KINDS) == set(FIRST) for found in TEXTS.values())


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_the_number_stands_first_and_alone(code: str, kind: str) -> None:
    first, second, *rest = TEXTS[code].texts[kind].splitlines()
    assert re.findall(r"\d+", first) == [FIRST[kind]]
    assert len(first) <= 80
    assert second == ""
    assert all(number in " ".join(rest) for number in NAMED.get(kind, []))
    assert _numbers(TEXTS[code].texts[kind]) == _numbers(TEXTS["de"].texts[kind])
    assert len(TEXTS[code].texts[kind]) <= 650


def _numbers(text: str) -> list[str]:
    return sorted(re.findall(r"\d[\d ]*\d|\{\w+\}", text))


@pytest.mark.parametrize("land", sorted(LAENDER))
def test_every_land_has_a_poison_centre(land: str) -> None:
    assert re.fullmatch(r"0\d+ \d+", poison_line(land))


@pytest.mark.parametrize(
    ("by", "on", "says"),
    [
        ("Feuerwehr Lindenfurt", TODAY, ""),
        ("Feuerwehr Lindenfurt", TODAY - LASTS, ""),
        ("Feuerwehr Lindenfurt", TODAY - LASTS - timedelta(days=1), "more than a year ago"),
        ("Feuerwehr Lindenfurt", TODAY + timedelta(days=1), "a day to come"),
        ("Feuerwehr Lindenfurt", None, "not reviewed"),
        ("", TODAY, "not reviewed"),
    ],
)
def test_a_review_has_a_name_and_lasts_a_year(by: str, on: date | None, says: str) -> None:
    complaint = Emergencies("de", TEXTS["de"].texts, by, on).complaint(TODAY)
    assert says in complaint
    assert bool(says) == bool(complaint)


def test_the_delivered_texts_say_that_nobody_has_reviewed_them() -> None:
    assert complaints(TEXTS, TODAY) == {"not reviewed by a professional yet": list(LANGUAGES)}


@pytest.mark.parametrize(
    "spoilt", ["texts: {danger: call 112}", "texts: [", "", "reviewed_on: soon\ntexts: {}", "texts: {fire: call}"]
)
def test_a_file_that_lacks_a_text_is_refused(tmp_path: Path, spoilt: str) -> None:
    (tmp_path / "de").mkdir()
    path = tmp_path / "de" / "emergencies.yml"
    path.write_text(spoilt, encoding="utf-8")
    with pytest.raises(EmergencyTextsError, match=r"emergencies\.yml"):
        load_emergencies(tmp_path)
    whole = (LANGUAGES_DIR / "de" / "emergencies.yml").read_text(encoding="utf-8")
    path.write_text(whole.replace('reviewed_on: ""', "reviewed_on: 2026-11-20"), encoding="utf-8")
    assert load_emergencies(tmp_path)["de"].reviewed_on == date(2026, 11, 20)


def test_the_log_names_what_nobody_has_reviewed(caplog: pytest.LogCaptureFixture) -> None:
    warn_of_reviews()
    (record,) = caplog.records
    assert vars(record)["review"] == "not reviewed by a professional yet"
    assert vars(record)["languages"] == ", ".join(LANGUAGES)

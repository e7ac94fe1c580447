"""What is asked of offices and places in the languages beside German and English."""

from datetime import date
from pathlib import Path

import pytest
import yaml

from bot.offices.directory import Directory
from bot.offices.names import all_names
from bot.offices.question import understand
from nlu.days import encode
from nlu.phrases import tokenise
from tests.offices.towns import SAMPLE

TODAY = date(2026, 11, 24)
SAID = yaml.safe_load(Path(__file__).with_name("questions.yml").read_text(encoding="utf-8"))
DIRECTORY = Directory(SAMPLE)


@pytest.mark.parametrize(("language", "text"), [(code, text) for code, texts in SAID.items() for text in texts])
def test_what_is_asked(language: str, text: str) -> None:
    q = understand(text, DIRECTORY, TODAY, language)
    when = "-" if q is None or q.when is None else encode(q.when) or "past"
    told = f"{q.aspect or '-'} {q.offices[0] if q.offices else q.kind or '-'} {when}" if q else None
    assert told == SAID[language][text]


def test_every_language_has_its_phrasings() -> None:
    assert set(SAID) == {"tr", "uk", "ar", "ru", "fr"}
    assert all(len(texts) >= 15 for texts in SAID.values())


@pytest.mark.parametrize(
    ("text", "office"),
    [
        ("Bürgeramt'a", "buergeramt"),
        ("burgeramtta", "buergeramt"),
        ("standesamtın", "standesamt"),
        ("в бюргерамте", "buergeramt"),
        ("ауслендербехорде", "auslaenderbehoerde"),
        ("до штандесамту", "standesamt"),
        ("والبورغرامت", "buergeramt"),
        ("بال Jugendamt", "jugendamt"),
        ("دايرة الاجانب", "auslaenderbehoerde"),
        ("l'hôtel de ville", "buergeramt"),
        ("à la déchetterie", "wertstoffhof"),
        ("des Standesamtes", "standesamt"),
        ("парк", ""),
        ("haus", ""),
    ],
)
def test_official_names_bent_and_spelt_as_citizens_do(text: str, office: str) -> None:
    assert next(iter(DIRECTORY.find(tokenise(text)).offices), "") == office


def test_a_name_that_the_town_does_not_have_means_no_office() -> None:
    assert not [name for name in all_names(["Hallenbad"]) if "бюргерамт" in name.words]

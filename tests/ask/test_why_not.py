"""Why an expected entry did not answer: where it stands however far behind, what it lacks, what is in its way."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.commands.ask import readable
from bot.console.whynot_view import not_said
from bot.console.words import Words
from bot.settings import Settings
from bot.whynot import why_not
from faq.releases import Releases
from faq.retrieval.index import Index
from faq.retrieval.standing import standing
from tests.ask.test_examiner import Bench, bench, index, state
from tests.lint.entries import entry, text

__all__ = ["index", "state"]
T = Words("de", ZoneInfo("Europe/Berlin"), datetime(2026, 11, 24, 9, tzinfo=UTC))
TODAY = date(2026, 11, 24)
DOG = entry("hund", text("Wie melde ich meinen Hund an?", "Beim Steueramt, mit Chipnummer.", ("hundesteuer anmelden",)))
CAR = entry("auto", text("Wie melde ich mein Auto an?", "Bei der Zulassungsstelle.", ("kfz zulassen",)))
BIKE = entry("rad", text("Wo kann ich mein Rad abstellen?", "Am Bahnhof."))


@pytest.fixture
async def town(state: Settings, index: Index) -> AsyncIterator[Bench]:
    async with bench(state, index) as made:
        yield made


def small(*more: object) -> Index:
    return Index.build([DOG, CAR, BIKE, *more], None)  # type: ignore[list-item]


def test_an_entry_has_its_place_beyond_the_first_five() -> None:
    many = [entry(f"hund-{n}", text(f"Hund Frage {n}", "Hund.", (f"mein hund {n}",))) for n in range(20)]
    found = standing(small(*many), "mein hund 7", "de", "rad", TODAY)
    assert found
    assert (found.winner, found.of) == ("hund-7", 23)
    assert found.place > 5
    assert 0 < found.ratio < 0.2
    assert found.unsaid == ("hund", "7")
    assert set(found.signals) == set(found.winner_signals)


def test_the_places_are_those_of_the_search() -> None:
    made = small()
    for question in ("hund anmelden", "auto", "wo ist der bahnhof", "kfz zulassen"):
        ranked = [match.revision.entry for match in made.search(question, "de", 3, TODAY).matches]
        for place, name in enumerate(ranked, 1):
            found = standing(made, question, "de", name, TODAY)
            assert found
            assert found.place == place, (question, name)


def test_words_that_are_in_no_wording_or_nowhere() -> None:
    found = standing(small(), "wo trage ich die chipnummer vom dackel ein", "de", "hund", TODAY)
    assert found
    assert "chipnummer" in found.unworded
    assert "dackel" in found.unsaid
    assert "chipnummer" not in found.unsaid


def test_who_is_not_valid_or_not_there_has_no_place() -> None:
    later = entry("neu", text("Ab Januar neu"), valid_from=date(2027, 1, 1))
    assert standing(small(later), "ab januar neu", "de", "neu", TODAY) is None
    assert standing(small(), "hund", "de", "nichts", TODAY) is None


async def reasons(town: Bench, question: str, expected: str, draft: bool = False) -> list[str]:
    found = await town.examiner.describe(question, "de", draft, expected)
    told = (found["drafts"] if draft else found)["why_not"]
    assert told["entry"] == expected
    assert all("{" not in reason and reason for reason in not_said(told, T)["reasons"])
    return [reason["key"] for reason in told["reasons"]]


async def test_each_reason_by_the_real_search(town: Bench) -> None:
    assert await reasons(town, "Wie beantrage ich einen Personalausweis?", "personalausweis-beantragen") == ["wins"]
    assert await reasons(town, "neuen perso beantragen", "reisepass-beantragen") == ["verbatim"]
    assert await reasons(town, "was", "gibt-es-nicht") == ["unknown"]
    assert "other_way" in await reasons(town, "wann hat das bürgeramt auf", "personalausweis-beantragen")
    found = await reasons(town, "wo gebe ich meine schnurpselkarte zurück", "fundsachen")
    assert "unsaid" in found
    assert await reasons(town, "gehört mir der fund", "fundsachen") != ["wins"]


async def test_a_draft_is_not_published_and_says_so(town: Bench) -> None:
    town.new("schnurpsel", "Wo leihe ich Schnurpsel aus?")
    question = "schnurpsel ausleihen"
    assert await reasons(town, question, "schnurpsel") == ["unpublished"]
    assert await reasons(town, question, "schnurpsel", draft=True) == ["wins"]


def test_reasons_that_take_a_state() -> None:
    finding = {"ranking": [], "thresholds": {"answer": 0.6, "clarify": 0.2}, "reply": {"deed": "withhold"}}
    known = type("State", (), {"live": None, "head": DOG, "status": "draft"})
    later = replace(DOG, valid_from=date(2027, 1, 1))
    over = replace(DOG, valid_until=date(2026, 1, 1))
    for live, key in ((later, "not_yet"), (over, "no_more"), (DOG, "not_taken")):
        told = why_not("hund", type("State", (), {**vars(known), "live": live})(), None, finding, TODAY)  # type: ignore[arg-type]
        assert [reason["key"] for reason in told["reasons"]] == [key]
    said = not_said(why_not("hund", type("S", (), {**vars(known), "live": later})(), None, finding, TODAY), T)  # type: ignore[arg-type]
    assert said["reasons"] == ["Er gilt erst ab 1.1.2027."]


async def test_the_command_line_says_it_too(town: Bench) -> None:
    found = await town.examiner.describe("neuen perso beantragen", "de", expected="reisepass-beantragen")
    printed = readable(found)
    assert "why not    Wie beantrage ich einen Reisepass?" in printed
    assert "word for word as a wording of another entry (personalausweis-beantragen)" in printed
    assert "Place " in printed


async def test_a_proposed_release_stands_beside_what_answers(town: Bench) -> None:
    releases = Releases(town.core.catalogue.engine)
    draft = town.new("schnurpsel-verleih", "Wo leihe ich Schnurpsel aus?")
    made = releases.propose({"schnurpsel-verleih": draft.id, "gelber-sack": None}, "eda", "Schnurpsel")
    found = await town.examiner.describe("schnurpsel ausleihen", "de", release=made.number)
    assert found["drafts"]["ranking"][0]["entry"] == "schnurpsel-verleih"
    assert found["ranking"][0]["entry"] != "schnurpsel-verleih"
    sack = await town.examiner.describe("was darf in den gelben sack", "de", release=made.number)
    assert sack["ranking"][0]["entry"] == "gelber-sack"
    assert "gelber-sack" not in {match["entry"] for match in sack["drafts"]["ranking"]}
    nothing = await town.examiner.describe("hallo", "de", release=4711)
    assert nothing["drafts"]["state"] == "none"

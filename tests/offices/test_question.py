"""What a message asks about offices and places. Today is Tuesday, 24 November 2026."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.composition import SAMPLE_TOWN
from bot.offices.directory import Directory
from bot.offices.question import OfficeQuestion, understand
from faq.entry import Draft
from faq.sources.yaml_corpus import read
from nlu.phrases import tokenise
from tests.offices.towns import SAMPLE

TODAY = date(2026, 11, 24)
DIRECTORY = Directory(SAMPLE)


def asked(text: str, language: str = "de") -> OfficeQuestion | None:
    return understand(text, DIRECTORY, TODAY, language)


@pytest.mark.parametrize(
    ("text", "aspect", "office", "days"),
    [
        ("hat das bürgeramt am freitag auf", "hours", "buergeramt", "27"),
        ("bürgeramt morgen offen?", "hours", "buergeramt", "25"),
        ("bis wann hat das standesamt heute auf", "until", "standesamt", "24"),
        ("öffnungszeiten zulassungsstelle", "hours", "zulassungsstelle", ""),
        ("wann hat der wertstoffhof samstag offen", "hours", "wertstoffhof", "28"),
        ("wann macht das rathaus wieder auf", "next", "buergeramt", ""),
        ("wo ist das jugendamt", "where", "jugendamt", ""),
        ("wo sitzt denn die führerscheinstelle", "where", "zulassungsstelle", ""),
        ("telefonnummer ordnungsamt", "phone", "ordnungsamt", ""),
        ("wie komme ich zum sozialamt", "where", "sozialamt", ""),
        ("wie erreiche ich das umweltamt telefonisch", "phone", "umweltamt", ""),
        ("bürgramt freitga auf", "hours", "buergeramt", "27"),
        ("des standesamts öffnungszeiten", "hours", "standesamt", ""),
        ("bürgeramt nord samstag", "", "buergeramt-nord", "28"),
        ("is the citizens' office open on friday", "hours", "buergeramt", "27"),
        ("when does the registry office open next", "next", "standesamt", ""),
        ("what time does the recycling centre close today", "until", "wertstoffhof", "24"),
        ("phone number of the youth office", "phone", "jugendamt", ""),
    ],
)
def test_of_an_office(text: str, aspect: str, office: str, days: str) -> None:
    q = asked(text)
    assert q is not None
    assert (q.aspect, q.offices) == (aspect, (office,))
    assert (",".join(str(day.day) for day in q.when.days) if q.when else "") == days


@pytest.mark.parametrize(
    ("text", "kind", "district"),
    [
        ("wo ist die nächste wertstoffinsel", "wertstoffinsel", ""),
        ("glascontainer nordstadt", "wertstoffinsel", "nordstadt"),
        ("wo gibt es hundekotbeutel", "hundetueten", ""),
        ("öffentliche toilette in der innenstadt", "toilette", "altstadt"),
        ("where is the nearest playground", "spielplatz", ""),
    ],
)
def test_of_places(text: str, kind: str, district: str) -> None:
    q = asked(text)
    assert q is not None
    assert (q.kind, q.district, q.names_it) == (kind, district, True)


@pytest.mark.parametrize(
    ("text", "office"),
    [
        ("gibt es in krummbach einen recyclinghof", "wertstoffhof"),
        ("bürgeramt in der nordstadt", "buergeramt-nord"),
        ("hat das bürgeramt in der nordstadt am samstag auf", "buergeramt-nord"),
        ("bürgeramt westheide", "buergeramt-nord"),  # beside Nordstadt
        ("bürgeramt hafen", "buergeramt"),
        ("bürgeramt nord in der altstadt", "buergeramt"),
        ("standesamt in auefeld", "standesamt"),
    ],
)
def test_of_an_office_in_a_district(text: str, office: str) -> None:
    q = asked(text)
    assert q is not None
    assert (q.offices, q.names_it) == ((office,), True)


@pytest.mark.parametrize("text", ["und am samstag?", "wann wieder", "habt ihr morgen auf", "are you open tomorrow"])
def test_of_an_office_that_is_not_named(text: str) -> None:
    q = asked(text)
    assert q is not None
    assert (q.offices, q.kind, q.bare, q.names_it) == ((), "", True, False)


@pytest.mark.parametrize(
    "text",
    [
        "wann hat das freibad auf", "hat das finanzamt morgen auf", "spielplatz kaputt melden",
        "was kostet der wertstoffhof",
        "kann ich im bürgeramt am freitag meinen perso abholen", "wie lange dauert der perso beim bürgeramt",
        "wo kann ich im jugendamt unterhaltsvorschuss beantragen", "bürgeramt hamburg öffnungszeiten",
        "opening hours munich bürgeramt", "die müllabfuhr war wieder nicht da", "wie lange", "bis wann",
        "wohnsitz ummelden bürgeramt", "wann kommt die müllabfuhr", "",
        "wann ist die zulassungsstelle auf " + "und dann noch eine lange geschichte " * 3,
    ],
)  # fmt: skip
def test_not_of_an_office(text: str) -> None:
    assert asked(text) is None


def test_one_name_of_several_offices_leaves_open_which() -> None:
    from dataclasses import replace

    offices = {
        name: replace(office, also=(*office.also, "Infopunkt")) if name in ("standesamt", "bauamt") else office
        for name, office in SAMPLE.offices.items()
    }
    found = Directory(replace(SAMPLE, offices=offices)).find(tokenise("hat der infopunkt auf"))
    assert found.offices == ("standesamt", "bauamt")


def test_hardly_any_wording_of_the_corpus_is_taken_for_a_question_about_an_office() -> None:
    """Those that are ask where a place is or how to reach an office, and its card is a good answer."""
    wordings = [
        (wording, text.language)
        for draft in read(SAMPLE_TOWN)
        if isinstance(draft, Draft)
        for text in draft.content.texts.values()
        for wording in (text.question, *text.variants)
    ][::4]
    taken = [w for w, language in wordings if (q := asked(w, language)) and q.names_it]
    assert len(wordings) > 1000
    assert len(taken) <= len(wordings) / 400, taken


@given(st.text(max_size=80))
def test_no_text_is_too_strange(text: str) -> None:
    asked(text)

"""Documents and forms: nothing is lost on the way through, whatever stands in them; who reads what is counted right."""

import re
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import MultiDict

from bot.calendar import Calendar
from bot.console.accounts import Account, Role
from bot.console.settings.coverage import NOBODY, SHUT, coverage, members, stranded
from bot.console.settings.fields import Field, Kind, meant, slots_of
from bot.console.settings.kinds import ALL
from bot.console.settings.rows import slug
from bot.console.settings.saying import gap_lines, office_line, preview
from bot.console.settings.saying import slots as told_slots
from bot.console.settings.section import Choices
from bot.console.settings.trouble import said_of
from bot.console.words import LANGUAGES, Words, texts
from faq.marked import FileError, load_marked
from faq.town import Route, Slot, load_town
from faq.town.sections import sections_of
from tests.faq.town import CORPUS, ROOT
from tests.offices.towns import SAMPLE

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
DE = Words("de", ZoneInfo("Europe/Berlin"), NOW)
DOCUMENTS = sections_of(load_marked(CORPUS / "town.yml"))
CLOCK = st.integers(0, 95).map(lambda n: f"{n // 4:02d}:{n % 4 * 15:02d}")
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12)


@st.composite
def slots(draw: st.DrawFn) -> list[str]:
    """Some of a day, in order, as a document has them."""
    marks = sorted(draw(st.sets(CLOCK, min_size=2, max_size=6)))
    return [f"{a}-{b}" for a, b in zip(marks[::2], marks[1::2], strict=False)]


ROWS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "special_days": st.fixed_dictionaries(
        {"date": st.dates().map(str)},
        optional={
            "until": st.dates().map(str),
            "offices": st.sets(st.sampled_from(sorted(SAMPLE.offices)), min_size=1).map(sorted),
            "hours": slots(),
            "reason": TEXT,
            "reason_en": TEXT,
        },
    ),
    "holidays": st.fixed_dictionaries({"date": st.dates().map(str), "name": TEXT}, optional={"name_en": TEXT}),
    "notices": st.fixed_dictionaries(
        {
            "id": st.just("eins"),
            "level": st.sampled_from(["crisis", "information"]),
            "texts": st.fixed_dictionaries({"de": TEXT}, optional={"en": TEXT, "ar": TEXT}),
        },
        optional={
            "from": st.datetimes().map(lambda at: at.isoformat(" ", "minutes")),
            "until": st.dates().map(str),
            "open_ended": st.just(True),
            "where": st.sets(st.sampled_from(["chat", "page", "console"]), min_size=1).map(sorted),
        },
    ),
    "promises": st.fixed_dictionaries(
        {"team": st.sampled_from(sorted(SAMPLE.teams)), "minutes": st.integers(1, 2400)},
        optional={"topic": st.sampled_from(sorted(SAMPLE.topics))},
    ),
}


def browser(rows: tuple[Any, ...]) -> MultiDict[str]:
    """What a browser would send for these rows."""
    pairs = [(f"{n}.{k}", v) for n, row in enumerate(rows) for k, values in row.items() for v in values or ("",)]
    return MultiDict(parse_qsl(urlencode(pairs), keep_blank_values=True))


@pytest.mark.parametrize("name", sorted(ROWS))
@given(data=st.data())
def test_a_document_comes_back_from_its_form(name: str, data: st.DataObject) -> None:
    section = ALL[name]
    document = data.draw(st.lists(ROWS[name], max_size=1 if name == "notices" else 4))  # an id stands there once
    posted = section.posted(browser(section.form(document).rows))
    assert section.document(posted, document) == document


@given(slots())
def test_an_offices_week_comes_back(week: list[str]) -> None:
    section = ALL["hours"]
    document = {"wahlamt": {"mon": week} if week else {}}
    form = section.form_of(document, "wahlamt")  # type: ignore[attr-defined]
    assert section.document(section.posted(MultiDict(form.more)), {}) == document


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("8-12, 13–16", ["08:00-12:00", "13:00-16:00"]),
        ("13 bis 16 Uhr und 8.30-12 Uhr", ["08:30-12:00", "13:00-16:00"]),
        ("8:00-12:00; 13:00-24:00", ["08:00-12:00", "13:00-24:00"]),
        ("geschlossen", []),
        ("", []),
        ("ab 8", ["ab 8"]),
        ("8-12, mittags", ["08:00-12:00", "mittags"]),
    ],
)
def test_times_as_people_write_them(typed: str, meant: list[str]) -> None:
    assert slots_of(typed) == meant


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("2026-11-24T14:30", "2026-11-24 14:30"),
        ("24.11.2026 14:30", "2026-11-24 14:30"),
        ("24.11.2026, 14.30 Uhr", "2026-11-24 14:30"),
        ("1.2.2027 um 8 Uhr", "2027-02-01 08:00"),
        ("24.11.2026", "2026-11-24"),
        ("2026-11-24", "2026-11-24"),
        ("morgen früh", "morgen früh"),
        ("", None),
    ],
)
def test_moments_as_people_write_them(typed: str, said: str | None) -> None:
    assert meant(Field("from", Kind.MOMENT), (typed,)) == said


@given(st.lists(st.text(max_size=40), max_size=8))
def test_ids_out_of_names_are_ids_and_differ(names: list[str]) -> None:
    ids: list[str] = []
    for name in names:
        ids.append(slug(name, ids))
    assert len(set(ids)) == len(ids)
    for found in ids:
        assert found.replace("-", "").isalnum()
        assert found.isascii()
        assert 1 <= len(found) <= 30


def account(role: str, *teams: str, disabled: bool = False) -> Account:
    return Account(f"{role}-{'-'.join(teams)}", role, Role(role), frozenset(teams), "de", disabled, 1)


def test_who_reads_what() -> None:
    everybody = members([account("clerk")], SAMPLE)
    assert not coverage(SAMPLE, everybody, NOW).gaps
    accounts = [
        account("clerk", "buergeramt"),
        account("admin"),  # administers; nobody's first reader unless named
        account("admin", "bauen-umwelt"),
        account("editor", "familie-soziales"),
        account("clerk", "buergeramt-nord", disabled=True),
        account("lead", "ordnung-verkehr"),
    ]
    found = coverage(SAMPLE, members(accounts, SAMPLE), NOW)
    assert found.unstaffed == ("familie-soziales", "buergeramt-nord")
    assert ("ausweise", "nordstadt") in found.gaps
    assert ("ausweise", "altstadt") not in found.gaps
    assert {district for topic, district in found.gaps if topic == "schule"} == {"", *SAMPLE.districts}
    assert found.rows["ausweise"]["nordstadt"][0].gap == NOBODY
    assert len(found.rows) == len(SAMPLE.topics)


def test_what_a_team_without_anybody_leaves_unread() -> None:
    """A topic of its own, and those of a district or a language that a rule sends to it."""
    route = Route("abfall", "", "buergeramt-nord", "tr")
    town = replace(SAMPLE, routes=(*SAMPLE.routes, route))
    accounts = [account("clerk", *(team for team in SAMPLE.teams if team != "buergeramt-nord"))]
    found = coverage(town, members(accounts, town), NOW)
    lost = {topic: where for topic, *where in found.lost("buergeramt-nord")}
    assert lost["abfall"] == [("", *SAMPLE.districts), ("tr",)]
    assert "nordstadt" in lost["ausweise"][0]
    assert "" not in lost["ausweise"][0]
    (line,) = gap_lines(found, Choices(town, ("de", "tr"), DE), DE)
    assert line.startswith("Bürgeramt Nord (kein Mitglied): ")
    assert "(Nordstadt" in line
    assert "(Türkisch)" in line
    everybody = coverage(town, members([account("clerk")], town), NOW)
    assert gap_lines(everybody, Choices(town, ("de",), DE), DE) == []


def test_teams_whose_members_have_not_been_here() -> None:
    accounts = [account("clerk", "buergeramt"), account("lead")]
    found = coverage(SAMPLE, members(accounts, SAMPLE), NOW, active={"clerk-buergeramt"})
    assert set(found.absent) == set(SAMPLE.teams) - {"buergeramt"}
    assert not found.gaps  # they are members still
    assert coverage(SAMPLE, members(accounts, SAMPLE), NOW).absent == ()  # nobody knows
    gone = [account("clerk", "gibt-es-nicht"), account("clerk", "gibt-es-nicht", disabled=True), account("lead")]
    assert stranded(gone, SAMPLE) == gone[:1]


def test_a_team_whose_office_never_opens_reads_nothing() -> None:
    town = load_town(CORPUS / "town.yml")
    offices = {**town.offices, "bauamt": type(town.offices["bauamt"])(**{**vars(town.offices["bauamt"]), "hours": {}})}
    shut = type(town)(**{**vars(town), "offices": offices})
    found = coverage(shut, members([account("clerk")], shut), NOW)
    assert found.shut == ("bauen-umwelt",)
    assert found.rows["abfall"][""][0].gap == SHUT


def test_an_opening_into_the_night() -> None:
    assert slots_of("20-2") == ["20:00-02:00"]
    assert told_slots([Slot(time(20), time(2)), Slot(time(18), time(0))], DE) == "20–2, 18–24 Uhr"


def test_sentences() -> None:
    office = SAMPLE.offices["buergeramt"]
    line = "Bürgeramt: heute 8–12, 13–16 Uhr; nächste Schließung Mi., 2.12. (Personalversammlung)"
    assert office_line(office, Calendar(SAMPLE), DE) == line
    assert preview("promises", SAMPLE, DE)[0] == "Bürgeramt: Was jetzt kommt, wird bis heute 10:30 Uhr gelesen."
    assert preview("special_days", SAMPLE, DE)[0] == "Mi., 2.12.: alle Ämter geschlossen (Personalversammlung)"
    assert preview("holidays", SAMPLE, DE)[0] == "Do., 24.12.: Heiligabend"
    assert preview("canned", SAMPLE, DE) == [
        "Begrüßung: Guten Tag Frau Yılmaz, ich bin Kim B. vom Bürgeramt. Ich sehe mir das an."
    ]


def test_every_fault_of_the_reader_has_words() -> None:
    """Whatever a form can make the reader say: the names are taken from its source. Intake is set in the file alone."""
    named: set[str] = set()
    for path in {*(ROOT / "faq" / "town").glob("*.py")} - {ROOT / "faq" / "town" / "forms.py"}:
        for call in re.findall(r"FileError\((.*?)\)(?:\n| from)", path.read_text("utf-8"), re.S):
            named |= set(re.findall(r'(?:message|["\'.]),\s*"([a-z]+(?:\.[a-z]+)*)"', call))
    assert len(named) > 15
    for language in LANGUAGES:
        assert not {f"settings.problem.{why}" for why in named} - set(texts(language))


def test_a_fault_without_words_is_told_as_the_reader_tells_it() -> None:
    error = FileError(CORPUS, 1, "something new is wrong.", "brand.new")
    assert "something new is wrong." in said_of(error, DE)

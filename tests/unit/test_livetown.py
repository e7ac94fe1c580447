"""What somebody sets holds in every process that follows, without a restart; what does not fit never does."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from bot.livetown import POLL_SECONDS, LiveTown, live_town
from bot.policy import townhall_at
from faq.marked import FileError, load_marked
from faq.schema import open_database
from faq.town import load_town
from faq.town.revisions import FILE, Overtaken
from faq.town.sections import SECTIONS, overlaid, sections_of, town_of
from tests.faq.town import CORPUS

FRIDAY = date(2026, 11, 27)
TOP = load_marked(CORPUS / "town.yml")
CLOSED = {"date": "2026-11-27", "offices": ["buergeramt"], "reason": "Rohrbruch"}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path}/town.sqlite")
    yield engine
    engine.dispose()


def with_row(town: LiveTown, section: str, row: dict[str, Any]) -> dict[str, Any]:
    return {section: [*town.document(section), row]}


def test_file_and_documents_say_the_same() -> None:
    path = CORPUS / "town.yml"
    top = load_marked(path)
    documents = sections_of(top)
    assert tuple(documents) == SECTIONS
    assert sections_of(overlaid(path, top, documents)) == documents


def test_untouched_the_file_holds(database: Engine) -> None:
    live = live_town(CORPUS, database)
    assert live.town == load_town(CORPUS / "town.yml")
    assert (live.live("hours"), live.trouble) == (None, {})


async def test_another_process_follows(database: Engine) -> None:
    console, worker = live_town(CORPUS, database), live_town(CORPUS, database)
    office, calendar = worker.town.offices["buergeramt"], worker.calendar
    assert calendar.slots(office, FRIDAY)
    console.save(with_row(console, "special_days", CLOSED), "ada", "Rohrbruch im Keller")
    assert await worker.refresh()
    assert calendar.hours(office, FRIDAY).reason == "Rohrbruch"
    assert calendar.slots(office, FRIDAY) == ()
    assert not await worker.refresh()
    # Undone: the former revision again.
    former = console.revisions.get("special_days", 1)
    assert former is not None
    assert former.author == FILE
    console.save({"special_days": former.content}, "ada", "", {"special_days": 2})
    assert await worker.refresh()
    assert calendar.slots(office, FRIDAY)


async def test_following_goes_on_for_ever_and_survives_an_error(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert POLL_SECONDS <= 0.5  # the rest of two seconds is there for reading and taking over
    monkeypatch.setattr("bot.livetown.POLL_SECONDS", 0.01)
    console, worker = live_town(CORPUS, database), live_town(CORPUS, database)
    console.revisions.save(
        {"holidays": [{"date": "morgen", "name": "x"}]}, "sql", "", {}, console.seed, lambda _, __: None
    )  # nobody checked it
    following = asyncio.create_task(worker.follow())
    async with asyncio.timeout(60):
        while "holidays" not in worker.trouble:
            await asyncio.sleep(0.01)
    assert worker.town.local_holidays == load_town(CORPUS / "town.yml").local_holidays
    console.save(with_row(console, "special_days", CLOSED), "ada", "")
    async with asyncio.timeout(60):
        while len(worker.town.special_days) == len(console.town.special_days):
            await asyncio.sleep(0.01)
    following.cancel()


async def test_routes_by_district_and_language(database: Engine) -> None:
    live = live_town(CORPUS, database)
    doc = live.document("routing")
    routes = [
        {"topic": ["abfall"], "language": ["tr"], "team": "familie-soziales"},
        {"topic": ["abfall"], "district": ["hafen"], "team": "ordnung-verkehr"},
        {"topic": ["abfall"], "district": ["hafen"], "language": ["tr"], "team": "buergeramt-nord"},
    ]
    live.save({"routing": {**doc, "topics": {**doc["topics"], "parken": "buergeramt"}, "routes": routes}}, "ada", "")
    await live.refresh()
    hall = townhall_at(live.calendar, datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
    assert hall.team("abfall") == hall.team("abfall", "hafen-und-mehr", "de") == "bauen-umwelt"
    assert hall.team("abfall", "altstadt", "tr") == "familie-soziales"
    assert hall.team("abfall", "hafen", "de") == "ordnung-verkehr"
    assert hall.team("abfall", "hafen", "tr") == "buergeramt-nord"
    assert (hall.team("parken"), hall.team("nichts")) == ("buergeramt", hall.default_team)


def test_a_change_that_does_not_fit_is_refused_with_its_places(database: Engine) -> None:
    live = live_town(CORPUS, database)
    rows = [{"date": "24.11."}, CLOSED, {"date": "2026-11-28", "offices": ["rathaus"]}]
    with pytest.raises(FileError) as refused:
        live.save({"special_days": rows}, "ada", "")
    assert [(e.place, e.why) for e in refused.value.all] == [
        (("special_days", 0, "date"), "day"),
        (("special_days", 2, "offices"), "among.offices"),
    ]
    with pytest.raises(FileError) as needed:
        live.save({"teams": live.document("teams")[1:]}, "ada", "")
    assert needed.value.place == ("routing", "topics", "ausweise")
    assert live.revisions.serial() == 0
    assert live.imagined({"special_days": [CLOSED]}).special_days[0].reason == "Rohrbruch"


def test_two_who_change_the_same(database: Engine) -> None:
    live = live_town(CORPUS, database)
    live.save(with_row(live, "special_days", CLOSED), "ada", "", {"special_days": 0})
    with pytest.raises(Overtaken):
        live.save({"special_days": []}, "bea", "", {"special_days": 0})


def test_the_file_may_change_underneath(database: Engine, tmp_path: Path) -> None:
    """An office goes, another comes: what was set for the others holds; what names the lost one is out of force."""
    live = live_town(CORPUS, database)
    hours = {**live.document("hours"), "wahlamt": {"mon": ["10:00-11:00"]}, "umweltamt": {}}
    live.save(with_row(live, "special_days", {**CLOSED, "offices": ["wahlamt"]}) | {"hours": hours}, "ada", "")
    folder = tmp_path / "corpus"
    folder.mkdir()
    text = (CORPUS / "town.yml").read_text("utf-8").replace("office: wahlamt", "office: buergeramt")
    (folder / "town.yml").write_text(text.replace("  wahlamt:\n", "  wahlbuero:\n"), "utf-8")
    found = live_town(folder, database)
    assert list(found.trouble) == ["special_days"]
    assert found.trouble["special_days"].why == "among.offices"
    assert found.town.special_days == load_town(folder / "town.yml").special_days
    assert not any(found.town.offices["umweltamt"].hours.values())
    assert found.town.offices["wahlbuero"].hours


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from(["buergeramt", "2026-11-24", "8"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "date", "team", "topic", "topics", "routes", "texts", "de", "minutes", "mon", "buergeramt"]
            )
            | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@settings(max_examples=80)
@given(st.sampled_from(SECTIONS), JSON)
def test_whatever_lies_in_the_database_is_a_town_or_a_clear_error(section: str, document: object) -> None:
    path = CORPUS / "town.yml"
    try:
        town = town_of(path, TOP, {section: document})
    except FileError as error:
        said = str(error)
    else:
        said = town.name
    assert said

"""Notices: what a file may say of one, when it is in force, what a conversation remembers of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calendar import Calendar
from bot.conversation import Conversation, Status
from bot.effects import Effect, Reply, Say, Turn
from bot.judging.noticing import KEPT, noticed
from bot.notices import at_hand, in_force, mark
from bot.policy import Townhall
from faq.marked import FileError, load_marked
from faq.town import Notice, read_town
from faq.town.model import Signed
from faq.town.sections import sections_of
from tests.faq.test_town import GOOD
from tests.offices.towns import SAMPLE

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # 10 o'clock in Lindenfurt
WATER = Notice("wasser", "crisis", None, None, frozenset(("chat", "page")), {"de": "Abkochen.", "en": "Boil."})


def read(folder: Path, rows: str) -> tuple[Notice, ...]:
    """What a file with these notices says."""
    path = folder / "town.yml"
    path.write_text(GOOD + "notices:\n" + rows, encoding="utf-8")
    return read_town(path, load_marked(path)).notices


def test_what_a_file_says(tmp_path: Path) -> None:
    water, feast = read(
        tmp_path,
        "  - {id: wasser, level: crisis, from: 2026-11-23 08:00:00, until: 2026-11-24,"
        " texts: {de: Abkochen., en: Boil.}}\n"
        "  - {id: fest, level: information, open_ended: true, where: page, texts: {de: Stadtfest}}\n",
    )
    assert (water.first, water.last) == (datetime(2026, 11, 23, 8), datetime(2026, 11, 25))  # the whole of its last day
    assert water.where == {"chat", "page", "console"}
    assert (feast.first, feast.last, feast.where) == (None, None, {"page"})
    assert (water.text("en"), water.text("tr"), water.text("de")) == (
        ("Boil.", False),
        ("Abkochen.", True),
        ("Abkochen.", False),
    )
    documents = sections_of(load_marked(tmp_path / "town.yml"))["notices"]
    assert documents[0]["from"] == "2026-11-23 08:00"
    assert documents[1] == {
        "id": "fest", "level": "information", "open_ended": True, "where": ["page"], "texts": {"de": "Stadtfest"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("row", "why", "line"),
    [
        ("level: crisis, texts: {de: x}", "missing", '"until" is missing'),
        ("level: crisis, until: 2026-11-24, open_ended: true, texts: {de: x}", "open_ended", "keep one of the two"),
        ('level: crisis, from: "2026-11-24 10:00", until: "2026-11-24 10:00", texts: {de: x}', "until", "not after"),
        ("level: crisis, until: morgen, texts: {de: x}", "moment", "no moment"),
        ('level: crisis, until: "2026-11-24T10:00+01:00", texts: {de: x}', "moment", "no moment"),
        ('level: crisis, until: "9999-12-31", from: "24 Uhr", texts: {de: x}', "moment", "no moment"),
        ("level: alarm, open_ended: true, texts: {de: x}", "level", "crisis, information"),
        ("level: crisis, open_ended: true, texts: {en: x}", "missing", '"de" is missing'),
        ('level: crisis, open_ended: true, texts: {de: "  "}', "missing", '"de" is missing'),
        ("level: crisis, open_ended: true", "missing", '"texts" is missing'),
        ("level: crisis, open_ended: true, texts: {de: x, deu: y}", "language", "no language"),
        (f"level: crisis, open_ended: true, texts: {{de: {'x' * 1001}}}", "long", "more than 1000"),
        ("level: crisis, open_ended: true, where: [roof], texts: {de: x}", "among.where", '"roof"'),
        ("level: crisis, open_ended: true, who: all, texts: {de: x}", "", '"who" is no field'),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, row: str, why: str, line: str) -> None:
    with pytest.raises(FileError) as error:
        read(tmp_path, f"  - {{id: eins, {row}}}\n")
    assert (error.value.why, line in str(error.value)) == (why, True), str(error.value)


def test_no_two_of_one_name_and_not_too_many(tmp_path: Path) -> None:
    row = "  - {{id: {}, level: crisis, open_ended: true, texts: {{de: x}}}}\n"
    for ids, why in ((("a", "a"), "twice.id"), ([f"n{n}" for n in range(11)], "notices")):
        with pytest.raises(FileError) as error:
            read(tmp_path, "".join(row.format(key) for key in ids))
        assert error.value.why == why


def test_in_force_from_its_first_moment_to_its_last() -> None:
    local = datetime(2026, 11, 23, 10)
    ends = replace(WATER, id="a", first=local, last=local + timedelta(minutes=1))
    later = replace(WATER, id="b", first=local + timedelta(minutes=1))
    calm = replace(WATER, id="c", level="information", where=frozenset({"console"}))
    calendar = Calendar(replace(SAMPLE, notices=(calm, ends, later)))

    def ids(at: datetime, where: str = "") -> list[str]:
        return [notice.id for notice in in_force(calendar, at, where)]

    assert ids(NOW - timedelta(seconds=1)) == ["c"]
    assert ids(NOW) == ["a", "c"]
    assert ids(NOW + timedelta(seconds=60)) == ["b", "c"]
    assert (ids(NOW, "chat"), ids(NOW, "console")) == (["a"], ["c"])


def test_when_the_clock_goes_back_what_is_over_stays_over() -> None:
    """Half past two comes twice that night; the notice ends the first time."""
    ends = replace(WATER, last=datetime(2026, 10, 25, 2, 30))
    calendar = Calendar(replace(SAMPLE, notices=(ends,)))
    start = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)
    found = [bool(in_force(calendar, start + timedelta(minutes=n))) for n in range(0, 180, 5)]
    assert found == [True] * 6 + [False] * 30


def hall(*notices: Notice) -> Townhall:
    return Townhall({}, "eins", notices=notices)


KEYS = st.sampled_from(["answer", "disclosure", "greeting", "hours", "flood", "emergency.danger", "handoff.open"])
EFFECTS = st.lists(st.builds(lambda key, urgent: Say(Reply(key), urgent=urgent), KEYS, st.booleans()), max_size=4)


@given(EFFECTS, st.sampled_from(list(Status)), st.integers(1, 3))
def test_nothing_that_was_to_be_said_is_lost_or_turned_round(says: list[Effect], status: Status, many: int) -> None:
    """And what is told once is not told again; beside what is urgent nothing is told at all."""
    notices = [replace(WATER, id=f"n{n}") for n in range(many)]
    turn = Turn(Conversation("c", "web", "1", status=status, language="de"), tuple(says))
    once = noticed(turn, hall(*notices))
    others = [e for e in once.effects if isinstance(e, Say) and not e.reply.key.startswith("notice.")]
    assert others == says
    told = len(once.effects) - len(says)
    urgent = any(isinstance(say, Say) and say.urgent for say in says)
    assert told in (0, many)
    if urgent or not says or status is Status.ASSIGNED:
        assert once == turn
    if told:
        first = next(at for at, e in enumerate(once.effects) if isinstance(e, Say) and e.reply.key == "notice.crisis")
        assert first <= 1
        assert noticed(replace(once, effects=tuple(says)), hall(*notices)).effects == tuple(says)


def test_the_mark_holds_for_these_words_and_the_memory_is_bounded() -> None:
    others = (
        replace(WATER, level="information"),
        replace(WATER, id="x"),
        replace(WATER, texts={**WATER.texts, "en": "Boil!"}),
    )
    assert len({mark(notice) for notice in (WATER, *others)}) == 4
    assert mark(replace(WATER, last=datetime(2027, 1, 1))) == mark(WATER)  # it goes on: nothing new to read
    c = Conversation("c", "web", "1", language="de", noticed=tuple(f"n{n}:x" for n in range(KEPT)))
    after = noticed(Turn(c, (Say(Reply("answer")),)), hall(WATER)).conversation
    assert len(after.noticed) == KEPT
    assert Conversation.from_json(after.to_json()) == after


def test_what_is_for_some_stands_on_no_page_for_all() -> None:
    targeted = replace(WATER, topics=frozenset({"abfall"}), districts=frozenset({"nordstadt"}))
    calendar = Calendar(replace(SAMPLE, notices=(targeted,)))
    assert in_force(calendar, NOW, "page") == ()
    assert in_force(calendar, NOW, "chat") == (targeted,)
    assert at_hand(WATER, (), "")
    assert not at_hand(targeted, {"steuern"}, "westheide")
    assert at_hand(targeted, {"abfall"}, "")
    assert at_hand(targeted, (), "nordstadt")


def test_while_a_change_waits_what_was_confirmed_holds() -> None:
    changed = replace(WATER, texts={"de": "Neu."}, signed=Signed("ada", waits=True, former=WATER))
    fresh = replace(WATER, id="neu", signed=Signed("ada", waits=True))
    assert in_force(Calendar(replace(SAMPLE, notices=(changed, fresh))), NOW) == (WATER,)

"""A morning with three clerks and forty citizens over two channels: nobody is forgotten, nothing is answered twice."""

import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from bot.conversation import Line
from bot.message import DeliveryState
from bot.settings import Settings
from faq.retrieval.index import Index
from tests.browser.morning.clerk import Clerk
from tests.browser.morning.play import Morning, Person
from tests.browser.morning.script import CHANNELS, ROLES, Question, Script, forty
from tests.browser.morning.town import STAFF, Town, town
from tests.browser.morning.verdict import Glance, Story, verdict
from tests.house import corpus_state, words_index

SEED = 5


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return corpus_state(tmp_path_factory.mktemp("morning"))


@pytest.fixture(scope="module")
def index(state: Settings) -> Index:
    return words_index(state)


@pytest.fixture
async def lindenfurt(
    state: Settings, index: Index, tmp_path: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Town]:
    monkeypatch.setattr("bot.console.live.BEAT", 2.0)  # the town's clock is moved by a minute at once
    async with town(state, tmp_path, redis_url, index) as made:
        yield made


@pytest.mark.browser
@pytest.mark.slow
async def test_a_morning(lindenfurt: Town, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        playwright = await stack.enter_async_context(async_playwright())
        clerks = [Clerk(lindenfurt, playwright.chromium, user, tmp_path / user) for user in STAFF]
        people = [Person(lindenfurt, script) for script in forty(SEED)]
        await Morning(lindenfurt, people, clerks, stack).play()
        stories = [await person.story() for person in people]
        assert verdict(stories, [glance for clerk in clerks for glance in clerk.glances]) == []
        assert [said for clerk in clerks for said in clerk.complaints] == []
        assert await lindenfurt.core.store.dead() == []


# --- the script and the verdict themselves ------------------------------------------------------------------


def test_the_script_is_the_same_for_a_seed_and_holds_everybody() -> None:
    citizens = forty(SEED)
    assert citizens == forty(SEED) != forty(SEED + 1)
    assert len(citizens) == 40
    assert {c.channel for c in citizens} == set(CHANNELS)
    assert {*ROLES, "routine", "person", "withdraws", "photo", "edits", "returns"} == {c.kind for c in citizens}
    answers = [q.answer for c in citizens for q in c.questions if q.by == "clerk"]
    assert len(set(answers)) == len(answers)


AT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
SCRIPT = Script("Bürger 1", "telegram", "person", (Question("es geht um x", "Zu x:", "clerk"),), ("/mensch",))
LINES = (
    Line("c1", "citizen", AT, "/mensch", what="command"),
    Line("b1", "bot", AT, "Das übernimmt ein Mensch.", what="handoff.open", parts=("b1.0",)),
    Line("c2", "citizen", AT, "es geht um x"),
    Line("e1", "event", AT, "claimed", name="Kim", what="claimed"),
    Line("b2", "bot", AT, "Hier schreibt Kim.", what="handoff.joined", parts=("b2.0",)),
    Line("k1", "clerk", AT, "Zu x: erledigt.", name="Kim", what="clerk", parts=("k1.0",)),
    Line("e2", "event", AT, "answered", name="Kim", what="resolved"),
    Line("b3", "bot", AT, "Abgeschlossen.", what="handoff.resolved", parts=("b3.0",)),
)
SENT = {part: DeliveryState.SENT for line in LINES for part in line.parts}
WELL = Story(SCRIPT, "resolved", LINES, SENT, tuple(line.text for line in LINES if line.parts))
SEEN = Glance("kim", "Bürger 1", tuple(line.id for line in LINES), ("r1", "r2"))


def test_a_good_morning_passes() -> None:
    assert verdict([WELL], [SEEN]) == []
    assert verdict([WELL], [replace(SEEN, lines=SEEN.lines[2:])]) == []  # a page may be behind


def after(line: Line, place: int) -> tuple[Line, ...]:
    """The lines with one more."""
    return (*LINES[:place], line, *LINES[place:])


FAULTS = {
    "forgotten": replace(WELL, status="waiting"),
    "not answered": replace(WELL, screen=tuple(words for words in WELL.screen if "Zu x" not in words)),
    "answered twice": replace(WELL, screen=(*WELL.screen[:3], WELL.screen[2], *WELL.screen[3:])),
    "out of order": replace(WELL, screen=(*WELL.screen[2:], *WELL.screen[:2])),
    "the bot after a takeover": replace(WELL, lines=after(Line("b9", "bot", AT, "Also", what="answer"), 5)),
    "two voices": replace(WELL, lines=after(Line("k9", "clerk", AT, "Ja", name="Ada", what="clerk"), 6)),
    "a clerk after the end": replace(WELL, lines=(*LINES, Line("k9", "clerk", AT, "Ja", name="Kim", what="clerk"))),
    "a lapse nobody was told of": replace(WELL, lines=after(Line("e9", "event", AT, "", what="lease_expired"), 6)),
    "a line twice": replace(WELL, lines=after(LINES[2], 3)),
    "dropped and shown": replace(WELL, deliveries={**SENT, "k1.0": DeliveryState.DROPPED}),
    "said by the bot": replace(WELL, lines=tuple(replace(x, by="bot") if x.id == "k1" else x for x in LINES)),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_bad_morning_is_found(fault: str) -> None:
    assert verdict([FAULTS[fault]], [])


@pytest.mark.parametrize(
    "glance",
    [
        replace(SEEN, lines=(*SEEN.lines, "k1")),
        replace(SEEN, lines=(*SEEN.lines, "zz")),
        replace(SEEN, lines=("b1", "c1")),
        replace(SEEN, rows=("r1", "r2", "r1")),
    ],
)
def test_a_bad_page_is_found(glance: Glance) -> None:
    assert verdict([WELL], [glance])


@pytest.mark.parametrize("seed", range(5))
def test_whatever_is_lost_or_doubled_on_a_screen_is_found(seed: int) -> None:
    chance = random.Random(seed)
    screen = list(WELL.screen)
    place = chance.randrange(len(screen))
    doubled = [*screen[:place], screen[place], *screen[place:]]
    assert verdict([replace(WELL, screen=tuple(doubled))], [])
    assert verdict([replace(WELL, screen=tuple(screen[:place] + screen[place + 1 :]))], [])

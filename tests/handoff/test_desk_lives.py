"""Random lives of three conversations at one desk, through the store and the turns: facts, queue, owners and undos."""

import asyncio
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from bot.channels.channel import Channel
from bot.composition import Core, build_core
from bot.conversation import Conversation, NotNow, Outcome, Status
from bot.deadlines import place
from bot.events import Event
from bot.handoff.callback import Call
from bot.handoff.desk import Clerk, Desk
from bot.message import Limits
from bot.settings import Settings
from bot.store.memory import MemoryStore
from bot.turns import Turns
from tests.dialogue.builders import command, pressed, wrote
from tests.house import MONDAY, Notebook

T = TypeVar("T")
DAY = 86400.0
IDS = {"0" * 19 + "1": "plain", "0" * 19 + "2": "plain", "0" * 19 + "3": "hurried"}
KIM, EVE, LEA = Clerk("kim", "Kim"), Clerk("eve", "Eve"), Clerk("lea", "Lea", leads=True)
CLERKS, TEAMS = (KIM, EVE, LEA), ("buergeramt", "bauen-umwelt")
SAID: dict[str, Event] = {
    "hallo": wrote("hallo", "greet"),
    "mensch": wrote("mensch", "ask_human"),
    "phone": wrote("0171 2345678"),
    "cancel": pressed("h:cancel"),
    "erase": pressed("d:yes"),
}


class Hurried(Notebook):
    """A channel on which we may write for a day."""

    limits = Limits(text=4096, buttons=10, label=60, window=DAY)


@dataclass(frozen=True)
class Was:
    """What a verb replaced; `answered`: the citizen got a word since."""

    clerk: Clerk
    verb: str
    before: Conversation
    answered: bool = False


class Life(RuleBasedStateMachine):
    """`core` lends its words and calendar."""

    def __init__(self, core: Core, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self.loop, self.store, self.now = loop, MemoryStore(), MONDAY
        channels: dict[str, Channel] = {"plain": Notebook(), "hurried": Hurried()}
        self.turns = Turns(self.store, core.phrasebook, channels, core.policy, core.calendar, lambda: self.now)
        self.desk = Desk(self.turns, patience=-1.0)
        self.was: dict[str, Was] = {}
        self.numbers: dict[int, str] = {}
        self.looked: dict[str, Conversation] = {}

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def held(self, ident: str) -> Conversation:
        found = self.do(self.store.load(ident)).conversation
        return found or Conversation(ident, IDS[ident], ident[-1])

    def tried(self, ident: str, work: Coroutine[Any, Any, Any]) -> tuple[Conversation, Conversation] | None:
        """Before and after; None where it was refused."""
        before = self.held(ident)
        self.now += timedelta(seconds=30)
        try:
            self.do(work)
        except (NotNow, KeyError):
            assert self.held(ident) == before
            return None
        return before, self.held(ident)

    @rule(ident=st.sampled_from(sorted(IDS)), said=st.sampled_from(sorted(SAID)))
    def citizen_says(self, ident: str, said: str) -> None:
        async def judge(c: Conversation) -> Event:
            return command("loeschen") if said == "erase" and not c.shown else SAID[said]

        self.tried(ident, self.turns.apply(ident, judge, Conversation(ident, IDS[ident], ident[-1])))

    @rule(
        ident=st.sampled_from(sorted(IDS)),
        clerk=st.sampled_from(CLERKS),
        verb=st.sampled_from(("claim", "claim", "write", "seen", "look", "reopen", *Call)),
    )
    def clerk_acts(self, ident: str, clerk: Clerk, verb: str) -> None:
        work = {
            "claim": lambda: self.desk.claim(clerk, ident),
            "write": lambda: self.desk.write(clerk, ident, "Guten Tag"),
            "seen": lambda: self.desk.seen(clerk, ident),
            "look": lambda: self.desk.seen(clerk, ident, looked=True),
            "reopen": lambda: self.desk.reopen(clerk, ident),
        }
        if verb in work:
            done = self.tried(ident, work[verb]())
            if done and verb == "write" and ident in self.was:
                self.was[ident] = replace(self.was[ident], answered=True)
            return
        done = self.tried(ident, self.desk.call(clerk, ident, Call(verb)))
        if done and done[0] != done[1]:  # else it was done already
            self.was[ident] = Was(clerk, "resolve" if done[1].status is Status.RESOLVED else "call", done[0])

    @rule(
        ident=st.sampled_from(sorted(IDS)),
        clerk=st.sampled_from(CLERKS),
        verb=st.sampled_from(("release", "back", "resolve", *TEAMS, "kim", "eve")),
        there=st.booleans(),
    )
    def clerk_gives_away(self, ident: str, clerk: Clerk, verb: str, there: bool) -> None:
        desk, to = self.desk, {"kim": KIM, "eve": EVE}
        if verb == "release":
            done = self.tried(ident, desk.release(clerk, ident))
        elif verb == "back":
            done = self.tried(ident, desk.hand_back(clerk, ident))
        elif verb == "resolve":
            done = self.tried(ident, desk.resolve(clerk, ident, Outcome.FORWARDED))
        elif verb in to:
            done = self.tried(ident, desk.to_colleague(clerk, ident, to[verb], None if there else "pause"))
            assert there or not done or done[0].owner == verb, "who has it already keeps it"
        else:
            done = self.tried(ident, desk.to_team(clerk, ident, verb, there, anyway=True))
        if done and done[0] != done[1]:  # else it was done already
            before, after = done
            self.was[ident] = Was(clerk, "transfer" if verb in (*TEAMS, *to) else verb, before)
            if after.is_open:
                assert after.waiting_since == before.waiting_since
                assert after.number == before.number

    @rule(ident=st.sampled_from(sorted(IDS)))
    def clerk_undoes(self, ident: str) -> None:
        was = self.was.get(ident)
        if was is None:
            return
        offered = self.do(self.desk.undoable(was.clerk, ident))
        done = self.tried(ident, self.desk.undo(was.clerk, ident, was.verb))
        assert bool(done) == bool(offered and offered.before and offered.before.verb == was.verb)
        if done is None:
            return
        old, c = was.before, done[1]
        assert (c.status, c.owner, c.team, c.reason, c.outcome) == (old.status, old.owner, old.team, old.reason, "")
        assert (c.waiting_since, c.due, c.number) == (old.waiting_since, old.due, old.number)
        window = DAY if c.channel == "hurried" else None
        assert place(c, window) == place(replace(old, last_citizen=c.last_citizen), window)
        assert c.callback == old.callback
        if not was.answered:
            assert c.handoff == old.handoff
        assert self.do(self.desk.undoable(was.clerk, ident)) is None

    @rule(minutes=st.sampled_from((0.5, 1, 3, 40, 300, 1500)))
    def time_goes_by(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)
        for ident in self.do(self.store.due(self.now)):
            done = self.tried(ident, self.desk.time_passed(ident))
            if done and done[1].status is Status.WAITING and done[0].status is Status.ASSIGNED:
                assert done[1].waiting_since == done[0].waiting_since

    @invariant()
    def one_owner_exactly_while_assigned(self) -> None:
        for c in map(self.held, IDS):
            assert bool(c.owner) == (c.status is Status.ASSIGNED) == (c.lease_until is not None)

    @invariant()
    def a_fact_is_open_exactly_while_its_conversation_is(self) -> None:
        facts = {h.number: h for h in self.do(self.store.handoffs(MONDAY, self.now + timedelta(days=1)))}
        for c in map(self.held, IDS):
            h = c.handoff
            assert (h is not None) == bool(c.number)
            assert c.is_open == (h is not None and h.ended is None)
            if h is None:
                continue
            assert facts[h.number] == h
            assert self.numbers.setdefault(h.number, c.id) == c.id  # a number is one citizen's
            times = [t for t in (h.opened, h.claimed, h.replied, h.ended) if t]
            assert times == sorted(times)
            assert (h.ended is None) == (h.outcome == "")
            if c.is_open:
                assert (h.team, h.due) == (c.team, c.due)
            assert c.status is not Status.ASSIGNED or h.claimed
        assert sum(h.ended is None for h in facts.values()) == sum(c.is_open for c in map(self.held, IDS))

    @invariant()
    def the_queue_goes_by_what_is_due_first_and_then_by_waiting(self) -> None:
        queue = [c for c, _ in self.do(self.store.queue(None, 9))]
        assert {c.id for c in queue} == {c.id for c in map(self.held, IDS) if c.is_open}
        waiting = [c for c in queue if c.status is Status.WAITING]
        assert waiting == sorted(waiting, key=due_first)
        assert [c.status for c in queue] == [Status.WAITING] * len(waiting) + [Status.ASSIGNED] * (
            len(queue) - len(waiting)
        )

    def teardown(self) -> None:
        self.do(self.store.close())


def due_first(c: Conversation) -> tuple[int, datetime]:
    """The promise or the end of the window, whichever is earlier, to the second; then since when it waits."""
    assert c.waiting_since is not None
    times = [c.due] if c.due else []
    if c.channel == "hurried" and c.last_citizen:
        times.append(c.last_citizen + timedelta(seconds=DAY))
    return int(min(times, default=c.waiting_since).timestamp()), c.waiting_since


@pytest.fixture
def core(tmp_path: Path) -> Iterator[Core]:
    chosen = replace(Settings(), home=tmp_path, cache=tmp_path, secret="x" * 32, nlu_url="off")
    made = build_core(chosen, store=MemoryStore(), channels={})
    yield made
    asyncio.run(made.close())


@pytest.mark.parametrize("examples", [40, pytest.param(200, marks=pytest.mark.slow)])
def test_whatever_happens(core: Core, examples: int) -> None:
    loop = asyncio.new_event_loop()
    chances = settings(max_examples=examples, stateful_step_count=40, suppress_health_check=list(HealthCheck))
    try:
        run_state_machine_as_test(lambda: Life(core, loop), settings=chances)
    finally:
        loop.close()

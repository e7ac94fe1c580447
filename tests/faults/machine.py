"""Random lives of conversations, queue and outbox: hypothesis picks who does what next, and who dies in between.

The store, reception, desk and judgement are the product's own. Workers and the platform are played by hand, one step
at a time, so that every interleaving can come up: looking at a lane, handling, taking, arriving at the citizen and
settling are steps of their own, and between any two of them a worker may die or hang until others have its lanes.

Played is what the product's worker promises: in order within a conversation, nothing sent by whoever lost its lane
(a send ends long before a lease does), and a claim waits for sends that are under way.
"""

import asyncio
import itertools
from collections import defaultdict
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.channels.channel import Channel
from bot.composition import Core
from bot.conversation import Conversation, NotNow, Status, conversation_id
from bot.handoff.desk import Clerk, Desk
from bot.message import RANK, Arrival, DeliveryState
from bot.reception import Reception
from bot.store.protocol import START, AlreadyDone, Fenced, Outgoing, Store, Ticket
from bot.turns import Turns
from nlu.keywords import KeywordNlu
from tests.house import Notebook
from tests.nothing import Nothing

T = TypeVar("T")
S = DeliveryState
BEGIN = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CHATS, CLERKS = ("anna", "bela"), (Clerk("kim", "Kim"), Clerk("eve", "Eve"))
WORDS = ("hallo", "danke", "/mensch", "/hilfe", "/stop")
OUTCOMES = ("sent", "lost", "throttled", "refused")
STEPS = (
    *("handles", "takes", "is answered and settles") * 4,
    *("takes", "is answered", "settles", "looks", "handles what it knows") * 2,
    *("begins and dies", "is answered and dies", "dies", "hangs", "takes and hangs"),
)
LEASE = 3600.0  # seconds; here a lease ends when the machine says so
FORWARD = {(S.SENDING, S.QUEUED)}  # the one way back: certainly not sent, and given back


@dataclass
class Hand:
    """One worker: what it has read and not done, and the part that it is sending."""

    name: str
    lanes: tuple[int, ...] = ()
    tickets: list[Ticket] = field(default_factory=list)
    leaving: list[Outgoing] = field(default_factory=list)
    sending: list[Outgoing] = field(default_factory=list)
    arrived: list[tuple[Outgoing, DeliveryState, str]] = field(default_factory=list)  # what it must still settle

    def forget(self) -> None:
        """Nothing that was read is known any more."""
        self.tickets, self.leaving = [], []


class Life(RuleBasedStateMachine):
    """`core` lends its words and calendar; `store` is empty."""

    def __init__(self, store: Store, core: Core, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self.loop, self.store, self.core = loop, store, core
        self.now = BEGIN
        notebook: Channel = Notebook()
        self.turns = Turns(
            store,
            core.phrasebook,
            {notebook.name: notebook},
            core.policy,
            core.calendar,
            lambda: self.now,
            core.metrics,
        )
        self.desk = Desk(self.turns, patience=-1.0)
        self.reception = Reception(self.turns, KeywordNlu(), Nothing(), core.deliver)
        self.ids = itertools.count(1)
        self.hands = [Hand(f"w{next(self.ids)}") for _ in range(2)]
        self.appended: dict[str, list[Arrival]] = defaultdict(list)
        self.screen: dict[str, list[str]] = defaultdict(list)  # parts as they arrived, by conversation
        self.externals: list[tuple[str, str]] = []
        self.epochs: dict[str, int] = defaultdict(int)
        self.taken_over: dict[str, int] = {}  # conversation: its epoch at the last acknowledged claim
        self.known: dict[tuple[str, str], DeliveryState] = {}

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run one step to its end."""
        return self.loop.run_until_complete(work)

    def name(self, chat: str) -> str:
        """The conversation's id."""
        return conversation_id(self.core.secret, Notebook.name, chat)

    def held(self, conversation: str) -> Conversation | None:
        """Its state."""
        return self.do(self.store.load(conversation)).conversation

    # --- citizens ------------------------------------------------------------------------------------------

    @rule(chat=st.sampled_from(CHATS), words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=4))
    def citizen_writes(self, chat: str, words: list[str]) -> None:
        for n, one in enumerate(words):
            self._writes(chat, one, 1 + n % 3)

    def _writes(self, chat: str, words: str, times: int) -> None:
        arrival = Arrival(Notebook.name, f"m{next(self.ids)}", chat, {"text": words, "at": self.now.isoformat()})
        new = [self.do(self.store.append(self.name(chat), arrival)) for _ in range(times)]
        assert new == [True] + [False] * (times - 1)
        self.appended[self.name(chat)].append(arrival)

    @rule(chat=st.sampled_from(CHATS), which=st.integers(0, 50))
    def platform_repeats_an_old_one(self, chat: str, which: int) -> None:
        if old := self.appended[self.name(chat)]:
            assert not self.do(self.store.append(self.name(chat), old[which % len(old)]))

    # --- workers -------------------------------------------------------------------------------------------

    @rule(
        n=st.integers(0, 1),
        steps=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 3)), min_size=4, max_size=12),
    )
    def worker_gets_on(self, n: int, steps: list[tuple[str, int]]) -> None:
        """One rule for all that workers do: hypothesis leaves rules out, and a life without workers shows little."""
        if not self.hands[n].lanes:
            self.worker_renews(n)
            self.worker_looks(n)
        for step, which in steps:
            match step:
                case "looks":
                    self.worker_renews(n)
                    self.worker_looks(n)
                case "handles":
                    self.worker_handles(n, which, False)
                    self.worker_looks(n)
                case "begins and dies":
                    self.worker_handles(n, which, True)
                case "handles what it knows":
                    self.worker_handles(n, which, False)
                case "takes":
                    self.worker_takes(n, which)
                case "is answered":
                    self.platform_answers(n, OUTCOMES[which], False)
                case "is answered and settles":
                    self.platform_answers(n, OUTCOMES[which], False)
                    self.worker_settles(n)
                case "is answered and dies":
                    self.platform_answers(n, OUTCOMES[which], True)
                case "settles":
                    self.worker_settles(n)
                case "dies":
                    self.worker_dies(n)
                case "takes and hangs":
                    self.worker_takes(n, which)
                    self.worker_hangs_beyond_its_lease(n, OUTCOMES[which])
                case "hangs":
                    self.worker_hangs_beyond_its_lease(n, OUTCOMES[which])
                case _:
                    raise AssertionError(step)

    def worker_renews(self, n: int) -> None:
        hand = self.hands[n]
        hand.lanes = tuple(self.do(self.store.own_lanes(hand.name, LEASE)))

    def worker_looks(self, n: int) -> None:
        hand = self.hands[n]
        hand.forget()
        busy = {o.sending.id for o in (*hand.sending, *(o for o, _, _ in hand.arrived))}
        for lane in hand.lanes:
            batch = self.do(self.store.read(lane, hand.name, START, START, 100, 0.001))
            hand.tickets += batch.tickets
            hand.leaving += [o for o in batch.outgoing if o.sending.id not in busy]

    def worker_handles(self, n: int, which: int, dies: bool) -> None:
        hand = self.hands[n]
        heads = list({t.conversation: t for t in reversed(hand.tickets)}.values())
        if not heads:
            return
        ticket = heads[which % len(heads)]
        hand.tickets.remove(ticket)
        try:
            tries = self.do(self.store.begin(ticket))
            if dies:
                self.worker_dies(n)
            elif tries > 50:
                raise AssertionError("an arrival is tried for ever")
            else:
                self.do(self.reception.handle(ticket))
        except AlreadyDone:
            return
        except Fenced:
            hand.forget()

    def worker_takes(self, n: int, which: int) -> None:
        hand = self.hands[n]
        busy = {o.conversation for o in (*hand.sending, *(o for o, _, _ in hand.arrived))}
        heads = {o.conversation: o for o in reversed(hand.leaving) if o.conversation not in busy}
        if not heads:
            return
        outgoing = list(heads.values())[which % len(heads)]
        hand.leaving.remove(outgoing)
        try:
            verdict, _ = self.do(self.store.take(outgoing, f"t{next(self.ids)}"))
        except Fenced:
            hand.forget()
            return
        if verdict == "send":
            held = self.held(outgoing.conversation)
            free = outgoing.sending.by != "bot" or outgoing.sending.urgent
            assert held is not None
            assert free or held.epoch == outgoing.epoch
            hand.sending.append(outgoing)

    def platform_answers(self, n: int, outcome: str, dies: bool) -> None:
        hand = self.hands[n]
        if not hand.sending:
            return
        self._arrives(hand, outcome)
        if dies:
            self.worker_dies(n)

    def _arrives(self, hand: Hand, outcome: str) -> None:
        outgoing = hand.sending.pop(0)
        part, conversation = outgoing.sending.id, outgoing.conversation
        if outcome in ("sent", "lost"):
            assert part not in self.screen[conversation], "sent twice"
            if outgoing.sending.by == "bot" and not outgoing.sending.urgent:
                assert outgoing.epoch >= self.taken_over.get(conversation, 0), "the bot spoke after a takeover"
            self.screen[conversation].append(part)
        if outcome == "sent":
            external = f"x{next(self.ids)}"
            self.externals.append((conversation, external))
            hand.arrived.append((outgoing, S.SENT, external))
        else:
            states = {"lost": S.UNKNOWN, "throttled": S.QUEUED, "refused": S.FAILED}
            hand.arrived.append((outgoing, states[outcome], ""))

    def worker_settles(self, n: int) -> None:
        hand = self.hands[n]
        if not hand.arrived:
            return
        outgoing, state, external = hand.arrived.pop(0)
        self.do(self.store.settle(outgoing, state, external))
        if state is S.QUEUED:
            # It begins again with this part, as long as it has the lane.
            hand.forget()

    def worker_dies(self, n: int) -> None:
        hand = self.hands[n]
        self.hands[n] = Hand(f"w{next(self.ids)}")
        self.do(self.store.release_lanes(hand.name))

    def worker_hangs_beyond_its_lease(self, n: int, outcome: str) -> None:
        """It does not know, goes on with what it has read, and still says what became of what it had sent."""
        hand = self.hands[n]
        while hand.sending:
            self._arrives(hand, outcome)
        self.do(self.store.release_lanes(hand.name))

    # --- clerks, clock, platforms --------------------------------------------------------------------------

    @rule(
        chat=st.sampled_from(CHATS),
        clerk=st.sampled_from(CLERKS),
        verb=st.sampled_from(("claim", "claim", "write", "release", "hand_back", "resolve", "reopen", "seen")),
    )
    def clerk_acts(self, chat: str, clerk: Clerk, verb: str) -> None:
        if verb == "claim":
            self.clerk_claims(chat, clerk)
            return
        words = ("Guten Tag",) if verb == "write" else ()
        try:
            self.do(getattr(self.desk, verb)(clerk, self.name(chat), *words))
        except (NotNow, KeyError):
            return

    def clerk_claims(self, chat: str, clerk: Clerk) -> None:
        name = self.name(chat)
        before = self.held(name)
        for hand in self.hands:
            for outgoing in [o for o in hand.sending if o.conversation == name]:
                hand.sending.remove(outgoing)
                hand.sending.insert(0, outgoing)
                self._arrives(hand, "sent")  # the claim waits for it
        try:
            claimed = self.do(self.desk.claim(clerk, name))
        except (NotNow, KeyError):
            return
        assert before is None or not before.owner or before.owner == clerk.user
        assert claimed.owner == clerk.user
        self.taken_over[name] = claimed.epoch

    @rule(minutes=st.sampled_from((0.2, 1, 3, 40, 300, 1500)))
    def time_goes_by(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)
        for name in self.do(self.store.due(self.now)):
            try:
                self.do(self.desk.time_passed(name))
            except (NotNow, KeyError):
                continue

    @precondition(lambda self: self.externals)
    @rule(which=st.integers(0, 99), state=st.sampled_from((S.SENT, S.DELIVERED, S.READ, S.FAILED)))
    def platform_reports(self, which: int, state: DeliveryState) -> None:
        conversation, external = self.externals[which % len(self.externals)]
        self.do(self.store.report(conversation, external, state))

    # --- what always holds ---------------------------------------------------------------------------------

    @invariant()
    def one_owner_and_an_epoch_that_only_grows(self) -> None:
        for chat in CHATS:
            held = self.held(self.name(chat))
            if held is None:
                continue
            assert bool(held.owner) == (held.status is Status.ASSIGNED)
            assert held.epoch >= self.epochs[held.id]
            self.epochs[held.id] = held.epoch

    @invariant()
    def who_waits_or_is_assigned_is_in_the_queue_and_nobody_else(self) -> None:
        queue = {c.id: c.status for c, _ in self.do(self.store.queue(None, 100))}
        held = [c for chat in CHATS if (c := self.held(self.name(chat)))]
        assert queue == {c.id: c.status for c in held if c.status in (Status.WAITING, Status.ASSIGNED)}

    @invariant()
    def arrivals_are_handled_once_and_in_order(self) -> None:
        for chat in CHATS:
            heard = [line.id for line in self.do(self.store.transcript(self.name(chat))) if line.by == "citizen"]
            assert heard == [arrival.id for arrival in self.appended[self.name(chat)]][: len(heard)]

    @invariant()
    def parts_arrive_once_and_in_order(self) -> None:
        for chat in CHATS:
            lines = self.do(self.store.transcript(self.name(chat)))
            written = iter([part for line in lines for part in line.parts])
            assert all(part in written for part in self.screen[self.name(chat)])

    @invariant()
    def a_delivery_never_goes_back(self) -> None:
        for chat in CHATS:
            for part, state in self.do(self.store.deliveries(self.name(chat))).items():
                old = self.known.get((chat, part), state)
                assert RANK[state] >= RANK[old] or (old, state) in FORWARD, (old, state)
                self.known[chat, part] = state

    def teardown(self) -> None:
        """At last one worker remains, and nothing is left undone."""
        for n, hand in enumerate(self.hands):
            while hand.sending:
                self._arrives(hand, "sent")
            while hand.arrived:
                self.worker_settles(n)
            self.worker_dies(n)
        last = self.hands[0]
        for _ in range(1000):
            self.worker_renews(0)
            self.worker_looks(0)
            if not (last.tickets or last.leaving):
                break
            while last.tickets:
                self.worker_handles(0, 0, False)
            while last.leaving:
                self.worker_takes(0, 0)
                if last.sending:
                    self._arrives(last, "sent")
                    self.worker_settles(0)
        ages = self.do(self.store.ages())
        assert (ages.inbox, ages.outbox) == (0, 0)
        for chat in CHATS:
            heard = [line.id for line in self.do(self.store.transcript(self.name(chat))) if line.by == "citizen"]
            assert heard == [arrival.id for arrival in self.appended[self.name(chat)]]
            states = self.do(self.store.deliveries(self.name(chat)))
            assert not {S.QUEUED, S.SENDING} & set(states.values())
        self.parts_arrive_once_and_in_order()
        self.do(self.store.close())

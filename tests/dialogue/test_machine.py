"""Random lives of a conversation: what must hold whatever happens in whatever order."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bot.conversation import Conversation, NotNow, Status
from bot.deadlines import next_look
from bot.dialogue import step
from bot.effects import Erase, OpenHandoff, Say
from bot.events import (
    ClerkClaimed,
    ClerkHandedBack,
    ClerkReleased,
    ClerkReopened,
    ClerkResolved,
    ClerkSeen,
    ClerkTransferred,
    ClerkUndid,
    ClerkWrote,
    Event,
    FormLeft,
    LeaseExpired,
)
from faq.town import Form, Question
from tests.dialogue.builders import FRESH, MONDAY, POLICY, TWO_TEAMS, command, pressed, wrote

INTENTS = ("faq_question", "greet", "ask_human", "complain", "insult", "reject_answer", "affirm", "deny", "data_rights")
CLERKS = ("kim", "eve")
ASKED = tuple(Question(name, name, name, {"de": name}) for name in ("ort", "was"))
HALL = replace(TWO_TEAMS, forms=(Form("f", (), ("a",), {"de": "Hier melden"}, ASKED),))


class Life(RuleBasedStateMachine):
    """One conversation, two clerks, a clock."""

    def __init__(self) -> None:
        super().__init__()
        self.c: Conversation = FRESH
        self.now = MONDAY

    def happens(self, event: Event) -> list[Say]:
        before = self.c
        self.now += timedelta(seconds=30)
        try:
            turn = step(before, event, POLICY, HALL, self.now)
        except NotNow:
            return []
        self.c = turn.conversation
        says = [e for e in turn.effects if isinstance(e, Say)]
        assert self.c.epoch >= before.epoch
        assert (self.c.epoch > before.epoch) == (before.owner != self.c.owner or any_erase(turn.effects))
        met = before.unseen and not self.c.unseen
        if (
            not met
            and before.status is Status.ASSIGNED
            and self.c.status is Status.ASSIGNED
            and before.owner == self.c.owner
        ):
            spoken = [s.reply.key for s in says if s.by == "bot" and not s.urgent]
            allowed = {"help", "privacy", "handoff.already", "language.ask", "language.set", "stopped", "greeting"}
            assert set(spoken) <= allowed  # the citizen's own commands; nothing over the clerk's head
        begun = [e for e in turn.effects if isinstance(e, OpenHandoff)]
        stepped_in = isinstance(event, ClerkClaimed) and before.status is Status.BOT
        assert stepped_in == any(e.reason is None for e in begun)
        opened = sum(e.reason is not None for e in begun)
        told = sum(s.reply.key in ("handoff.open", "handoff.closed", "handoff.unknown") for s in says)
        assert opened == told <= 1
        waits_anew = self.c.status is Status.WAITING and before.status in (Status.BOT, Status.RESOLVED)
        assert waits_anew == (bool(opened) or (waits_anew and isinstance(event, ClerkUndid)))
        return says

    @rule(
        intent=st.sampled_from(INTENTS),
        decision=st.sampled_from(("answer", "clarify", "withhold")),
        found=st.lists(st.sampled_from("abcd"), min_size=1, max_size=4, unique=True),
    )
    def citizen_writes(self, intent: str, decision: str, found: list[str]) -> None:
        rejected = self.c.rejected
        event = wrote("eine frage zu etwas", intent, decision, tuple(found))
        self.happens(event)
        if rejected and self.c.rejected == rejected:
            assert self.c.entry not in rejected

    @rule(
        asked=st.lists(
            st.tuples(
                st.sampled_from(
                    ("was kostet ein hund?", "und was kostet das?", "keine ahnung", "wo bleibt mein antrag")
                ),
                st.sampled_from(INTENTS),
                st.sampled_from(("answer", "clarify", "withhold")),
                st.sampled_from("abcd"),
            ),
            min_size=2,
            max_size=3,
        )
    )
    def citizen_asks_several(self, asked: list[tuple[str, str, str, str]]) -> None:
        parts = tuple(wrote(text, intent, decision, (entry,)) for text, intent, decision, entry in asked)
        told = self.happens(replace(wrote(" ".join(text for text, *_ in asked)), parts=parts))
        rows = [say for say in told if any(choice.data == "f:+" for choice in say.reply.choices)]
        assert len(rows) <= 1
        answered = [say.reply.entry for say in told if say.reply.key == "answer"]
        assert len(answered) == len(set(answered))

    @rule(
        data=st.sampled_from(
            (
                "a:a",
                "n",
                "f:+",
                "f:-",
                "h:yes",
                "h:no",
                "h:cancel",
                "l:en",
                "d:yes",
                "zzz",
                "i:go:f",
                "i:skip:0",
                "i:now",
            )
        )
    )
    def citizen_presses(self, data: str) -> None:
        self.happens(pressed(data, "a", "b"))

    @rule(name=st.sampled_from(("start", "hilfe", "mensch", "sprache", "meinedaten", "loeschen", "stop")))
    def citizen_commands(self, name: str) -> None:
        self.happens(command(name))

    @rule(clerk=st.sampled_from(CLERKS), verb=st.integers(0, 5))
    def clerk_acts(self, clerk: str, verb: int) -> None:
        kinds = (ClerkClaimed, ClerkReleased, ClerkHandedBack, ClerkResolved, ClerkReopened)
        self.happens(ClerkWrote(clerk, clerk, "Guten Tag") if verb == 5 else kinds[verb](clerk, clerk))

    @rule(
        clerk=st.sampled_from(CLERKS),
        to=st.sampled_from(("", *CLERKS)),
        there=st.booleans(),
        anyway=st.booleans(),
        leads=st.booleans(),
    )
    def clerk_transfers(self, clerk: str, to: str, there: bool, anyway: bool, leads: bool) -> None:
        before = self.c
        team = "t" if to else "u"
        self.happens(ClerkTransferred(clerk, clerk, team, to, to, "", there, "", anyway, leads))
        if self.c != before:
            assert there or (anyway and not to)
            assert self.c.owner == to
            assert self.c.team == team
            assert self.c.waiting_since == before.waiting_since

    @rule(clerk=st.sampled_from(CLERKS), looked=st.booleans())
    def clerk_looks(self, clerk: str, looked: bool) -> None:
        told = self.happens(ClerkSeen(clerk, clerk, looked))
        assert [say.reply.key for say in told] in ([], ["handoff.joined"])

    @rule(clerk=st.sampled_from(CLERKS), verb=st.sampled_from(("release", "transfer", "back", "resolve")))
    def clerk_undoes(self, clerk: str, verb: str) -> None:
        was = self.c.before
        self.happens(ClerkUndid(clerk, clerk, verb))
        if was and (was.clerk, was.verb) == (clerk, verb):
            now = self.c
            assert (now.status, now.owner, now.team, now.reason) == (was.status, was.owner, was.team, was.reason)
            assert (now.waiting_since, now.due) == (was.waiting_since, was.due)
            assert now.before is None

    @rule(minutes=st.integers(0, 10))
    def clock_ticks(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self.happens(LeaseExpired())
        self.happens(FormLeft())

    @invariant()
    def an_owner_is_there_exactly_while_assigned(self) -> None:
        assert bool(self.c.owner) == (self.c.status is Status.ASSIGNED)
        assert (self.c.lease_until is not None) == (self.c.status is Status.ASSIGNED)

    @invariant()
    def who_waits_has_a_reason_a_team_and_a_time(self) -> None:
        if self.c.status in (Status.WAITING, Status.ASSIGNED):
            assert self.c.reason is not None
            assert self.c.team or self.c.status is Status.ASSIGNED
            assert self.c.waiting_since is not None

    @invariant()
    def who_was_given_it_and_has_not_looked_is_its_owner(self) -> None:
        if self.c.unseen:
            assert self.c.status is Status.ASSIGNED
            assert self.c.before is not None
            assert self.c.before.clerk != self.c.owner

    @invariant()
    def a_form_is_asked_only_by_the_bot_and_never_beyond_its_end(self) -> None:
        if self.c.asks:
            assert self.c.status is Status.BOT
            assert self.c.intake is not None
            assert len(self.c.intake.answers) < len(ASKED)
            assert next_look(self.c, POLICY) is not None

    @invariant()
    def it_survives_being_written_down(self) -> None:
        assert Conversation.from_json(self.c.to_json()) == self.c


def any_erase(effects: tuple[object, ...]) -> bool:
    return any(isinstance(e, Erase) for e in effects)


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=30)

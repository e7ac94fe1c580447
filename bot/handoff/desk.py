"""The clerks' verbs: each is one event through the same step(). The console calls these and nothing else."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from bot.attachments.attachment import Attachment
from bot.conversation import Conversation, Line, NotNow, Outcome
from bot.deadlines import overdue
from bot.events import (
    AttachmentWanted,
    ClerkCalled,
    ClerkClaimed,
    ClerkHandedBack,
    ClerkNoted,
    ClerkReleased,
    ClerkReopened,
    ClerkResolved,
    ClerkSeen,
    ClerkTransferred,
    ClerkUndid,
    ClerkWrote,
    Event,
    NoteWithdrawn,
)
from bot.handoff.callback import Call
from bot.handoff.once import SaidAlready, sent_once
from bot.message import DeliveryState, Templated
from bot.outbox import SEND_SECONDS
from bot.store.protocol import Conflict
from bot.turns import Turns

LISTED = 200  # of the waiting, and of the assigned: more nobody reads
CALLS = 1000  # open conversations that are looked at for wanted calls
LOOK_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Clerk:
    """Who acts: `user` is the account's name, `name` what citizens read. No teams means every team."""

    user: str
    name: str
    teams: frozenset[str] = frozenset()
    leads: bool = False  # may pass on what others have in hand

    def sees(self, conversation: Conversation) -> bool:
        """May this clerk look at it? A conversation in the bot's hands belongs to no team yet."""
        return not self.teams or not conversation.team or conversation.team in self.teams


@dataclass(frozen=True, slots=True)
class Opened:
    """A conversation as the console shows it. `deliveries`: the worst state of each line's parts, by line id."""

    conversation: Conversation
    version: int
    lines: tuple[Line, ...]
    deliveries: dict[str, DeliveryState]
    attachments: Mapping[str, Attachment] = field(default_factory=dict)  # by id


class Desk:
    """Verbs raise bot.conversation.NotNow with a reason, KeyError for an unknown conversation (also one of another
    team: nobody learns that it exists)."""

    def __init__(self, turns: Turns, patience: float = 1.0) -> None:
        """`patience`: seconds that a claim waits for what is queued, so that its clerk has the last word."""
        self._turns, self._patience = turns, patience
        self._store = turns.store

    async def queue(self, clerk: Clerk, limit: int = LISTED) -> list[Conversation]:
        """Waiting and assigned conversations the clerk may see, in the order in which they should be taken.

        The order is min(promised time, end of the WhatsApp window), then waiting since; the waiting ones first, at
        most `limit` of each.
        """
        return [c for c, _ in await self._store.queue(_teams(clerk), limit)]

    async def waiting(self, clerk: Clerk) -> int:
        """How many wait that the clerk may see, listed or not."""
        return await self._store.waiting(_teams(clerk))

    async def recent(self, clerk: Clerk, limit: int = 50) -> list[Conversation]:
        """The latest conversations, whoever has them."""
        return [c for c in await self._store.recent(limit) if clerk.sees(c)]

    async def look(self, clerk: Clerk, conversation: str) -> Conversation:
        """One conversation without its words."""
        held = await self._store.load(conversation)
        if held.conversation is None or not clerk.sees(held.conversation):
            raise KeyError(conversation)
        return held.conversation

    async def open(self, clerk: Clerk, conversation: str) -> Opened:
        """One conversation with its transcript."""
        held = await self._store.load(conversation)
        if held.conversation is None or not clerk.sees(held.conversation):
            raise KeyError(conversation)
        lines = await self._store.transcript(conversation)
        states = await self._store.deliveries(conversation)
        shown = {
            line.id: min((states.get(p, DeliveryState.QUEUED) for p in line.parts), key=_worst)
            for line in lines
            if line.parts
        }
        some = any(line.attachments for line in lines)
        files = {a.id: a for a in await self._store.attachments(conversation)} if some else {}
        return Opened(held.conversation, held.version, tuple(lines), shown, files)

    async def claim(self, clerk: Clerk, conversation: str) -> Conversation:
        """Take it; refused while another clerk has it. Once this returns, the bot has fallen silent: what it was
        sending has arrived, or is unknown."""
        claimed = await self._do(
            clerk, conversation, ClerkClaimed(clerk.user, clerk.name, min(clerk.teams, default=""))
        )
        await self._silence(conversation)
        return claimed

    async def seen(self, clerk: Clerk, conversation: str, looked: bool = False) -> Conversation:
        """Renew the lease. `looked`: at the conversation itself, not only at a list in which it stands."""
        return await self._do(clerk, conversation, ClerkSeen(clerk.user, clerk.name, looked))

    async def write(
        self, clerk: Clerk, conversation: str, text: str, revision: str = "", epoch: int | None = None, once: str = ""
    ) -> Conversation:
        """Answer the citizen, with own words or with an entry's revision. `once` names the sending: the same one again
        says nothing more."""
        event = ClerkWrote(clerk.user, clerk.name, text, revision, epoch, line=once)
        return await self._do(clerk, conversation, event)

    async def write_template(
        self, clerk: Clerk, conversation: str, template: Templated, text: str, epoch: int | None, once: str = ""
    ) -> Conversation:
        """Send an approved template; `text` is what the citizen reads, for the transcript."""
        event = ClerkWrote(clerk.user, clerk.name, text, epoch=epoch, template=template, line=once)
        return await self._do(clerk, conversation, event)

    async def send_file(
        self, clerk: Clerk, conversation: str, file: Attachment, epoch: int | None, once: str = ""
    ) -> Conversation:
        """Send the citizen a file that was taken in (READY)."""
        event = ClerkWrote(clerk.user, clerk.name, "", epoch=epoch, attachment=file, line=once)
        return await self._do(clerk, conversation, event)

    async def fetch(self, clerk: Clerk, conversation: str, attachment: str) -> Conversation:
        """Have a citizen's file fetched that is not here."""
        opened = await self.open(clerk, conversation)
        found = opened.attachments[attachment]
        return await self._do(clerk, conversation, AttachmentWanted(clerk.user, clerk.name, found))

    async def note(self, clerk: Clerk, conversation: str, text: str) -> Conversation:
        """Write something the citizen does not see."""
        return await self._do(clerk, conversation, ClerkNoted(clerk.user, clerk.name, text))

    async def withdraw_note(self, clerk: Clerk, conversation: str, line: str) -> Conversation:
        """Take an own note back."""
        opened = await self.open(clerk, conversation)
        note = next((x for x in opened.lines if x.id == line and x.by == "note"), None)
        if note is None or note.user != clerk.user or line in withdrawn(opened.lines):
            raise NotNow("not.your_note")
        return await self._do(clerk, conversation, NoteWithdrawn(clerk.user, clerk.name, line))

    async def release(self, clerk: Clerk, conversation: str) -> Conversation:
        """Back to the queue with its old waiting time."""
        return await self._do(clerk, conversation, ClerkReleased(clerk.user, clerk.name))

    async def to_team(
        self, clerk: Clerk, conversation: str, team: str, there: bool, note: str = "", anyway: bool = False
    ) -> Conversation:
        """On to the queue of a team. `there`: is anybody of it here? If nobody is, `anyway` must be meant."""
        event = ClerkTransferred(clerk.user, clerk.name, team, note=note, there=there, anyway=anyway, leads=clerk.leads)
        return await self._do(clerk, conversation, event)

    async def to_colleague(
        self, clerk: Clerk, conversation: str, colleague: Clerk, away: str | None, note: str = ""
    ) -> Conversation:
        """At once into a colleague's hands. `away`: None while they are here, why they are away, "" for gone."""

        def passed(c: Conversation) -> Event:
            there, reason = away is None, away or ""
            team = c.team if colleague.sees(c) and c.team else min(colleague.teams, default=self._default_team())
            names = (clerk.user, clerk.name, team, colleague.user, colleague.name)
            return ClerkTransferred(*names, note, there, reason, leads=clerk.leads)

        return await self._do(clerk, conversation, passed)

    async def undo(self, clerk: Clerk, conversation: str, verb: str) -> Conversation:
        """Take the clerk's own last verb back, also when it is another team's by now."""
        return await self._do(clerk, conversation, ClerkUndid(clerk.user, clerk.name, verb))

    async def undoable(self, clerk: Clerk, conversation: str) -> Conversation | None:
        """The conversation, if this clerk's last verb on it can be undone."""
        held = await self._store.load(conversation)
        return held.conversation if held.conversation and _undoable(clerk, held.conversation) else None

    async def hand_back(self, clerk: Clerk, conversation: str) -> Conversation:
        """Back to the bot."""
        return await self._do(clerk, conversation, ClerkHandedBack(clerk.user, clerk.name))

    async def resolve(self, clerk: Clerk, conversation: str, outcome: Outcome = Outcome.ANSWERED) -> Conversation:
        """Done, with this outcome."""
        return await self._do(clerk, conversation, ClerkResolved(clerk.user, clerk.name, outcome))

    async def callbacks(self, clerk: Clerk) -> list[Conversation]:
        """Open conversations whose citizens want to be called: those that are due first, who has waited for it longest
        before the others; then who is called again later, and who was reached."""
        now, found = self._turns.now(), []
        for c in await self.queue(clerk, CALLS):
            if (call := c.callback) and not call.done:
                later = call.again is not None and now < call.again
                found.append((bool(call.reached), later, call.again if later else call.since, c))
        return [c for *_, c in sorted(found, key=lambda one: one[:3])]

    async def call(self, clerk: Clerk, conversation: str, call: Call) -> Conversation:
        """What became of a call. Done: who waited only for it waits no more."""
        return await self._do(clerk, conversation, ClerkCalled(clerk.user, clerk.name, call))

    async def reopen(self, clerk: Clerk, conversation: str) -> Conversation:
        """Go on with a resolved one."""
        return await self._do(clerk, conversation, ClerkReopened(clerk.user, clerk.name))

    async def time_passed(self, conversation: str) -> Conversation:
        """The clock's verb: whatever is overdue happens. Raises NotNow when nothing is."""

        async def judge(c: Conversation) -> Event:
            event = overdue(c, self._turns.policy, self._turns.now())
            if event is None:
                raise NotNow("not.overdue")
            return event

        try:
            return (await self._turns.apply(conversation, judge)).conversation
        except Conflict:
            raise NotNow("busy") from None

    async def _silence(self, conversation: str) -> None:
        """Wait until the house says nothing more by itself: for what is being sent, at most a send's time limit, then
        nobody knows what became of it; for the notice that a person is here now, as long as is not felt. Whatever
        else is queued is dropped when its turn comes."""
        began = time.monotonic()
        while left := [u for u in await self._store.unsettled(conversation) if u.by == "bot"]:
            flying = [u.part for u in left if u.state is DeliveryState.SENDING]
            took = time.monotonic() - began
            if not flying and took > self._patience:
                return
            if took > SEND_SECONDS + 1.0:
                for part in flying:
                    await self._store.doubt(conversation, part)
                return
            await asyncio.sleep(LOOK_SECONDS)

    def _default_team(self) -> str:
        return next(iter(self._turns.calendar.town.teams))

    async def _do(
        self, clerk: Clerk, conversation: str, event: Event | Callable[[Conversation], Event]
    ) -> Conversation:
        async def judge(c: Conversation) -> Event:
            if not clerk.sees(c) and not (isinstance(event, ClerkUndid) and _undoable(clerk, c)):
                raise KeyError(conversation)
            made = event(c) if callable(event) else event
            return await self._once(conversation, made) if isinstance(made, ClerkWrote) and made.line else made

        try:
            return (await self._turns.apply(conversation, judge)).conversation
        except SaidAlready:
            return await self.look(clerk, conversation)
        except Conflict:
            raise NotNow("busy") from None  # others changed it faster than it could be judged again

    async def _once(self, conversation: str, event: ClerkWrote) -> ClerkWrote:
        # Read after the state that is judged: what is kept in between is a conflict, and judged again.
        lines = await self._store.transcript(conversation)
        files = {a.id: a for a in await self._store.attachments(conversation)} if event.attachment else {}
        return sent_once(event, lines, files)


def withdrawn(lines: Iterable[Line]) -> set[str]:
    """Ids of the notes that were taken back."""
    return {line.text for line in lines if line.what == "note_withdrawn"}


def _undoable(clerk: Clerk, c: Conversation) -> bool:
    return c.before is not None and c.before.clerk == clerk.user


def _teams(clerk: Clerk) -> set[str] | None:
    # A conversation without a team is everybody's.
    return {*clerk.teams, ""} if clerk.teams else None


def _worst(state: DeliveryState) -> int:
    """What a clerk must know first: trouble, then the slowest part."""
    order = ("unknown", "failed", "dropped", "queued", "sending", "sent", "delivered", "read")
    return order.index(state)

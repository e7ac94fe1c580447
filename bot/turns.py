"""Load, judge, put into words, keep: the one way in which an event becomes state. Reception, desk and clock use it."""

import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from bot.attachments.attachment import MOST, Attachment, Enclosed, Fate
from bot.attachments.vault import Vault, VaultUnavailable
from bot.calendar import Calendar
from bot.channels.channel import Channel
from bot.conversation import Conversation, Line, NotNow
from bot.deadlines import next_look, place
from bot.dialogue import step
from bot.document import to_json
from bot.effects import Bring, Erase, OpenHandoff, Rated, Record, Reply, Say, Turn
from bot.events import CitizenWrote, ClerkFellSilent, ClerkSeen, Event, LeaseExpired
from bot.facts.making import Stamp, facts_of
from bot.handoff.fact import Handoff
from bot.handoff.forecast import Forecast, Here, somebody
from bot.handoff.noting import noted
from bot.inforce import release_of
from bot.logs import name_of
from bot.message import Spoken
from bot.metrics.metrics import Metrics
from bot.phrasebook import Phrasebook, export_text
from bot.policy import Policy, townhall_at
from bot.privacy.masking import mask
from bot.render import plain
from bot.store.protocol import Conflict, Sending, Store, Ticket, Write

log = logging.getLogger(__name__)
ATTEMPTS = 20  # a conflict needs somebody else's write in between: so many in a row is a fault
WAITING = ("handoff.open", "handoff.still")  # replies that say how long it takes


class Turns:
    """Applies events to conversations. `now` gives aware UTC."""

    def __init__(
        self,
        store: Store,
        phrasebook: Phrasebook,
        channels: Mapping[str, Channel],
        policy: Policy,
        calendar: Calendar,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        metrics: Metrics | None = None,
        vault: Vault | None = None,
        here: Here = somebody,
    ) -> None:
        """`vault`: where files lie; what is erased goes from there, too. `here`: is anybody of a team here?"""
        self.vault = vault
        self.metrics = metrics or Metrics()
        self.store, self.phrasebook, self.channels, self.policy = store, phrasebook, channels, policy
        self.calendar, self.now = calendar, now
        self._forecast = Forecast(store, calendar, self._window, here)

    async def apply(
        self,
        conversation: str,
        judge: Callable[[Conversation], Awaitable[Event]],
        fresh: Conversation | None = None,
        line: Callable[[Event], Line] | None = None,
        ticket: Ticket | None = None,
    ) -> Turn:
        """Judge the event that `judge` makes of the loaded conversation, and keep the turn.

        `fresh` is used when there is no such conversation yet, `line` makes the transcript line of what came in.
        Raises NotNow, AlreadyDone, StoreUnavailable; KeyError for a conversation that does not exist.
        """
        number = 0
        for _ in range(ATTEMPTS):
            held = await self.store.load(conversation)
            loaded = held.conversation or fresh
            if loaded is None:
                raise KeyError(conversation)
            event, now = await judge(loaded), self.now()
            townhall = townhall_at(self.calendar, now)
            turn = step(loaded, event, self.policy, townhall, now)
            if any(isinstance(e, OpenHandoff) for e in turn.effects):
                number = number or await self.store.next_number()
                turn = replace(turn, conversation=replace(turn.conversation, number=number))
            turn = replace(turn, conversation=noted(loaded, turn.conversation, event, townhall, now))
            came = event.message.attachments if isinstance(event, CitizenWrote) else ()
            write = await self._written(turn, line(event) if line else None, came, now)
            write = replace(
                write,
                sendings=_answering(write.sendings, ticket),
                handoff=_changed(turn, loaded),
                quiet=isinstance(event, ClerkSeen) and not turn.effects,
                look=next_look(write.conversation, self.policy),
                urgency=place(write.conversation, self._window(write.conversation.channel)),
                facts=facts_of(loaded, event, turn, self._stamp(held.version + 1, now), self.phrasebook),
            )
            try:
                await self.store.keep(conversation, held.version, write, ticket)
            except Conflict:
                self.metrics.conflicts.inc()
                continue
            if write.erase:
                await self._forget(conversation)
            self._count(turn, event, ticket)
            return replace(turn, conversation=write.conversation)
        raise Conflict(conversation)

    def _stamp(self, version: int, now: datetime) -> Stamp:
        return Stamp(version, now, now.astimezone(self.calendar.zone).date())

    def _window(self, channel: str) -> float | None:
        known = self.channels.get(channel)
        return known.limits.window if known else None

    async def _forget(self, conversation: str) -> None:
        """What this misses, because the disk or the process fails now, the clock finds (bot.attachments.tidying)."""
        try:
            if self.vault:
                await self.vault.forget(conversation)
        except VaultUnavailable:
            log.error("files of an erased conversation are left for later", extra={"conversation": conversation})

    def _count(self, turn: Turn, event: Event, ticket: Ticket | None) -> None:
        for effect in turn.effects:
            if isinstance(effect, OpenHandoff) and effect.reason:
                self.metrics.handoffs.labels(str(effect.reason)).inc()
        if isinstance(event, LeaseExpired | ClerkFellSilent):
            kind = "lease_expired" if isinstance(event, LeaseExpired) else "clerk_fell_silent"
            self.metrics.lease_expiries.labels(kind).inc()
        if ticket and ticket.arrived and turn.replies:
            waited = max(0.0, time.time() - ticket.arrived)
            self.metrics.turns.labels(ticket.arrival.channel).observe(waited)

    async def _written(self, turn: Turn, incoming: Line | None, came: tuple[Attachment, ...], now: datetime) -> Write:
        c = turn.conversation
        erase = any(isinstance(e, Erase) for e in turn.effects)
        # What came in together with "erase everything" is not kept either.
        lines = [incoming] if incoming and not erase else []
        attachments: dict[str, Attachment] = {a.id: a for a in came} if lines else {}
        sendings: list[Sending] = []
        for effect in turn.effects:
            if isinstance(effect, Bring):
                if came and len(await self.store.attachments(c.id)) >= MOST:
                    continue  # nobody can fill the disk by asking for a person; a clerk may still ask for each
                asked = (a for a in effect.attachments if a.fate in (Fate.HELD, Fate.FAILED))
                attachments |= {a.id: replace(a, fate=Fate.QUEUED, reason="", tries=0) for a in asked}
            elif isinstance(effect, Record):
                text = effect.text
                entry = text if effect.key.startswith("feedback") else ""
                lines.append(
                    Line(
                        _id(),
                        effect.by,
                        now,
                        text or effect.key,
                        mask(text),
                        effect.name,
                        entry=entry,
                        what=effect.key,
                        user=effect.user,
                    )
                )
            elif isinstance(effect, Say):
                if effect.by == "bot" and c.channel not in self.channels:
                    continue  # a messenger that was switched off keeps no conversation in anybody's hands
                spoken = await self._spoken(effect.reply, c, now)
                line, parts = self._line(effect, spoken, c, now)
                if c.entry and c.entry == line.entry and line.revision:
                    c = replace(c, revision=line.revision)
                lines.append(line)
                sendings += parts
                if sent := effect.reply.attachment:
                    attachments[sent.id] = sent
                if effect.by == "bot":
                    c = replace(c, shown=tuple((b.data, b.label) for b in spoken.buttons))
        return Write(c, tuple(lines), tuple(sendings), erase, attachments=tuple(attachments.values()))

    async def _spoken(self, reply: Reply, c: Conversation, now: datetime) -> Spoken:
        params = dict(reply.params)
        if reply.key in WAITING:
            params |= await self._forecast.told(c, now)
        export = await self.export(c) if reply.file else ""
        language = c.language or self.policy.languages[0]
        spoken = self.phrasebook.compose(replace(reply, params=params), language, now, c.number, export)
        if a := reply.attachment:
            spoken = replace(spoken, enclosed=Enclosed(c.id, a.digest, a.name, a.media_type, a.size))
        return replace(spoken, template=reply.template)

    def _line(self, say: Say, spoken: Spoken, c: Conversation, now: datetime) -> tuple[Line, list[Sending]]:
        channel = self.channels.get(c.channel)
        if channel is None:
            raise NotNow("channel.off")
        line_id = say.line or _id()
        parts = channel.render(spoken)
        sendings = [
            Sending(f"{line_id}.{n}", line_id, c.channel, c.chat, part, say.by, say.urgent)
            for n, part in enumerate(parts)
        ]
        text = plain(spoken.document)
        line = Line(
            line_id,
            say.by,
            now,
            text,
            mask(text) if say.by == "clerk" else "",
            say.name,
            to_json(spoken.document),
            spoken.footer,
            tuple((b.data, b.label) for b in spoken.buttons),
            parts=tuple(s.id for s in sendings),
            entry=say.reply.entry,
            revision=spoken.revision or say.reply.revision,
            release=release_of(spoken.revision, say.reply.entry),
            what=say.reply.key,
            attachments=(say.reply.attachment.id,) if say.reply.attachment else (),
        )
        return line, sendings

    async def export(self, c: Conversation) -> str:
        """Everything stored on this conversation, readable, in the citizen's language."""
        language = c.language or self.policy.languages[0]

        def word(key: str) -> str:
            return self.phrasebook.words(language, key)

        def local(at: datetime) -> str:
            return at.astimezone(self.calendar.zone).strftime("%Y-%m-%d %H:%M")

        about = {
            "id": c.id,
            "channel": c.channel,
            "address": c.chat,
            "name": c.sender,
            "language": c.language,
            "status": str(c.status),
            "number": str(c.number or ""),
            "team": c.team,
            "call back": c.callback.phone if c.callback else "",
        }
        files = {file.id: file.name for file in await self.store.attachments(c.id)}
        lines = []
        for line in await self.store.transcript(c.id):
            who = {"citizen": "export.citizen", "bot": "export.bot", "clerk": "export.clerk"}.get(
                line.by, "export.event"
            )
            meant = line.understanding.get("intent", "")
            text = line.text + (f"  ({meant})" if meant else "") + (f" [{line.what}]" if not line.text else "")
            text += "".join(f" [{files[ident]}]" for ident in line.attachments if ident in files)
            lines.append({"at": local(line.at), "who": f"{word(who)} {line.name}".strip(), "text": text})
        return export_text(lines, about, word("export.title"))


def _answering(sendings: tuple[Sending, ...], ticket: Ticket | None) -> tuple[Sending, ...]:
    """Each part knows which arrival it answers; the last one also since when the citizen has waited for it."""
    if ticket is None:
        return sendings
    named = [replace(s, arrival=name_of(ticket.arrival.channel, ticket.arrival.id)) for s in sendings]
    return (*named[:-1], *(replace(last, arrived=ticket.arrived) for last in named[-1:]))


def _changed(turn: Turn, loaded: Conversation) -> Handoff | None:
    """The fact of a handoff that this turn changed: the last one's, or an older one's that was rated."""
    rated = next((e.handoff for e in turn.effects if isinstance(e, Rated)), None)
    last = turn.conversation.handoff
    return rated or (last if last != loaded.handoff else None)


def _id() -> str:
    return secrets.token_hex(6)

"""step(conversation, event, policy, townhall, now) -> Turn: all judgement of the product, no I/O.

Citizen, clerk and clock are judged by the same function. What a citizen wrote is judged in bot.judgement; here
is who may speak.
"""

from dataclasses import replace
from datetime import datetime

from bot.attachments.attachment import Fate
from bot.conversation import Before, Change, Conversation, NotNow, Outcome, Reason, Status
from bot.deadlines import overdue
from bot.effects import Bring, Effect, OpenHandoff, Record, Reply, Say, Turn
from bot.events import (
    AttachmentWanted,
    CitizenFellSilent,
    CitizenStayedAway,
    CitizenWrote,
    ClerkCalled,
    ClerkClaimed,
    ClerkFellSilent,
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
    FormLeft,
    LeaseExpired,
    NoteWithdrawn,
)
from bot.handoff.callback import Call
from bot.judgement import judge
from bot.judging.again import done_already
from bot.judging.calling import called
from bot.judging.choices import HUMAN
from bot.judging.filling import to_people
from bot.judging.passing import NOBODY_OWES, in_charge, met, transferred, undone
from bot.judging.rating import thumbs
from bot.policy import Policy, Townhall


def step(conversation: Conversation, event: Event, policy: Policy, townhall: Townhall, now: datetime) -> Turn:
    """The next conversation and what is to be done; `now` is aware UTC. Raises NotNow when it may not happen."""
    if done_already(conversation, event, now):
        return Turn(conversation)
    match event:
        case CitizenWrote():
            return judge(conversation, event, policy, townhall, now)
        case ClerkClaimed():
            return _claimed(conversation, event, policy, townhall, now)
        case ClerkSeen():
            in_charge(conversation, event.clerk)
            seen, told = met(conversation, event) if event.looked else (conversation, ())
            return Turn(replace(seen, lease_until=now + policy.lease), told)
        case ClerkWrote():
            return _wrote(conversation, event, policy, now)
        case ClerkNoted():
            return Turn(conversation, (Record(by="note", name=event.name, text=event.text, user=event.clerk),))
        case AttachmentWanted():
            if event.attachment.fate not in (Fate.HELD, Fate.FAILED) or not event.attachment.source:
                raise NotNow("file.not_wanted")
            return Turn(conversation, (Bring((event.attachment,)),))
        case NoteWithdrawn():
            return Turn(conversation, (Record("note_withdrawn", name=event.name, text=event.line),))
        case ClerkReleased():
            in_charge(conversation, event.clerk)
            released = _back_to_queue(conversation, Change.CLERK_RELEASED, event.name)
            return _undoable(released, "release", event.clerk, conversation)
        case ClerkTransferred():
            return transferred(conversation, event, policy, townhall, now)
        case ClerkUndid():
            return undone(conversation, event, policy, townhall, now)
        case ClerkHandedBack():
            return _undoable(_handed_back(conversation, event), "back", event.clerk, conversation)
        case ClerkResolved():
            return _undoable(_resolved(conversation, event, now), "resolve", event.clerk, conversation)
        case ClerkCalled():
            return _called(conversation, event, now)
        case ClerkReopened():
            reopened = conversation.moved(
                Change.CLERK_REOPENED,
                owner=event.clerk,
                lease_until=now + policy.lease,
                clerk_owes=now,
                resolved_at=None,
                waiting_since=now,
                reason=Reason.ASKED,
                team=conversation.team or _team_for(conversation, townhall),
            )
            # They read last that the machine answers next.
            joined = Say(Reply("handoff.joined", {"name": event.name}))
            return Turn(reopened, (Record("reopened", name=event.name), joined))
        case LeaseExpired() | ClerkFellSilent() | CitizenFellSilent() | CitizenStayedAway() | FormLeft():
            # The clock looked at what it had read; somebody may have done something since.
            if overdue(conversation, policy, now) != event:
                raise NotNow("not.overdue")
            if isinstance(event, FormLeft):
                return to_people(conversation, townhall, now)
            return _overdue(conversation, event, now)


def _overdue(
    conversation: Conversation,
    event: LeaseExpired | ClerkFellSilent | CitizenFellSilent | CitizenStayedAway,
    now: datetime,
) -> Turn:
    match event:
        case LeaseExpired() | ClerkFellSilent():
            change = Change.LEASE_EXPIRED if isinstance(event, LeaseExpired) else Change.CLERK_FELL_SILENT
            turn = _back_to_queue(conversation, change, "")
            # Once per lapse: the citizen learns that somebody else will answer.
            return replace(turn, effects=(*turn.effects, Say(Reply("handoff.requeued"))))
        case CitizenFellSilent():
            reminded = replace(conversation, reminded=now)
            return Turn(reminded, (Record("citizen_reminded"), Say(Reply("handoff.reminder"))))
        case CitizenStayedAway():
            closed = conversation.moved(Change.CITIZEN_STAYED_AWAY, **_AT_REST, resolved_at=now)
            said = Say(Reply("handoff.closed_silent", choices=(HUMAN,)))
            return Turn(closed, (Record("citizen_stayed_away"), said))


def _undoable(turn: Turn, verb: str, clerk: str, before: Conversation) -> Turn:
    return replace(turn, conversation=replace(turn.conversation, before=Before.of(verb, clerk, before)))


def _claimed(
    conversation: Conversation, event: ClerkClaimed, policy: Policy, townhall: Townhall, now: datetime
) -> Turn:
    if conversation.status is Status.ASSIGNED and conversation.owner != event.clerk:
        raise NotNow("other.owner")
    if conversation.owner == event.clerk:
        return Turn(replace(conversation, lease_until=now + policy.lease))
    claimed = conversation.moved(
        Change.CLERK_CLAIMED,
        owner=event.clerk,
        lease_until=now + policy.lease,
        waiting_since=conversation.waiting_since or now,
        team=conversation.team or event.team or _team_for(conversation, townhall),
        reason=conversation.reason or Reason.ASKED,
        offered=(),
        pending="",
        misses=0,
        clerk_owes=now,
        citizen_owes=None,
        reminded=None,
    )
    joined = Say(Reply("handoff.joined", {"name": event.name}))
    opened = (OpenHandoff(None),) if conversation.status is Status.BOT else ()
    return Turn(claimed, (*opened, Record("claimed", name=event.name), joined))


def _wrote(conversation: Conversation, event: ClerkWrote, policy: Policy, now: datetime) -> Turn:
    in_charge(conversation, event.clerk)
    if event.epoch is not None and event.epoch != conversation.epoch:
        raise NotNow("stale.page")
    if not event.text.strip() and not event.revision and not event.attachment:
        raise NotNow("empty.reply")
    conversation, told = met(conversation, event)
    reply = Reply(
        "answer.by_clerk" if event.revision else "clerk",
        revision=event.revision,
        text=event.text,
        attachment=event.attachment,
        template=event.template,
    )
    written = replace(conversation, lease_until=now + policy.lease, clerk_owes=None, citizen_owes=now, reminded=None)
    return Turn(written, (*told, Say(reply, by="clerk", name=event.name, line=event.line)))


def _back_to_queue(conversation: Conversation, change: Change, name: str) -> Turn:
    waiting = conversation.moved(change, owner="", **NOBODY_OWES)
    return Turn(waiting, (Record(str(change), name=name),))


def _handed_back(conversation: Conversation, event: ClerkHandedBack) -> Turn:
    if conversation.status is Status.ASSIGNED:
        in_charge(conversation, event.clerk)
    bot = conversation.moved(Change.CLERK_HANDED_BACK, **_AT_REST)
    # The law wants the machine named again when it takes over from a person.
    effects: tuple[Effect, ...] = (Record("handed_back", name=event.name), Say(Reply("handoff.back")))
    return Turn(bot, effects)


def _resolved(conversation: Conversation, event: ClerkResolved, now: datetime) -> Turn:
    if conversation.status is Status.ASSIGNED:
        in_charge(conversation, event.clerk)
    resolved = conversation.moved(Change.CLERK_RESOLVED, **_AT_REST, resolved_at=now, outcome=event.outcome)
    done = Record("resolved", name=event.name, text=event.outcome)
    if event.outcome is Outcome.SPAM:
        return Turn(resolved, (done,))  # whoever sends that learns nothing
    rate = thumbs(resolved)
    said = Say(Reply("handoff.resolved", choices=(*rate, HUMAN), after="rating.ask" if rate else ""))
    return Turn(resolved, (done, said))


def _called(c: Conversation, event: ClerkCalled, now: datetime) -> Turn:
    """Who was waiting only for the call waits for nothing more once it is done."""
    noted = called(c, event, now)
    if event.call is not Call.DONE or c.status is not Status.WAITING:
        return noted
    resolved = _undoable(_resolved(c, ClerkResolved(event.clerk, event.name), now), "resolve", event.clerk, c)
    return replace(resolved, effects=(*noted.effects, *resolved.effects))


_AT_REST = {**NOBODY_OWES, "owner": "", "waiting_since": None, "due": None, "misses": 0, "reason": None}


def _team_for(c: Conversation, townhall: Townhall) -> str:
    return townhall.team(c.topic, c.district, c.language)

"""step(conversation, event, policy, townhall, now) -> Turn: all judgement of the product, no I/O.

Citizen, clerk and clock are judged by the same function. What a citizen wrote is judged in bot.judgement; here
is who may speak.
"""

from dataclasses import replace
from datetime import datetime

from bot.conversation import Change, Conversation, NotNow, Reason, Status
from bot.events import (
    Choice,
    CitizenWrote,
    ClerkClaimed,
    ClerkHandedBack,
    ClerkNoted,
    ClerkReleased,
    ClerkReopened,
    ClerkResolved,
    ClerkSeen,
    ClerkWrote,
    Effect,
    Event,
    LeaseExpired,
    Record,
    Reply,
    Say,
    Turn,
)
from bot.judgement import judge
from bot.policy import Policy, Townhall


def step(conversation: Conversation, event: Event, policy: Policy, townhall: Townhall, now: datetime) -> Turn:
    """The next conversation and what is to be done; `now` is aware UTC. Raises NotNow when it may not happen."""
    match event:
        case CitizenWrote():
            return judge(conversation, event, policy, townhall, now)
        case ClerkClaimed():
            return _claimed(conversation, event, policy, townhall, now)
        case ClerkSeen():
            _in_charge(conversation, event.clerk)
            return Turn(replace(conversation, lease_until=now + policy.lease))
        case ClerkWrote():
            return _wrote(conversation, event, policy, now)
        case ClerkNoted():
            return Turn(conversation, (Record(by="note", name=event.name, text=event.text),))
        case ClerkReleased():
            _in_charge(conversation, event.clerk)
            return _back_to_queue(conversation, Change.CLERK_RELEASED, event.name, event.team)
        case ClerkHandedBack():
            return _handed_back(conversation, event)
        case ClerkResolved():
            return _resolved(conversation, event, now)
        case ClerkReopened():
            reopened = conversation.moved(
                Change.CLERK_REOPENED,
                owner=event.clerk,
                lease_until=now + policy.lease,
                resolved_at=None,
                waiting_since=now,
                reason=Reason.ASKED,
                team=conversation.team or townhall.team(conversation.topic),
            )
            return Turn(reopened, (Record("reopened", name=event.name),))
        case LeaseExpired():
            if conversation.lease_until is None or conversation.lease_until > now:
                raise NotNow("lease.alive")
            turn = _back_to_queue(conversation, Change.LEASE_EXPIRED, "", "")
            # Once per lapse: the citizen learns that somebody else will answer.
            return replace(turn, effects=(*turn.effects, Say(Reply("handoff.requeued"))))


def _in_charge(conversation: Conversation, clerk: str) -> None:
    if conversation.status is not Status.ASSIGNED:
        raise NotNow("not.assigned")
    if conversation.owner != clerk:
        raise NotNow("other.owner")


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
        team=conversation.team or event.team or townhall.team(conversation.topic),
        reason=conversation.reason or Reason.ASKED,
        offered=(),
        pending="",
        misses=0,
    )
    joined = Say(Reply("handoff.joined", {"name": event.name}), by="bot")
    return Turn(claimed, (Record("claimed", name=event.name), joined))


def _wrote(conversation: Conversation, event: ClerkWrote, policy: Policy, now: datetime) -> Turn:
    _in_charge(conversation, event.clerk)
    if event.epoch is not None and event.epoch != conversation.epoch:
        raise NotNow("stale.page")
    if not event.text.strip() and not event.revision:
        raise NotNow("empty.reply")
    reply = Reply("answer.by_clerk" if event.revision else "clerk", revision=event.revision, text=event.text)
    return Turn(replace(conversation, lease_until=now + policy.lease), (Say(reply, by="clerk", name=event.name),))


def _back_to_queue(conversation: Conversation, change: Change, name: str, team: str) -> Turn:
    waiting = conversation.moved(change, owner="", lease_until=None, team=team or conversation.team)
    key = "transferred" if team and team != conversation.team else str(change)
    return Turn(waiting, (Record(key, name=name, text=team),))


def _handed_back(conversation: Conversation, event: ClerkHandedBack) -> Turn:
    if conversation.status is Status.ASSIGNED:
        _in_charge(conversation, event.clerk)
    bot = conversation.moved(Change.CLERK_HANDED_BACK, **_AT_REST)
    # The law wants the machine named again when it takes over from a person.
    effects: tuple[Effect, ...] = (Record("handed_back", name=event.name), Say(Reply("handoff.back")))
    return Turn(bot, effects)


def _resolved(conversation: Conversation, event: ClerkResolved, now: datetime) -> Turn:
    if conversation.status is Status.ASSIGNED:
        _in_charge(conversation, event.clerk)
    resolved = conversation.moved(Change.CLERK_RESOLVED, **_AT_REST, resolved_at=now)
    said = Say(Reply("handoff.resolved", choices=(Choice("h:yes", "button.human"),)))
    return Turn(resolved, (Record("resolved", name=event.name), said))


_AT_REST = {"owner": "", "lease_until": None, "waiting_since": None, "due": None, "misses": 0, "reason": None}

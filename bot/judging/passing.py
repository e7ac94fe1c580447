"""On to somebody else, and back again: transfers, and the undoing of what a clerk did by mistake."""

from dataclasses import replace
from datetime import datetime

from bot.conversation import Before, Change, Conversation, NotNow, Outcome, Status
from bot.effects import Effect, Record, Reply, Say, Turn
from bot.events import ClerkSeen, ClerkTransferred, ClerkUndid, ClerkWrote
from bot.policy import DeskView, Policy, Townhall

NOBODY_OWES = {"lease_until": None, "clerk_owes": None, "citizen_owes": None, "reminded": None}


def in_charge(c: Conversation, clerk: str) -> None:
    """Raises NotNow for everybody but the owner."""
    if c.status is not Status.ASSIGNED:
        raise NotNow("not.assigned")
    if c.owner != clerk:
        raise NotNow("other.owner")


def transferred(c: Conversation, event: ClerkTransferred, policy: Policy, townhall: Townhall, now: datetime) -> Turn:
    """Who waits may be passed on by whoever sees it, who is in somebody's hands by that clerk and by who leads."""
    if c.status is not Status.WAITING and not (event.leads and c.status is Status.ASSIGNED):
        in_charge(c, event.clerk)
    desk = townhall.desks.get(event.team)
    if desk is None:
        raise NotNow("no.team")
    turn = _to_colleague(c, event, policy, now) if event.to else _to_team(c, event, desk, townhall)
    note = (Record(by="note", name=event.name, text=event.note, user=event.clerk),) if event.note else ()
    return replace(turn, effects=(*note, *turn.effects))


def _to_colleague(c: Conversation, event: ClerkTransferred, policy: Policy, now: datetime) -> Turn:
    if event.to == c.owner:
        raise NotNow("same.owner", name=event.to_name)
    if not event.there:
        raise NotNow("colleague.away" if event.away else "colleague.gone", name=event.to_name, reason=event.away)
    passed = c.moved(
        Change.CLERK_PASSED_ON,
        owner=event.to,
        team=event.team,
        lease_until=now + policy.lease,
        clerk_owes=now,
        citizen_owes=None,
        reminded=None,
        unseen=event.to != event.clerk,
        before=Before.of("transfer", event.clerk, c),
    )
    return Turn(passed, (Record("passed_on", name=event.name, text=event.to_name),))


def _to_team(c: Conversation, event: ClerkTransferred, desk: DeskView, townhall: Townhall) -> Turn:
    if event.team == c.team and c.status is Status.WAITING:
        raise NotNow("same.team", team=desk.name)
    if not event.there and not event.anyway:
        raise NotNow("team.unknown" if desk.open or not desk.opens else "team.closed", team=desk.name, opens=desk.opens)
    anew = townhall.due(event.team, c.topic)
    due = anew if townhall.begins(event.team) else c.due or anew  # what was promised stands where somebody may read it
    waiting = c.moved(
        Change.CLERK_TRANSFERRED,
        owner="",
        team=event.team,
        due=due,
        before=Before.of("transfer", event.clerk, c),
        **NOBODY_OWES,
    )
    return Turn(waiting, (Record("transferred", name=event.name, text=event.team), _passed_on(desk)))


def _passed_on(desk: DeskView) -> Say:
    if desk.open or not desk.opens:
        return Say(Reply("handoff.passed_on", {"team": desk.name}))
    return Say(Reply("handoff.passed_on_closed", {"team": desk.name, "opens": desk.opens.isoformat()}))


def met(c: Conversation, event: ClerkSeen | ClerkWrote) -> tuple[Conversation, tuple[Effect, ...]]:
    """Its owner looks at it for the first time: from now on nobody takes it back, and the citizen learns who it is."""
    if not c.unseen or not event.name:
        return c, ()
    return replace(c, unseen=False, before=None), (Say(Reply("handoff.joined", {"name": event.name})),)


def undone(c: Conversation, event: ClerkUndid, policy: Policy, townhall: Townhall, now: datetime) -> Turn:
    """As it was before that clerk's verb, with the old waiting time. Nobody has taken it since, or `before` would be
    gone."""
    was = c.before
    if was is None or was.clerk != event.clerk or was.verb != event.verb:
        raise NotNow("not.undoable")
    if was.callback:  # who acts has not changed
        told_of = Record("undone", name=event.name, text=event.verb)
        return Turn(replace(c, callback=was.callback, before=None), (told_of,))
    kept = {"team": was.team, "reason": was.reason, "waiting_since": was.waiting_since, "due": was.due}
    told: tuple[Effect, ...] = (Record("undone", name=event.name, text=event.verb),)
    if was.status is Status.ASSIGNED:
        back = c.moved(
            Change.CLERK_TOOK_BACK,
            owner=was.owner,
            lease_until=now + policy.lease,
            clerk_owes=now if was.clerk_owed else None,
            citizen_owes=None if was.clerk_owed else now,
            reminded=None,
            resolved_at=None,
            **kept,
        )
        if was.owner == event.clerk and _was_told(c):
            told = (*told, Say(Reply("handoff.joined", {"name": event.name})))
        return Turn(back, told)
    back = c.moved(Change.CLERK_PUT_BACK, owner="", resolved_at=None, **NOBODY_OWES, **kept)
    desk = townhall.desks.get(was.team)
    if _was_told(c) and desk:
        told = (*told, _passed_on(desk))
    return Turn(back, told)


def _was_told(c: Conversation) -> bool:
    """Was the citizen told that somebody else answers now? Not of a colleague who has not looked, nor of a release; of
    the end always, but for spam."""
    assert c.before is not None
    if c.status is Status.RESOLVED:
        return c.outcome != Outcome.SPAM
    return c.status is Status.BOT or (c.before.verb == "transfer" and not c.unseen)

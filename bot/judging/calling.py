"""Call-backs: a telephone number of one who was asked for it, and what became of the calls."""

import re
from dataclasses import replace
from datetime import datetime

from bot.conversation import Before, Conversation, NotNow
from bot.effects import Effect, Record, Reply, Say, Turn
from bot.events import CitizenWrote, ClerkCalled
from bot.handoff.callback import AGAIN, TRIES, Call, Callback
from bot.policy import Townhall
from bot.privacy.masking import mask, telephone

_GAP = re.compile(r"([,.;:])(?:\s*[,.;:])+")
CALLED = "call"  # the verb that undoes what was said of a call
LONGEST = 120  # characters of the words beside the number that are kept as the wanted time


def number_given(c: Conversation, e: CitizenWrote, townhall: Townhall, now: datetime) -> Turn | None:
    """The turn for a telephone number of one who came out of hours, where they were offered a call; None: there is
    none. They are told once what happens; another number replaces the first."""
    if c.handoff is None or c.handoff.begins is None:
        return None
    phone = telephone(e.message.text)
    if not phone:
        return None
    known = c.callback
    if known and known.phone == phone:
        return Turn(c)
    # What stood around the number closes up: "anrufen, 0221 4711, vormittags".
    left = _GAP.sub(r"\1", mask(e.message.text.replace(phone, " ", 1)))
    wanted = " ".join(left.split()).strip(" ,.;:-–")[:LONGEST]
    if known:
        changed = Callback(phone, known.since, wanted or known.wanted, reached=known.reached)
        before = None if c.before and c.before.verb == CALLED else c.before  # an undo would bring the old number back
        told = Say(Reply("callback.changed"))
        return Turn(replace(c, callback=changed, before=before), (Record("callback_wanted"), told))
    opens = townhall.begins(c.team)
    reply = Reply("callback.noted", {"opens": opens.isoformat()}) if opens else Reply("callback.noted_open")
    return Turn(replace(c, callback=Callback(phone, now, wanted)), (Record("callback_wanted"), Say(reply)))


def called(c: Conversation, event: ClerkCalled, now: datetime) -> Turn:
    """What the clerk says of the call is noted, and can be undone. Raises NotNow where no call is wanted (any more), or
    somebody else is calling."""
    known = c.callback
    if known is None or known.done or not c.is_open:
        raise NotNow("no.callback")
    told: tuple[Effect, ...] = (Record(f"callback_{event.call}", name=event.name),)
    before = replace(Before.of(CALLED, event.clerk, c), callback=known)
    if event.call is Call.CALLING:
        if known.called_by(now) not in ("", event.clerk):
            raise NotNow("other.caller")
        return Turn(replace(c, callback=replace(known, caller=event.clerk, calling=now), before=before), told)
    known = replace(known, caller="", calling=None)
    if event.call is Call.REACHED:
        known = replace(known, reached=now)
    elif event.call is Call.NOT_REACHED:
        known = replace(known, tries=known.tries + 1, tried=now, again=now + AGAIN)
        if known.tries == TRIES:
            told = (*told, Say(Reply("callback.unreached", {"tries": str(TRIES)})))
    else:
        known = replace(known, done=True)
    return Turn(replace(c, callback=known, before=before), told)

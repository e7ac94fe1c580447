"""Several questions in one message: answered one after the other, each by its own decision; what is open comes last."""

from dataclasses import replace
from datetime import datetime

from bot.conversation import Conversation, Reason
from bot.events import CitizenWrote, Effect, OpenHandoff, Reply, Say, Turn
from bot.judging.answering import first_of
from bot.judging.handing import offer
from bot.judging.spoken import spoken
from bot.policy import Policy, Townhall

SETTLED = frozenset({"answer", "follow_up", "hours", "places.here"})
MISSED = frozenset({"miss", "out_of_scope", "other_town", "follow_up.about", "choice.none", "sorry"})
SMALL = frozenset({"greeting", "thanks", "goodbye", "small_talk", "ask.again", "help"})
"""Not worth a message beside an answer."""
QUOTED = 120  # characters of a question that is named back


def apart(c: Conversation, e: CitizenWrote, policy: Policy, townhall: Townhall, now: datetime) -> Turn | None:
    """The turn for a message of several questions, None where it is better read as one."""
    turns = [(part, spoken(c, part, policy, townhall, now)) for part in e.parts]
    settled = {_what(turn) for _, turn in turns if _is_settled(turn)}
    if not settled or (len(settled) == 1 and first_of(e) and not _marked(e)):
        return None
    return _one_after_the_other(c, e, policy, townhall, now)


def _marked(e: CitizenWrote) -> bool:
    """Did the citizen end each question with its mark? Then each of them wants its own answer."""
    return all(part.masked.rstrip().endswith(("?", "؟", "？")) for part in e.parts)


def _one_after_the_other(c: Conversation, e: CitizenWrote, policy: Policy, townhall: Townhall, now: datetime) -> Turn:
    effects: list[Effect] = []
    told: set[object] = set()
    waiting: list[CitizenWrote] = []
    down, passed = c.rejected, c.passed  # an answer to one question forgives no rejection to the next
    for part in e.parts:
        turn = spoken(replace(c, rejected=down, passed=passed), part, policy, townhall, now)
        if not _is_settled(turn):
            waiting.append(part)
        elif _what(turn) not in told:
            told.add(_what(turn))
            c, effects = turn.conversation, [*effects, *turn.effects]
    if e.unread:
        effects.append(Say(Reply("questions.more")))
    ends = _open(replace(c, rejected=down, passed=passed), waiting, policy, townhall, now)
    return Turn(ends.conversation, (*_without_rows(effects, bool(ends.effects)), *ends.effects))


def _open(c: Conversation, waiting: list[CitizenWrote], policy: Policy, townhall: Townhall, now: datetime) -> Turn:
    """What could not be answered: a person takes it all, else the first is asked back and the others are named."""
    turns = [(part, spoken(c, part, policy, townhall, now)) for part in waiting]
    for _, turn in turns:
        if any(isinstance(effect, OpenHandoff) for effect in turn.effects):
            return turn
    asked = [(part, turn) for part, turn in turns if turn.replies[-1].key not in MISSED | SMALL]
    missed = [part for part, turn in turns if turn.replies[-1].key in MISSED]
    if not asked and missed:
        return offer(replace(c, misses=0), "questions.miss", Reason.NOT_UNDERSTOOD, question=_short(missed[0]))
    if not asked:
        return Turn(c)
    first, later = asked[0][1], [part for part, _ in asked[1:]] + missed
    named = tuple(Say(Reply("questions.open", {"question": _short(part)})) for part in later)
    return replace(first, effects=(*named, *first.effects))


def _is_settled(turn: Turn) -> bool:
    return bool(turn.replies) and all(reply.key in SETTLED for reply in turn.replies)


def _what(turn: Turn) -> object:
    """What was told, to tell nothing twice."""
    return tuple((r.key, r.entry, r.office, r.aspects, tuple(r.params.items())) for r in turn.replies)


def _without_rows(effects: list[Effect], more: bool) -> list[Effect]:
    """Buttons below the last message only."""
    says = [at for at, effect in enumerate(effects) if isinstance(effect, Say)]
    bare = says if more else says[:-1]
    return [
        replace(effect, reply=replace(effect.reply, choices=())) if at in bare and isinstance(effect, Say) else effect
        for at, effect in enumerate(effects)
    ]


def _short(part: CitizenWrote) -> str:
    text = " ".join(part.masked.split())
    return text if len(text) <= QUOTED else text[: QUOTED - 1].rstrip() + "…"

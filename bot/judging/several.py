"""Several questions in one message: answered one after the other, each by its own decision; what is open comes last."""

from dataclasses import replace
from datetime import datetime
from itertools import zip_longest

from bot.conversation import Conversation, Reason
from bot.effects import Effect, OpenHandoff, Reply, Say, Turn
from bot.events import CitizenWrote
from bot.judging.answering import clarify, first_of
from bot.judging.handing import offer
from bot.judging.spoken import spoken
from bot.policy import Policy, Townhall
from nlu.sharing import shares

SETTLED = frozenset({"answer", "follow_up", "hours", "places.here", "pinned.answer", "pinned.correction"})
ASKING = frozenset({"clarify", "clarify.one"})
MISSED = frozenset({"miss", "out_of_scope", "other_town", "follow_up.about", "choice.none", "sorry"})
SMALL = frozenset({"greeting", "thanks", "goodbye", "small_talk", "ask.again", "help"})
"""Not worth a message beside an answer."""
QUOTED = 120  # characters of a question that is named back


def apart(c: Conversation, e: CitizenWrote, policy: Policy, townhall: Townhall, now: datetime) -> Turn | None:
    """The turn for a message of several questions, None where it is better read as one."""
    if shares(e.masked, [part.masked for part in e.parts]):
        return _sharing(c, e, policy, townhall, now)
    turns = [(part, spoken(c, part, policy, townhall, now)) for part in e.parts]
    settled = {_what(turn) for _, turn in turns if _is_settled(turn)}
    leans = any(reply.key == "follow_up" for _, turn in turns for reply in turn.replies)
    if not settled or (len(settled) == 1 and first_of(e) and not leans and not _marked(e)):
        return None
    return _one_after_the_other(c, e, policy, townhall, now)


def _sharing(c: Conversation, e: CitizenWrote, policy: Policy, townhall: Townhall, now: datetime) -> Turn | None:
    """One question about several matters, where each is known as one of its own; None where it is read as one."""
    foreseen = first_of(e)
    firsts = [_likeliest(part) for part in e.parts]
    if (foreseen and foreseen.score >= policy.verbatim) or e.elsewhere or len(set(firsts)) < len(firsts):
        return None
    turns = [spoken(c, part, policy, townhall, now) for part in e.parts]
    if all(_is_settled(turn) for turn in turns):
        return _one_after_the_other(c, e, policy, townhall, now)
    options = [part.findings.options for part in e.parts if part.findings]
    if any(not _is_settled(turn) and turn.replies[-1].key not in ASKING for turn in turns) or not all(options):
        return None
    if any(_is_settled(turn) for turn in turns):
        return _one_after_the_other(c, e, policy, townhall, now)
    rows = [option for row in zip_longest(*options) for option in row if option and option.entry not in c.rejected]
    offered = tuple({option.entry: option for option in rows}.values())
    return clarify(replace(c, question=e.masked), offered) if offered else None


def _likeliest(part: CitizenWrote) -> str:
    """What the part is most likely about: an office of its own, else an entry; "" where nothing is known."""
    if part.asked and part.asked.offices:
        return " ".join(part.asked.offices)
    known = part.findings and part.findings.decision != "withhold" and part.findings.matches
    return known[0].entry if known else ""


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
            c, effects = turn.conversation, [*effects, *_answering(part, turn)]
    if e.unread:
        effects.append(Say(Reply("questions.more")))
    known = {effect.reply.entry for effect in effects if isinstance(effect, Say) and effect.reply.entry}
    ends = _open(replace(c, rejected=down, passed=(*passed, *known)), waiting, policy, townhall, now)
    return Turn(replace(ends.conversation, passed=passed), (*_without_rows(effects, bool(ends.effects)), *ends.effects))


def _open(c: Conversation, waiting: list[CitizenWrote], policy: Policy, townhall: Townhall, now: datetime) -> Turn:
    """What could not be answered: a person takes it all, else the first is asked back and the others are named."""
    turns = [(part, spoken(c, part, policy, townhall, now)) for part in waiting]
    for _, turn in turns:
        if any(isinstance(effect, OpenHandoff) for effect in turn.effects):
            return turn
    asked = [(part, turn) for part, turn in turns if turn.replies[-1].key not in MISSED | SMALL]
    missed = [part for part, turn in turns if turn.replies[-1].key in MISSED]
    if not asked and missed:
        missing = offer(replace(c, misses=0), "questions.miss", Reason.NOT_UNDERSTOOD, question=_short(missed[0]))
        return replace(missing, effects=_answering(missed[0], missing))
    if not asked:
        return Turn(c)
    first, later = asked[0][1], [part for part, _ in asked[1:]] + missed
    named = tuple(Say(Reply("questions.open", {"question": _short(part)}), question=part.masked) for part in later)
    return replace(first, effects=(*named, *_answering(asked[0][0], first)))


def _answering(part: CitizenWrote, turn: Turn) -> tuple[Effect, ...]:
    """Its effects, each reply with the question that it answers."""
    return tuple(replace(e, question=part.masked) if isinstance(e, Say) else e for e in turn.effects)


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

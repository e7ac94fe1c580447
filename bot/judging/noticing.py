"""What the town tells everybody: once a conversation and notice, before the first words that the bot says by itself."""

from dataclasses import replace

from bot.conversation import Status
from bot.effects import Effect, Reply, Say, Turn
from bot.notices import at_hand, mark
from bot.policy import Townhall
from faq.town import Notice

KEPT = 30  # marks that a conversation keeps: more than there are notices at a time
SAYS_WHO = frozenset({"disclosure", "greeting", "ask_bot_identity"})
"""Who speaks comes before what is said."""
NOT_WITH = frozenset({"flood"})  # an answer to nothing that was asked


def noticed(turn: Turn, townhall: Townhall) -> Turn:
    """The turn with the notices that its citizen has not been told.

    What is for a topic or a district comes once that is at hand. Nothing is told where the bot is silent or a clerk
    speaks, and nothing beside what is urgent: an emergency number, a receipt. It comes with the next answer then.
    """
    c = turn.conversation
    told_of = {c.topic} - {""}
    fitting = [notice for notice in townhall.notices if at_hand(notice, told_of, c.district)]
    due = [notice for notice in fitting if mark(notice) not in c.noticed]
    says = [(at, e) for at, e in enumerate(turn.effects) if isinstance(e, Say)]
    if not due or not says or c.status is Status.ASSIGNED:
        return turn
    if any(say.urgent or say.reply.key in NOT_WITH for _, say in says):
        return turn
    at, first = says[0]
    told: list[Effect] = [Say(_reply(notice, c.language)) for notice in due]
    effects = list(turn.effects)
    if first.reply.key in SAYS_WHO:
        # Buttons stay below the last message.
        *others, last = told
        assert isinstance(last, Say)
        last = replace(last, reply=replace(last.reply, choices=first.reply.choices))
        effects[at : at + 1] = [replace(first, reply=replace(first.reply, choices=())), *others, last]
    else:
        effects[at:at] = told
    marks = (*c.noticed, *(mark(notice) for notice in due))
    return replace(turn, conversation=replace(c, noticed=marks[-KEPT:]), effects=tuple(effects))


def _reply(notice: Notice, language: str) -> Reply:
    text, is_german = notice.text(language)
    return Reply(f"notice.{notice.level}", text=text, before="notice.german_only" if is_german else "")

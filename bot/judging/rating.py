"""What a citizen thinks of a handoff: asked once, when a clerk is done; answered by a button then or days later.

The button bears the handoff's number, so that a press counts for the right one, whatever has begun since.
"""

from dataclasses import replace
from datetime import datetime

from bot.conversation import Conversation
from bot.effects import Choice, Effect, Rated, Record, Reply, Say, Turn
from bot.events import CitizenWrote
from bot.judging.answering import first_of
from bot.message import Kind

RATE = "r:"
GOOD, BAD, WORDS, NO_WORDS = "+", "-", "w", "n"
VALUES = {GOOD: "good", BAD: "bad"}
_LONGEST = 9  # digits of a number


def thumbs(c: Conversation) -> tuple[Choice, ...]:
    """The buttons below the clerk's last word; none where it was rated before, or there was no handoff."""
    h = c.handoff
    if h is None or h.number != c.number or h.rating:
        return ()
    return _choice(h.number, GOOD, "button.good"), _choice(h.number, BAD, "button.bad")


def rated_number(choice: str) -> int:
    """The number of the handoff that a button is about, 0 for every other button."""
    number = choice.removeprefix(RATE).partition(":")[0] if choice.startswith(RATE) else ""
    return int(number) if number.isdecimal() and number.isascii() and len(number) <= _LONGEST else 0


def rated(c: Conversation, choice: str, e: CitizenWrote, now: datetime) -> Turn:
    """The turn for a press. While a person has the conversation, or it waits for one, it is counted in silence."""
    number, what = rated_number(choice), choice.rpartition(":")[2]
    fact, quiet = e.rated, c.is_open
    c = replace(c, opinion=0)
    if fact is None or fact.number != number:
        return Turn(c) if quiet else Turn(c, (Say(Reply("button.gone")),))
    if what == WORDS and not quiet:
        told = Reply("rating.words", choices=(_choice(number, NO_WORDS, "button.no"),))
        return Turn(replace(c, opinion=number, opinion_asked=True), (Say(told),))
    if what not in VALUES:
        return Turn(c) if quiet else Turn(c, (Say(Reply("ask.again")),))
    fact = replace(fact, rating=VALUES[what], rated=now)
    if c.handoff and c.handoff.number == number:
        c = replace(c, handoff=fact)
    effects: tuple[Effect, ...] = (Rated(fact), Record(f"rated_{fact.rating}", text=str(number)))
    if quiet:
        return Turn(c, effects)
    if fact.rating == VALUES[BAD]:
        c = replace(c, opinion=number, opinion_asked=False)  # most who are displeased say why without being asked
    more = () if c.asks else (_choice(number, WORDS, "button.rating_words"),)
    return Turn(c, (*effects, Say(Reply("rating.thanks", choices=more))))


def explains(c: Conversation, e: CitizenWrote) -> bool:
    """Are these the words to a rating? A wish for a person and a question that has an answer are not; where no words
    were asked for, nothing is that has an answer or asks."""
    if not c.opinion or e.message.kind is not Kind.TEXT or not e.masked.strip():
        return False
    if e.understanding is not None and e.understanding.intent == "ask_human":
        return False
    asks, known = "?" in e.masked, first_of(e) is not None
    return not (asks and known) if c.opinion_asked else not (asks or known)


def explained(c: Conversation) -> Turn:
    """The words stay in the transcript, where the clerk reads them."""
    number = str(c.opinion)
    return Turn(replace(c, opinion=0), (Record("rating_words", text=number), Say(Reply("rating.noted"))))


def _choice(number: int, what: str, key: str) -> Choice:
    return Choice(f"{RATE}{number}:{what}", key)

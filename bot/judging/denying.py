"""A no: to an answer, to what was offered, or to something else that was asked."""

from bot.conversation import Conversation
from bot.events import CitizenWrote
from nlu.manner import ENOUGH

DOUBT = 0.6  # less sure than this, a yes or no is doubted
_THUMBS = {"f:+", "f:-"}


def doubted(e: CitizenWrote, intent: str) -> bool:
    """ "Geht das": a yes or a no that points back is more likely a question, where the model doubts it itself."""
    confidence = e.understanding.confidence if e.understanding else 0.0
    return intent in ("affirm", "deny") and e.manner.points and not e.manner.denies and confidence < DOUBT


def denies(c: Conversation, e: CitizenWrote) -> bool:
    """Is the answer at hand turned down, or what was told of an office, by a no that names nothing else?

    "Nein danke" wants no more, and a no to an offer of a person or of erasing is about that offer.
    """
    if e.understanding is None or e.understanding.intent != "deny" or not (e.manner.denies or e.manner.bare):
        return False
    if e.manner.wants == ENOUGH or e.manner.names or doubted(e, "deny"):
        return False
    asked = bool(c.pending) or not {data for data, _ in c.shown} <= _THUMBS
    return bool(c.entry or c.office) and not asked and not c.offered


def turns_all_down(c: Conversation, e: CitizenWrote) -> bool:
    """Is a no said to all that was offered to choose from?"""
    intent = e.understanding.intent if e.understanding else ""
    return intent == "deny" and bool(c.offered) and e.manner.denies and not (e.manner.names or e.manner.aspects)

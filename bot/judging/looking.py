"""What to look up for a message before it is judged."""

from bot.conversation import Conversation, Status
from bot.events import CitizenWrote
from bot.judging.denying import denies
from bot.judging.followups import aspects_of
from bot.message import Kind
from nlu.manner import matter_of, without_wish
from nlu.questions import core_of

MATTER = 3  # words that name a matter and nothing else


def question_for(c: Conversation, e: CitizenWrote) -> str:
    """What to search for, masked; "" when nothing is to be searched.

    A rejection looks on from the last question, a follow-up for somebody else from the entry's own.
    """
    if c.status in (Status.WAITING, Status.ASSIGNED) and e.message.kind in (Kind.TEXT, Kind.EDIT):
        return e.masked  # the clerk sees the best matches
    if c.asks and "?" not in e.masked:
        return ""  # it answers a form
    if e.message.kind is Kind.CHOICE:
        return c.question if e.message.choice == "f:-" else ""
    if e.message.kind not in (Kind.TEXT, Kind.EDIT):
        return ""
    rejects = e.understanding is not None and e.understanding.intent == "reject_answer" and not e.manner.names
    if c.question and (rejects or (c.entry and denies(c, e))):
        return c.question
    if c.entry and e.manner.bare and aspects_of(e):
        # Alone it would find whatever else costs something.
        return f"{matter_of(c.title)} {e.manner.person}" if e.manner.person else ""
    if c.about and (e.manner.names or e.manner.person) and len(e.masked.split()) <= MATTER:
        return f"{e.masked} {c.about}"  # "der Perso", after we asked what it is about
    return core_of(without_wish(e.masked))

"""The buttons, and what counts as pressing one: its text (a typo does no harm), its number, "das zweite"."""

from difflib import SequenceMatcher

from bot.conversation import Conversation
from bot.effects import Choice
from bot.events import CitizenWrote
from bot.message import Kind
from bot.policy import Policy
from nlu.text import fold, words

HUMAN = Choice("h:yes", "button.human")
ASK_HUMAN = Choice("h:ask", "button.human")
"""As HUMAN, where the words before it asked: a "ja" means it, too."""
NO_HUMAN = Choice("h:no", "button.no")
NONE = Choice("n", "button.none")
NO = Choice("n", "button.no_it_is_not")
"""As NONE, where one alone was offered."""
CANCEL = Choice("h:cancel", "button.cancel")
FEEDBACK = (Choice("f:+", "button.good"), Choice("f:-", "button.bad"))
THUMBS = {"👍": "f:+", "👎": "f:-"}
"""They count while an answer is at hand, also when its buttons are not the last ones."""
UNCLEAR = "?"
"""Something was chosen that is not there, "das fünfte" of three."""

LONGEST = 7  # words: whoever types more does not only choose
BRIEF = 2  # words in which nothing but a choice is said: "der ist 4" tells an age
SHORTEST = 5  # letters: shorter words are alike by chance
ALIKE = 0.84  # of two texts' letters, in order: one typing error in six letters
APART = 0.04  # nearer than the next by so much


def choice_of(c: Conversation, e: CitizenWrote, policy: Policy) -> str:
    """The data of the button that was pressed or typed, UNCLEAR, or "" when nothing was chosen."""
    if e.message.kind is Kind.CHOICE:
        return e.message.choice
    if e.message.kind not in (Kind.TEXT, Kind.EDIT):
        return ""
    said = _bare(e.message.text)
    for data, label in c.shown:
        if said and said == _bare(label):
            return data
    if c.entry and said[:1] in THUMBS:
        return THUMBS[said[:1]]
    if c.offered:
        return _among(c, e.message.text, policy)
    return _of_offices(c, e.message.text, policy) if c.office_asked else ""


def names_a_place(e: CitizenWrote, policy: Policy) -> bool:
    """ "das zweite", "nr 3": a choice, whether or not there is something to choose from."""
    typed = words(e.message.text)
    return e.message.kind in (Kind.TEXT, Kind.EDIT) and len(typed) <= BRIEF and _place(typed, policy) != 0


def _among(c: Conversation, text: str, policy: Policy) -> str:
    typed = words(text)
    if " ".join(typed) in policy.none_words:
        return NONE.data
    place = _place(typed, policy)
    if place < 0:
        place = len(c.offered)
    if place:
        if place > len(c.offered) + 1:
            return UNCLEAR
        return NONE.data if place > len(c.offered) else f"a:{c.offered[place - 1].entry}"
    return _near(c, _bare(text))


def _of_offices(c: Conversation, text: str, policy: Policy) -> str:
    """The button of an office or a district whose place in the row was typed, or a word that no other's name has."""
    row = [(data, words(label)) for data, label in c.shown if data.startswith(("o:", "w:"))]
    typed = words(text)
    place = _place(typed, policy)
    if 1 <= place <= len(row):
        return row[place - 1][0]
    kept = set(typed) - policy.choosing
    named = [data for data, label in row if kept and kept <= set(label)]
    return named[0] if len(named) == 1 else ""


def _place(typed: list[str], policy: Policy) -> int:
    """Which one: 2 for "nr 2", "ich nehme bitte das zweite", "2)"; -1 for the last; 0 for no choice."""
    if not typed or len(typed) > LONGEST:
        return 0
    kept = [word for word in typed if word not in policy.choosing] or typed
    places = {int(w) if w.isdecimal() and len(w) < 3 else policy.ordinals.get(w, 0) for w in kept}
    return places.pop() if len(places) == 1 else 0


def _near(c: Conversation, said: str) -> str:
    """The button whose text this nearly is, when no other comes as near."""
    if len(said) < SHORTEST:
        return ""
    labels = {f"a:{o.entry}": o.title for o in c.offered} | dict(c.shown)
    alike = sorted(
        ((SequenceMatcher(None, said, _bare(label), autojunk=False).ratio(), data) for data, label in labels.items()),
        reverse=True,
    )
    next_best = alike[1][0] if len(alike) > 1 else 0.0
    return alike[0][1] if alike[0][0] >= max(ALIKE, next_best + APART) else ""


def _bare(text: str) -> str:
    return fold(text).strip(" .!?)(\"'„“")

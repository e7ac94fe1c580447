"""How a message leans on what was said before, and what it wants of the conversation itself. Pure.

Understanding says what is meant; this says whether a message can stand alone ("Was kostet ein Reisepass?") or not
("und was kostet das?"). The words lie in languages/<code>/manner.yml; those of all languages count at once, because a
follow-up is too short to tell its language by.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from nlu.phrases import NOT, Hit, Phrasebook, Word, tokenise, unmasked
from nlu.profiles import LANGUAGES_DIR
from nlu.spellings import read_words
from nlu.text import cap, fold, normalise

LIMIT = 600
"""Code points looked at: a message that leans on another one is short."""

LONGEST = 14
"""Words from which on a message is taken to stand alone."""

ASPECTS = ("fee", "documents", "online", "validity", "deadline", "duration", "appointment", "office")
"""What may be asked of an entry's facts; "persons" comes of who is named."""

_BEFORE_WISH = 2
"""Words that belong to a wish: "bitte in leichter Sprache"."""

EASY = "leicht"
"""Leichte Sprache, as `faq.entry` names it."""

HELP, BETTER, ENOUGH = "help", "better", "enough"
"""What may be wanted of the conversation itself: to know what can be had here; more help than there was; no more."""

WITHDRAW, WAITS, STOP = "withdraw", "waits", "stop"
"""No person any more; to know how long a person takes; no messages any more."""

NEUTRAL, PAUSES = "neutral", "pauses"
"""Advice that no town gives, such as whom to vote for; nothing yet: "öhm"."""

WANTS = (ENOUGH, WITHDRAW, WAITS, STOP, PAUSES)

_DENIES, _ERASES = "denies", "erases"
_ASIDE = (*WANTS, NEUTRAL, _DENIES, _ERASES)
_BESIDE = (NOT, "personal", *_ASIDE)
"""Labels of phrases that say something about a message and leave its words their meaning."""

_WISH = f"language {EASY}"


@dataclass(frozen=True, slots=True)
class Manner:
    """What the words themselves tell.

    `aspects`: which facts are asked for, in the order of the words. `names`: there is a word for a matter. `bare`:
    there is none and it is short, so something said before must be meant. `points`: a word such as "dafür" points back.
    `goes_on`: it begins with "und". `person`: for whom, as words that a search goes on with ("für mein Kind"), else "".
    `personal`: it is about somebody's own file. `language`: the language asked for, EASY among them, else "". `learns`:
    a language is a matter here, such as a course. `wants`: HELP, BETTER or one of WANTS where the message says
    nothing else, or NEUTRAL, else "". `denies`: it has a word such as "nein". `erases`: it speaks of erasing.
    """

    aspects: tuple[str, ...] = ()
    bare: bool = False
    names: bool = False
    points: bool = False
    goes_on: bool = False
    person: str = ""
    personal: bool = False
    language: str = ""
    learns: bool = False
    wants: str = ""
    denies: bool = False
    erases: bool = False


@dataclass(frozen=True)
class _Book:
    phrases: Phrasebook
    generic: Phrasebook
    doing: Phrasebook
    pointers: frozenset[str]
    articles: frozenset[str]
    goes_on: frozenset[str]


@cache
def _book() -> _Book:
    phrases: list[tuple[str, str]] = []
    generic: list[tuple[str, str]] = []
    doing: list[tuple[str, str]] = []
    pointers: set[str] = set()
    articles: set[str] = set()
    goes_on: set[str] = set()
    for path in sorted(LANGUAGES_DIR.glob("*/manner.yml")):
        data = read_words(path)
        generic += [("generic", word) for line in data["generic"] for word in line.split()]
        generic += [("generic", word) for word in data["ages"]]
        doing += [("doing", word) for word in data["doing"]]
        pointers |= {fold(word) for word in data["pointers"]}
        articles |= {fold(word) for word in data["articles"]}
        goes_on |= {fold(word) for word in data["goes_on"]}
        for aspect, listed in data["aspects"].items():
            phrases += [(aspect, phrase) for phrase in listed]
        for aspect, listed in data.get("aspects_not", {}).items():
            phrases += [(f"{NOT}{aspect}", phrase) for phrase in listed]
        phrases += [(f"person {said}", phrase) for said, listed in data["persons"].items() for phrase in listed]
        phrases += [("personal", phrase) for phrase in data["personal"]]
        phrases += [(f"{NOT}personal", phrase) for phrase in data.get("personal_not", ())]
        phrases += [(_WISH, phrase) for phrase in data["easy"]]
        phrases += [(f"{NOT}{_WISH}", phrase) for phrase in data.get("easy_not", ())]
        phrases += [(wanted, phrase) for wanted in (HELP, BETTER, *_ASIDE) for phrase in data.get(wanted, ())]
        phrases += [(f"language {code}", phrase) for code, listed in data["languages"].items() for phrase in listed]
    marks = frozenset(pointers), frozenset(articles), frozenset(goes_on)
    return _Book(Phrasebook(phrases), Phrasebook(generic), Phrasebook(doing), *marks)


@lru_cache(maxsize=256)  # a message is read whole and in parts, and the parts are looked at again
def manner_of(text: str) -> Manner:
    """What the words of a message tell of its manner. Never raises."""
    found = tokenise(cap(text, LIMIT))
    hits = _book().phrases.find(found)
    real = unmasked(hits)
    aspects = tuple(dict.fromkeys(hit.label for hit in real if hit.label in ASPECTS))
    person = next((hit.label.removeprefix("person ") for hit in hits if hit.label.startswith("person ")), "")
    wanted = [hit.label.removeprefix("language ") for hit in real if hit.label.startswith("language ")]
    open_words = _open(found, hits)
    bare = bool(found) and not open_words and len(found) <= LONGEST
    return Manner(
        aspects,
        bare,
        bool(open_words),
        _points_back(found, open_words),
        bool(found) and found[0].text in _book().goes_on,
        person,
        any(hit.label == "personal" for hit in real),
        EASY if EASY in wanted else next(iter(wanted), ""),
        any(hit.label == f"{NOT}{_WISH}" for hit in hits),
        next((hit.label for hit in real if _wants(hit, bare, len(found) <= LONGEST, open_words)), ""),
        any(hit.label == _DENIES for hit in hits),
        any(hit.label == _ERASES for hit in real),
    )


def _wants(hit: Hit, bare: bool, short: bool, open_words: set[int]) -> bool:
    """Does the phrase tell what is wanted, and the message nothing beside it?"""
    if hit.label in WANTS:
        return short and open_words <= set(hit.place)
    return hit.label == NEUTRAL or (bare and hit.label in (HELP, BETTER))


def names_a_matter(text: str) -> bool:
    """Whether the text has a word that says what it is about."""
    return bool(open_words(tokenise(cap(text, LIMIT))))


def open_words(found: Sequence[Word]) -> frozenset[int]:
    """The places of the words that say what a message is about."""
    return frozenset(_open(found, _book().phrases.find(found)))


def matter_of(question: str) -> str:
    """The words of a question that name its matter: "Personalausweis" of "Wie beantrage ich einen Personalausweis?"."""
    found = tokenise(cap(question, LIMIT))
    how = {hit.first for hit in _book().doing.find(found)}
    plain = normalise(question)
    named = sorted(open_words(found) - how)
    return " ".join(plain[found[at].start : found[at].end] for at in named)


def without_wish(text: str) -> str:
    """The text without its wish for Leichte Sprache, where it says more than that."""
    found = tokenise(cap(text, LIMIT))
    wish = next((hit for hit in unmasked(_book().phrases.find(found)) if hit.label == _WISH), None)
    if wish is None or len(text) > LIMIT:
        return text
    generic = {hit.first for hit in _book().generic.find(found)}
    first = wish.first
    while first > max(0, wish.first - _BEFORE_WISH) and first - 1 in generic:
        first -= 1
    plain = normalise(text)
    rest = f"{plain[: found[first].start]} {plain[found[wish.last - 1].end :]}".strip(" ,.?!")
    return rest if tokenise(rest) else text


def _open(found: Sequence[Word], hits: Sequence[Hit]) -> set[int]:
    """The places of the words that name something: no generic word, no aspect, nobody, no number."""
    covered = {at for hit in _book().generic.find(found) for at in range(hit.first, hit.last)}
    for hit in hits:
        if not hit.label.startswith(_BESIDE):
            covered |= set(range(hit.first, hit.last))
    return {at for at, word in enumerate(found) if at not in covered and _says(word.text)}


def _says(word: str) -> bool:
    """Neither a number nor an emoji."""
    return word.isalnum() and not word.isdecimal()


def _points_back(found: Sequence[Word], open_words: set[int]) -> bool:
    """ "dafür" always does; "das" only where it is no article: "was kostet das", not "was kostet das Parken"."""
    for at, word in enumerate(found):
        if word.text in _book().pointers:
            return True
        if word.text in _book().articles and at + 1 not in open_words:
            return True
    return False

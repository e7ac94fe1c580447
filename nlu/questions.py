"""Several questions in one message, told apart. Pure; what cannot be told apart for certain stays together.

A message is cut after question marks, at line ends, and before "und außerdem was", "; und wann", "und wie". A piece
that names no matter ("Was kostet das?") belongs to the one before it, else to what was spoken of before; a statement
("Ich ziehe um.") belongs to the question that follows. No text is lost, and a part cut again stays whole.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from nlu.manner import manner_of, names_a_matter
from nlu.phrases import tokenise
from nlu.profiles import LANGUAGES_DIR
from nlu.spellings import read_words

LIMIT = 1200
"""Code points from which on a message is one question: who writes a letter tells a story."""

_STRANGE = 3
"""Words that a question mark needs before it where no word of the piece is known to us."""


@dataclass(frozen=True)
class _Words:
    cut: re.Pattern[str]
    """Matches what ends a piece, or, as the group "next", what begins one."""
    lead: re.Pattern[str]
    """What may stand before a question at a piece's beginning."""
    begin: re.Pattern[str]
    """How a question begins."""


@cache
def _words() -> _Words:
    data = [read_words(path) for path in sorted(LANGUAGES_DIR.glob("*/manner.yml"))]
    before, starters, openers = (
        _any([word for one in data for word in one[name]]) for name in ("joiners", "starters", "openers")
    )
    leading = rf"(?:(?:{before})[\s,:]+)+"
    return _Words(
        re.compile(rf"[?？؟][?!？؟]*|\n|;|(?<=[,.\s])(?P<next>{leading}(?:{starters})\b)", re.IGNORECASE),
        re.compile(rf"[\s,;:\-–•*)\d.]*(?:{leading})?", re.IGNORECASE),
        re.compile(rf"(?:{starters}|{openers})\b", re.IGNORECASE),
    )


def _any(listed: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, listed), key=len, reverse=True))


def split_questions(text: str) -> tuple[str, ...]:
    """The questions of a message in their order, trimmed; one part where it is one. Never raises."""
    if len(text) > LIMIT:
        return (text.strip(),)
    parts = _once(text)
    if len(parts) < 2:
        return (text.strip(),)
    return tuple(part for piece in parts for part in split_questions(piece))


def core_of(text: str) -> str:
    """What of one question is to be looked up, without "Was kostet das?" after it and "und außerdem" before it."""
    if len(text) > LIMIT:
        return text
    pieces = _pieces(text)
    named = [piece.strip() for piece in pieces if names_a_matter(piece) or not _asks(piece)]
    core = " ".join(named) if named else text
    lead = _words().lead.match(core)
    return core[lead.end() :] if lead and _words().begin.match(core, lead.end()) else core


def holds_its_matter(text: str) -> bool:
    """Does a piece of it name a matter, and another ask on without one? "Auto ummelden, und was kostet das?" """
    if len(text) > LIMIT:
        return False
    named = [names_a_matter(piece) for piece in _pieces(text)]
    return any(named[:-1]) and not named[-1]


def _pieces(text: str) -> list[str]:
    cuts = [0]
    for match in _words().cut.finditer(text):
        cuts.append(match.start("next") if match["next"] else match.end())
    return [piece for piece in (text[a:b] for a, b in pairwise([*cuts, len(text)])) if piece.strip()]


def _once(text: str) -> list[str]:
    pieces = _pieces(text)
    parts: list[str] = []
    waiting = ""  # what belongs to the question that follows
    for piece in pieces:
        whole = waiting + piece
        if _leans(waiting) and _asks(piece) and names_a_matter(piece):
            parts += [waiting, piece]
            waiting = ""
        elif _asks(piece) and names_a_matter(whole):
            parts.append(whole)
            waiting = ""
        elif parts and not waiting and not names_a_matter(piece):
            parts[-1] += piece
        else:
            waiting = whole
    if waiting:
        parts = [*parts[:-1], parts[-1] + waiting] if parts else [waiting]
    return parts


def _leans(piece: str) -> bool:
    """ "Was kostet das", before anything was named: it asks about what was said before the message."""
    manner = manner_of(piece)
    return bool(piece) and manner.bare and manner.points and bool(manner.aspects) and _begins(piece)


def _asks(piece: str) -> bool:
    """Does it end or begin like a question?"""
    if piece.rstrip().endswith(("?", "？", "؟")):
        return len(tokenise(piece)) >= _STRANGE or _begins(piece)
    return _begins(piece)


def _begins(piece: str) -> bool:
    lead = _words().lead.match(piece)
    return bool(_words().begin.match(piece, lead.end() if lead else 0))

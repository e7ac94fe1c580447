"""Search in what citizens wrote, open or past.

Nothing is indexed: each search reads the newest conversations as they lie in the store, those first that the clerk may
see, and stops when it has enough. So there is no second place that retention, erasure and masking had to reach, and
what another team's conversations hold changes neither the result, nor its count, nor how many transcripts are read.
"""

import asyncio
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.conversation import Conversation, Line, Status
from bot.handoff.desk import Clerk, Desk
from bot.message import Kind
from bot.store.protocol import Store
from nlu.text import fold

DEPTH = 2000  # of the town's newest conversations
FOUND = 25  # results: who needs more says more
AT_ONCE = 20  # transcripts read together; between two such handfuls others have their turn
SHOWN = 160  # characters of an excerpt
_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"(?:nr\.?|no\.?|#)?\s*(\d{1,9})", re.IGNORECASE)
_UNSAID = frozenset({Kind.CHOICE, Kind.COMMAND})  # a button's data and a command are no words


@dataclass(frozen=True, slots=True)
class Piece:
    """Some characters of an excerpt; `hit`: they begin with what was searched."""

    text: str
    hit: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A conversation that was found. `excerpt` is empty where its number or name was searched."""

    conversation: Conversation
    excerpt: tuple[Piece, ...] = ()
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Results:
    """Newest first. `more`: there are others, which nobody looked at."""

    hits: tuple[Hit, ...] = ()
    more: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched: folded beginnings of words, or the number of a conversation."""

    words: tuple[str, ...] = field(default=())
    number: int = 0

    @classmethod
    def of(cls, text: str) -> "Query":
        """Out of what was typed; a single letter is no word to search."""
        named = _NUMBER.fullmatch(text.strip())
        words = dict.fromkeys(filter(None, map(fold, _WORD.findall(text))))
        return cls(() if max(map(len, words), default=0) < 2 else tuple(words), int(named[1]) if named else 0)

    def __bool__(self) -> bool:
        return bool(self.words or self.number)


async def search(desk: Desk, store: Store, clerk: Clerk, query: Query) -> Results:
    """What this clerk may find, by what they may read: masked, but for what is in their own hands."""
    if not query:
        return Results()
    seen = {c.id: c for c in (*await desk.queue(clerk), *await desk.recent(clerk, DEPTH))}
    ordered = sorted(seen.values(), key=lambda c: c.last_citizen.timestamp() if c.last_citizen else 0.0, reverse=True)
    hits: list[Hit] = []
    for start in range(0, len(ordered), AT_ONCE):
        some = ordered[start : start + AT_ONCE]
        lines = await asyncio.gather(*(store.transcript(c.id) for c in some))
        hits += [hit for c, said in zip(some, lines, strict=True) if (hit := found(c, said, clerk.user, query))]
        if len(hits) > FOUND:
            return Results(tuple(hits[:FOUND]), more=True)
    return Results(tuple(hits))


def found(c: Conversation, lines: Iterable[Line], user: str, query: Query) -> Hit | None:
    """Is it one? Every word must begin one of the citizen's, or of the name where the clerk may read that."""
    if query.number and query.number == c.number:
        return Hit(c, at=c.last_citizen)
    in_charge = c.status is Status.ASSIGNED and c.owner == user
    left = set(query.words)
    if not left:
        return None
    if in_charge:
        left -= _held(c.sender, left)
    best: tuple[int, Hit] = (0, Hit(c, at=c.last_citizen))
    for line in lines:
        if line.by != "citizen" or line.what in _UNSAID:
            continue
        text = line.text if in_charge else line.masked
        here = _held(text, query.words)
        left -= here
        if len(here) >= max(best[0], 1):  # of equals the latest
            best = (len(here), Hit(c, excerpt(text, query.words), line.at))
    return None if left else best[1]


def excerpt(text: str, words: Sequence[str]) -> tuple[Piece, ...]:
    """The part of a text in which the first of the words stands, with all of them marked."""
    flat = " ".join(text.split())
    spans = [m.span() for m in _WORD.finditer(flat) if _begins(m[0], words)]
    start = max(0, spans[0][0] - SHOWN // 3) if len(flat) > SHOWN and spans else 0
    start = flat.rfind(" ", 0, start + 1) + 1 if start else 0
    end = min(len(flat), start + SHOWN)
    pieces, at = [Piece("… ")] if start else [], start
    for first, last in spans:
        if first < at or first >= end:
            continue
        pieces += [Piece(flat[at:first]), Piece(flat[first : min(last, end)], hit=True)]
        at = min(last, end)
    pieces.append(Piece(flat[at:end] + (" …" if end < len(flat) else "")))
    return tuple(piece for piece in pieces if piece.text)


def _held(text: str, words: Iterable[str]) -> set[str]:
    typed = [fold(word) for word in _WORD.findall(text)]
    return {word for word in words if any(one.startswith(word) for one in typed)}


def _begins(word: str, words: Sequence[str]) -> bool:
    return fold(word).startswith(tuple(words))

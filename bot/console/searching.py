"""Search in what citizens wrote, open or past.

Nothing is indexed: each search reads conversations as they lie in the store, the latest first and only those that the
clerk may see, and stops when it has enough or has looked at its share; from there it goes on when asked to. So there is
no second place that retention, erasure and masking had to reach, and what another team's conversations hold changes
neither the result, nor its count, nor how many transcripts are read.
"""

import asyncio
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.conversation import Conversation, Line, Status
from bot.handoff.desk import Clerk
from bot.message import Kind
from bot.store.protocol import Store
from nlu.text import fold

READ = 1000  # transcripts that one search reads
PASSED = 4000  # conversations that it passes by, other teams' included
LOADED = 200  # of them at once
FOUND = 25  # results: the next ones are asked for
AT_ONCE = 20  # transcripts read together; between two such handfuls others have their turn
SHOWN = 160  # characters of an excerpt
_WORD = re.compile(r"[^\W_]+")
_QUOTED = re.compile(r"[\"„“”«»‟]([^\"„“”«»‟]+)[\"„“”«»‟]")
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
    """Latest first. `until`: whatever has changed since (unix seconds) was looked at; None: everything was."""

    hits: tuple[Hit, ...] = ()
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched: folded beginnings of words, the number of a conversation, and words in a row (quoted), of which
    the last one may be a beginning."""

    words: tuple[str, ...] = field(default=())
    number: int = 0
    phrases: tuple[tuple[str, ...], ...] = ()

    @classmethod
    def of(cls, text: str) -> "Query":
        """Out of what was typed; a single letter is no word to search."""
        named = _NUMBER.fullmatch(text.strip())
        words = dict.fromkeys(_words(text))
        if max(map(len, words), default=0) < 2:
            return cls((), int(named[1]) if named else 0)
        phrases = (tuple(_words(quoted)) for quoted in _QUOTED.findall(text))
        return cls(tuple(words), int(named[1]) if named else 0, tuple(p for p in phrases if len(p) > 1))

    def __bool__(self) -> bool:
        return bool(self.words or self.number)


async def search(store: Store, clerk: Clerk, query: Query, before: float | None = None) -> Results:
    """What this clerk may find, by what they may read: masked, but for what is in their own hands. `before`: go on from
    there. What has this number stands first, however old it is."""
    if not query:
        return Results()
    numbered = set(await store.numbered(query.number)) if query.number else set()
    hits = [] if before else await _by_number(store, clerk, numbered)
    read, at = 0, before
    for _ in range(PASSED // LOADED):
        some = await store.earlier(at, LOADED)
        seen = [(score, c) for score, c in some if c.id not in numbered and clerk.sees(c)]
        for start in range(0, len(seen), AT_ONCE):
            handful = seen[start : start + AT_ONCE]
            lines = await asyncio.gather(*(store.transcript(c.id) for _, c in handful))
            for (score, c), said in zip(handful, lines, strict=True):
                at, hit = score, found(c, said, clerk.user, query)
                hits += [hit] if hit else []
                if len(hits) >= FOUND:
                    return Results(tuple(hits), at)
            read += len(handful)
            if read >= READ:
                return Results(tuple(hits), at)
        if len(some) < LOADED:
            return Results(tuple(hits))
        at = some[-1][0]
    return Results(tuple(hits), at)


async def _by_number(store: Store, clerk: Clerk, numbered: Iterable[str]) -> list[Hit]:
    held = await asyncio.gather(*(store.load(ident) for ident in sorted(numbered)))
    found = [one.conversation for one in held if one.conversation and clerk.sees(one.conversation)]
    return [Hit(c, at=c.last_citizen) for c in found]


def found(c: Conversation, lines: Iterable[Line], user: str, query: Query) -> Hit | None:
    """Is it one? Every word must begin one of the citizen's, or of the name where the clerk may read that; words in a
    row must stand so in one message."""
    if query.number and query.number == c.number:
        return Hit(c, at=c.last_citizen)
    in_charge = c.status is Status.ASSIGNED and c.owner == user
    left: set[object] = {*query.words, *query.phrases}
    if not left:
        return None
    if in_charge:
        left -= _held(_words(c.sender), query)
    best: tuple[int, Hit] = (0, Hit(c, at=c.last_citizen))
    for line in lines:
        if line.by != "citizen" or line.what in _UNSAID:
            continue
        text = line.text if in_charge else line.masked
        here = _held(_words(text), query)
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


def _words(text: str) -> list[str]:
    return list(filter(None, map(fold, _WORD.findall(text))))


def _held(typed: Sequence[str], query: Query) -> set[object]:
    """What of the query stands in these words."""
    words = {word for word in query.words if any(one.startswith(word) for one in typed)}
    return words | {phrase for phrase in query.phrases if _in_a_row(typed, phrase)}


def _in_a_row(typed: Sequence[str], phrase: Sequence[str]) -> bool:
    *whole, last = phrase
    size = len(whole)
    return any(
        list(typed[at : at + size]) == whole and typed[at + size].startswith(last) for at in range(len(typed) - size)
    )


def _begins(word: str, words: Sequence[str]) -> bool:
    return fold(word).startswith(tuple(words))

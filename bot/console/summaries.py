"""The one line under which a conversation stands in a list: its subject, and whether the citizen spoke last."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from bot.conversation import Conversation, Line
from bot.message import Kind
from bot.store.protocol import Store

SUBJECT = 90  # characters
PHONE = "[PHONE]"  # what masking makes of a number
AT_ONCE = 32  # transcripts read together
KEPT = 1000  # conversations whose summary is remembered


@dataclass(frozen=True, slots=True)
class Summary:
    """`subject` is masked. `kind` names what it was when there are no words: a command, a voice message."""

    subject: str = ""
    kind: str = ""
    unanswered: bool = False
    matter: str = ""  # the same without messages that leave a telephone number: what a call is about


class Summaries:
    """Remembers each conversation's summary until its state changes: every new line changes it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, tuple[Conversation, Summary]] = {}

    async def of(self, conversations: Iterable[Conversation]) -> dict[str, Summary]:
        """Summaries by conversation id."""
        every = {c.id: c for c in conversations}
        found = {name: known for name, c in every.items() if (known := self._known.get(name)) and same(known[0], c)}
        changed = [c for name, c in every.items() if name not in found]
        for start in range(0, len(changed), AT_ONCE):
            some = changed[start : start + AT_ONCE]
            lines = await asyncio.gather(*(self._store.transcript(c.id) for c in some))
            found |= {c.id: (c, summarise(said)) for c, said in zip(some, lines, strict=True)}
        for name, known in found.items():
            self._known.pop(name, None)
            self._known[name] = known  # at the end: the oldest go first
        while len(self._known) > KEPT:
            del self._known[next(iter(self._known))]
        return {name: known[1] for name, known in found.items()}


def same(one: Conversation, other: Conversation) -> bool:
    """Nothing has changed. Mostly they are one object, which is quicker told than fifty equal fields."""
    return one is other or one == other


def summarise(lines: list[Line]) -> Summary:
    """From the transcript."""
    spoken = [line for line in lines if line.by in ("citizen", "clerk")]
    unanswered = bool(spoken) and spoken[-1].by == "citizen"
    citizen = [line for line in reversed(lines) if line.by == "citizen"]
    said = [line.masked for line in citizen if line.masked.strip() and line.what in ("", Kind.EDIT)]
    matter = shortened(next((words for words in said if PHONE not in words), ""))
    if said:
        return Summary(shortened(said[0]), "", unanswered, matter)
    return Summary("", citizen[0].what if citizen else "", unanswered)


def shortened(text: str, limit: int = SUBJECT) -> str:
    """The first words."""
    flat = " ".join(text.split())
    if len(flat) <= limit:
        return flat
    cut = flat[:limit]
    return (cut.rpartition(" ")[0] or cut) + " …"

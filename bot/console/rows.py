"""Rows of the list as HTML, made once for all who read them, and sent only to pages that do not have them yet.

A page says which list it has by the list's tag. Of what stands there already in the same words, it is sent the place
and no more. A tag that nobody knows (another process, long ago) costs the whole list, never a wrong one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from markupsafe import Markup, escape

from bot.console.inbox_view import Row, is_late, row, waits_since
from bot.console.pages import html
from bot.console.summaries import Summary
from bot.console.words import Words
from bot.conversation import Conversation, Status
from faq.town import Town

ROWS, LISTS = 5000, 300  # kept at most


@dataclass(frozen=True, slots=True)
class Item:
    """A row and its HTML; `mark` changes with any of it."""

    row: Row
    html: Markup
    mark: str


@dataclass(frozen=True, slots=True)
class Viewer:
    """For whom rows are made: `user` has some in hand, `suffix` are the filters of the address, `current` is open."""

    user: str
    words: Words
    town: Town
    names: Mapping[str, str]
    suffix: str = ""
    may_open: bool = True
    current: str = ""


class Rows:
    """Remembers each row until anything on it changes: its conversation, the minute of its age, the town's names."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Any, ...], tuple[tuple[Any, ...], Item]] = {}

    def of(self, c: Conversation, summary: Summary, viewer: Viewer) -> Item:
        """The row of a conversation."""
        t, at = viewer.words, waits_since(c) or c.last_citizen
        mine = c.status is Status.ASSIGNED and c.owner == viewer.user
        key = (c.id, t.language, mine, viewer.suffix, viewer.may_open, c.id == viewer.current)
        minutes = (t.now - at).total_seconds() // 60 if at else 0
        owner = viewer.names.get(c.owner, c.owner)
        # In this order: what differs most often is compared first, and the same objects at once.
        shown = (minutes, summary, owner, is_late(c, t.now), t.local(t.now).date(), c, viewer.town)
        kept = self._kept.pop(key, None)
        if kept is None or kept[0] != shown:
            kept = (shown, self._made(c, summary, viewer))
        self._kept[key] = kept  # at the end: the oldest goes first
        if len(self._kept) > ROWS:
            del self._kept[next(iter(self._kept))]
        return kept[1]

    @staticmethod
    def _made(c: Conversation, summary: Summary, viewer: Viewer) -> Item:
        made = row(c, viewer.user, summary, viewer.words, viewer.town, viewer.names)
        text = Markup(  # noqa: S704 - out of a template that escapes
            html(
                "inbox/item.html",
                viewer.words,
                r=made,
                suffix=viewer.suffix,
                may_open=viewer.may_open,
                current=c.id == viewer.current,
            )
        )
        return Item(made, text, f"{c.id}.{_digest([text])}")


class Sent:
    """Which rows the lists of a tag hold."""

    def __init__(self) -> None:
        self._marks: dict[str, frozenset[str]] = {}

    def tag(self, items: Iterable[Item], *more: str) -> str:
        """The name of this list; `more` says what else it shows."""
        marks = [item.mark for item in items]
        tag = _digest([*more, *marks])
        self._marks.pop(tag, None)
        self._marks[tag] = frozenset(marks)
        if len(self._marks) > LISTS:
            del self._marks[next(iter(self._marks))]
        return tag

    def rows(self, items: Iterable[Item], tag: str) -> Markup:
        """Their HTML for a page that has the list of this tag, "" for none."""
        there = self._marks.get(tag, frozenset())
        texts = (_same(item) if item.mark in there else item.html for item in items)
        return Markup("".join(texts))  # noqa: S704 - each is escaped


def _same(item: Item) -> str:
    return f'<li id="row-{escape(item.row.id)}" data-same></li>'


def matching(items: Sequence[Item], query: str) -> list[Item]:
    """Those whose words hold all of the query's."""
    wanted = query.casefold().split()
    return [item for item in items if all(w in _searched(item.row) for w in wanted)]


def _searched(r: Row) -> str:
    return f"{r.number} {r.subject} {r.reason} {r.channel} {r.language} {r.team} {r.owner}".casefold()


def _digest(texts: Iterable[str]) -> str:
    return blake2b("\0".join(texts).encode(), digest_size=8).hexdigest()

"""What an import would do: which entries are new, which change and how, which stay as they are. Nothing is written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Engine, select

from faq import rows
from faq.database import reading
from faq.entry import Content, Draft, Revision, Text, content_to_json
from faq.importing.merge import merged
from faq.sources.known import folded
from faq.sources.rows import RowError
from faq.sources.table import OF_TEXT, column, row_of
from faq.tables import entries


@dataclass(frozen=True)
class Differs:
    """A field of one language that would change. `field` as faq/sources/columns.yml calls it."""

    language: str
    field: str
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """An entry with its content after the import, and the revision upon which that was judged (None: there is none)."""

    entry: str
    content: Content
    based_on: str | None
    differs: tuple[Differs, ...] = ()
    place: str = ""

    @property
    def question(self) -> str:
        """What people know it by."""
        return next(iter(self.content.texts.values())).question


@dataclass(frozen=True)
class Plan:
    """All that an import would do. `errors`: entries of the file that would be the same one."""

    new: tuple[Change, ...]
    changed: tuple[Change, ...]
    same: tuple[Change, ...]
    errors: tuple[RowError, ...] = ()

    @property
    def drafts(self) -> tuple[Draft, ...]:
        """Every entry of the file as it would be, by the catalogue's names."""
        return tuple(Draft(one.entry, one.content, one.place) for one in (*self.new, *self.changed, *self.same))


def plan(engine: Engine, drafts: Iterable[Draft]) -> Plan:
    """Compares with the newest revisions, on one view of the database.

    An entry is found by its name; where the file has none, by the words of its question, folded.
    """
    with reading(engine) as db:
        known = db.execute(select(entries.c.entry, entries.c.head, entries.c.question)).all()
        heads = {row.entry: row.head for row in known}
        asked: dict[str, str] = {}
        for row in sorted(known, key=lambda row: row.entry):
            asked.setdefault(folded(row.question), row.entry)
        named = [_named(draft, heads, asked) for draft in drafts]
        wanted = {heads[draft.entry] for draft in named if draft.entry in heads}
        found = {head.entry: head for head in rows.some(db, wanted)}
    return _compared(named, found)


def _named(draft: Draft, heads: Mapping[str, str], asked: Mapping[str, str]) -> Draft:
    """By the name under which the catalogue has it."""
    entry = asked.get(folded(_question(draft))) if not draft.named else None
    return replace(draft, entry=entry) if entry and draft.entry not in heads else draft


def _question(draft: Draft) -> str:
    return (draft.content.texts.get("de") or next(iter(draft.content.texts.values()))).question


def _compared(drafts: Iterable[Draft], heads: Mapping[str, Revision]) -> Plan:
    new, changed, same, errors = [], [], [], []
    places: dict[str, str] = {}
    for draft in drafts:
        # Without an id, the next import will find the entry by its question: two that ask the same were one then.
        keys = {draft.entry} if draft.named else {draft.entry, f"? {folded(_question(draft))}"}
        if before := next((places[key] for key in keys if key in places), ""):
            errors.append(_twice(draft, before))
            continue
        places |= dict.fromkeys(keys, draft.place)
        head = heads.get(draft.entry)
        if head is None:
            new.append(Change(draft.entry, draft.content, None, (), draft.place))
            continue
        content = merged(draft, head.content)
        if content_to_json(content) == content_to_json(head.content):
            same.append(Change(draft.entry, content, head.id, (), draft.place))
        else:
            differs = _differs(draft.entry, head.content, content)
            changed.append(Change(draft.entry, content, head.id, differs, draft.place))
    return Plan(tuple(new), tuple(changed), tuple(same), tuple(errors))


def _differs(entry: str, before: Content, after: Content) -> tuple[Differs, ...]:
    found = []
    shared: set[tuple[str, str, str]] = set()
    for language in after.texts:
        then, now = (
            row_of(Draft(entry, content), content.texts.get(language) or Text(language, ""))
            for content in (before, after)
        )
        for name, value in now.items():
            change = (name, then[name], value)
            if value != then[name] and change not in shared:
                found.append(Differs(language, *change))
                if name not in OF_TEXT:
                    shared.add(change)  # what all languages share is told once
    return tuple(found)


def _twice(draft: Draft, before: str) -> RowError:
    place, _, row = draft.place.rpartition(":")
    first = before.rpartition(":")[2]
    message = f'asks what row {first} asks already ("{draft.entry}"); remove one of them, or give each an id.'
    return RowError(int(row or 0), column("question"), message, place, None, "same.entry", (("row", first),))

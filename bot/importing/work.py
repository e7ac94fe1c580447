"""The two jobs of an import: look at the whole file and tell what would become of it; then take it in.

What the first one saw is kept: an entry that somebody saved between the two is a conflict, and left alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from bot.importing.shelf import Shelf, Upload
from faq.importing import Plan, plan, take_in
from faq.sources import RowError, read_for
from faq.town import Town

CHECK, TAKE = "import-check", "import"
"""Kinds of jobs (faq.jobs); both are about an upload's id."""
SEEN, DONE = "seen", "done"
"""What is kept beside the file: the versions that were looked at, and what became of them."""
SHOWN, WORDS = 200, 300
"""Rows of a kind that a page shows, and characters of a text in them."""

Tell = Callable[[str, float], object]
"""Hears a key of the console's words, and the share that is done."""


class Gone(Exception):
    """The file was thrown away, or has lain too long; hand it in again."""


def check(engine: Engine, town: Town, shelf: Shelf, upload: Upload, tell: Tell) -> dict[str, Any]:
    """What would be new, changed, unchanged and wrong; nothing is written. Raises Gone."""
    wanted, errors, remarks = _looked(engine, town, shelf, upload, tell)
    shelf.keep(upload.id, SEEN, {one.entry: one.based_on for one in (*wanted.new, *wanted.changed)})
    return {
        "new": len(wanted.new),
        "changed": len(wanted.changed),
        "same": len(wanted.same),
        "errors": len(errors),
        "news": [[one.entry, one.question[:WORDS]] for one in wanted.new[:SHOWN]],
        "changes": [
            [
                one.entry,
                one.question[:WORDS],
                [[d.language, d.field, _cut(d.before), _cut(d.after)] for d in one.differs],
            ]
            for one in wanted.changed[:SHOWN]
        ],
        "wrong": [_told(error, shelf, upload) for error in errors[:SHOWN]],
        "remarks": [_told(remark, shelf, upload) for remark in remarks[:SHOWN]],
    }


def take(engine: Engine, town: Town, shelf: Shelf, upload: Upload, now: datetime, tell: Tell) -> dict[str, Any]:
    """Saves what is new and changed as drafts of the upload's owner; nothing where anything is wrong. Done again
    after a worker died, it tells what was done. Raises Gone."""
    if before := shelf.kept(upload.id, DONE):
        return dict(before)
    wanted, errors, _ = _looked(engine, town, shelf, upload, tell)
    if errors:
        return {"errors": len(errors), "wrong": [_told(error, shelf, upload) for error in errors[:SHOWN]]}
    seen = shelf.kept(upload.id, SEEN)
    changes = {one.entry: replace(one, based_on=seen.get(one.entry)) for one in (*wanted.new, *wanted.changed)}
    # What became the same since was done by somebody else; what differs since was not seen.
    told = replace(wanted, new=tuple(changes[one.entry] for one in wanted.new))
    told = replace(told, changed=tuple(changes[one.entry] for one in wanted.changed))

    def saving(done: int, of: int) -> None:
        tell("import.saving", 0.5 + 0.5 * done / max(of, 1))

    kept = take_in(engine, told, upload.by, now, saving)
    questions = {one.entry: one.question[:WORDS] for one in changes.values()}

    def shown(entries: tuple[str, ...]) -> list[list[str]]:
        return [[entry, questions[entry]] for entry in entries[:SHOWN]]

    done = {
        "new": len(kept.new),
        "changed": len(kept.changed),
        "same": len(wanted.same),
        "errors": 0,
        "news": shown(kept.new),
        "changes": shown(kept.changed),
        "conflicts": shown(kept.conflicts),
    }
    shelf.keep(upload.id, DONE, done)
    shelf.taken_in(upload.id)
    return done


def _looked(
    engine: Engine, town: Town, shelf: Shelf, upload: Upload, tell: Tell
) -> tuple[Plan, tuple[RowError, ...], tuple[RowError, ...]]:
    place = shelf.file(upload.id)
    if place is None:
        raise Gone
    tell("import.reading", 0.0)
    found = read_for(town, place, upload.columns or None)
    tell("import.comparing", 0.4)
    wanted = plan(engine, found.drafts)
    return wanted, found.errors + wanted.errors, (*found.blocks, *found.remarks)


def _told(error: RowError, shelf: Shelf, upload: Upload) -> list[Any]:
    """Row, column, name, values, English sentence, and the file within a folder."""
    place = shelf.file(upload.id)
    within = error.place.removeprefix(str(place)).strip("/") if place else ""
    values: Mapping[str, str] = {name: _cut(value) for name, value in error.values}
    return [error.row, error.column, error.why, values, error.message[:WORDS], within]


def _cut(text: str) -> str:
    return text if len(text) <= WORDS else f"{text[: WORDS - 1]}…"

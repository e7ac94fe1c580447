"""Questions held out to test: what a release must go on answering. Nothing learns from them, and none is ever indexed.

Those of the corpus folder are taken in once; editors add and retire theirs, questions that found no answer join.
"""

import hashlib
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Engine, Row, Select, delete, func, select, update

from faq.database import reading, upsert, writing
from faq.marked import FileError, Marked, load_marked
from faq.tables import PERSON
from faq.trial_tables import trials

Origin = Literal["corpus", "gap", "editor"]
LONGEST = 500
"""Characters of a question."""
IMPORTER = "import"


class TrialRefused(ValueError):
    """A trial cannot be kept; `why` is a key of the console's words: empty, long."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"a trial is a question of 1 to {LONGEST} characters ({why})")


@dataclass(frozen=True)
class Trial:
    """A question, and which entries answer it; () for one that is not the town's, so that nothing should answer.
    `retired` is when somebody took it out, None while it counts."""

    id: str
    question: str
    language: str
    relevant: tuple[str, ...]
    origin: Origin
    author: str
    at: datetime
    retired: datetime | None = None


class Trials:
    """All trials in one database. Safe to share between threads; many processes may use one database."""

    def __init__(self, engine: Engine, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._engine, self._now = engine, now

    def add(self, question: str, language: str, relevant: Iterable[str], origin: Origin, author: str) -> Trial:
        """Keep it. The same question in that language is one trial: what is said last of it holds, and a retired one
        counts again. Raises TrialRefused."""
        with writing(self._engine) as db:
            return self.add_in(db, question, language, relevant, origin, author)

    def add_in(
        self, db: Connection, question: str, language: str, relevant: Iterable[str], origin: Origin, author: str
    ) -> Trial:
        """`add` as a part of a larger change."""
        made = _trial(question, language, relevant, origin, author, self._now())
        row = _row(made)
        db.execute(upsert(db, trials).values(row).on_conflict_do_update(index_elements=["id"], set_=row))
        return made

    def retire(self, id: str, by: str) -> bool:
        """It counts no more; it stays, so that nothing takes it in again. False where none counts."""
        with writing(self._engine) as db:
            return self.retire_in(db, id, by)

    def retire_in(self, db: Connection, id: str, by: str) -> bool:
        """`retire` as a part of a larger change."""
        return _set(db, id, trials.c.retired.is_(None), retired=self._now(), retired_by=by[:PERSON])

    def revive(self, id: str) -> bool:
        """It counts again. False where none was retired."""
        with writing(self._engine) as db:
            return _set(db, id, trials.c.retired.is_not(None), retired=None, retired_by="")

    def seed(self, found: Iterable[Trial]) -> int:
        """Take in those that were never here; what people changed or retired stays as it is. Returns how many."""
        with writing(self._engine) as db:
            known = set(db.execute(select(trials.c.id)).scalars())
            fresh = {one.id: one for one in found if one.id not in known}
            if fresh:  # another process may take them in at the same moment
                new = upsert(db, trials).on_conflict_do_nothing(index_elements=["id"])
                db.execute(new, [_row(one) for one in fresh.values()])
        return len(fresh)

    def get(self, id: str) -> Trial | None:
        """That one, retired or not."""
        with reading(self._engine) as db:
            return kept(db, id)

    def all(self) -> tuple[Trial, ...]:
        """Every one that counts, by its id."""
        with reading(self._engine) as db:
            return _some(db, select(trials).where(trials.c.retired.is_(None)).order_by(trials.c.id))

    def beyond(self, asked: Container[str], at: datetime) -> int:
        """How many count that are not among these (ids), or that say something else since then."""
        chosen = select(trials.c.id, trials.c.at).where(trials.c.retired.is_(None))
        with reading(self._engine) as db:
            return sum(row.id not in asked or row.at > at for row in db.execute(chosen))

    def of_entry(self, entry: str) -> tuple[Trial, ...]:
        """Those that count and that it answers, newest first."""
        named = trials.c.relevant.contains(f"\n{entry}\n", autoescape=True)
        chosen = select(trials).where(trials.c.retired.is_(None), named)
        with reading(self._engine) as db:
            found = _some(db, chosen.order_by(trials.c.at.desc(), trials.c.id))
        return tuple(one for one in found if entry in one.relevant)  # SQLite's LIKE knows no case

    def list(
        self,
        query: str = "",
        language: str = "",
        origin: str = "",
        entry: str = "",
        retired: bool = False,
        offset: int = 0,
        limit: int = 50,
    ) -> tuple[tuple[Trial, ...], int]:
        """Those whose question or entries hold all words of the query, newest first, and how many there are in all.
        `entry` "-" chooses those that nothing should answer."""
        chosen: Select[Any] = select(trials).where(
            trials.c.retired.is_not(None) if retired else trials.c.retired.is_(None)
        )
        for word in query.casefold().split():
            chosen = chosen.where(trials.c.words.contains(word, autoescape=True))
        if language:
            chosen = chosen.where(trials.c.language == language)
        if origin:
            chosen = chosen.where(trials.c.origin == origin)
        if entry == "-":
            chosen = chosen.where(trials.c.relevant == "")
        elif entry:
            chosen = chosen.where(trials.c.relevant.contains(f"\n{entry}\n", autoescape=True))
        with reading(self._engine) as db:
            total = db.execute(select(func.count()).select_from(chosen.subquery())).scalar_one()
            ordered = chosen.order_by(trials.c.at.desc(), trials.c.id).offset(offset).limit(limit)
            return _some(db, ordered), total


def kept(db: Connection, id: str) -> Trial | None:
    """That trial, retired or not."""
    row = db.execute(select(trials).where(trials.c.id == id)).first()
    return _read(row) if row else None


def erase(db: Connection, id: str) -> None:
    """Its words are gone for good: somebody is recognised in them. A part of a larger change."""
    db.execute(delete(trials).where(trials.c.id == id))


def name_of(question: str, language: str) -> str:
    """The id of the trial that asks this."""
    text = " ".join(question.split())
    return hashlib.sha256(f"{language}\0{text.casefold()}".encode("utf-8", "replace")).hexdigest()[:16]


def corpus_trials(folder: Path, at: datetime) -> list[Trial]:
    """The trials of a corpus folder, none where it has none: `trials/<language>.yml` holds {entry: [question, …]},
    `out_of_scope.yml` {kind: {"trials" (German) or language: [question, …]}}. Raises FileError."""
    found: list[Trial] = []
    for path in sorted((folder / "trials").glob("*.yml")):
        try:
            found += _of_file(path, at)
        except (TrialRefused, AttributeError, TypeError, KeyError) as error:
            raise FileError(path, 1, f"does not hold trials ({error})") from None
    return _joined(found)


def _of_file(path: Path, at: datetime) -> Iterator[Trial]:
    top = load_marked(path)
    if path.stem == "out_of_scope":
        for languages in _mapping(path, top, "kinds").values():
            for language, questions in languages.items():
                code = "de" if language == "trials" else language
                yield from (_trial(text, code, (), "corpus", IMPORTER, at) for text in questions)
        return
    for entry, questions in _mapping(path, top, "trials").items():
        yield from (_trial(text, top["language"], (entry,), "corpus", IMPORTER, at) for text in questions)


def _mapping(path: Path, top: Any, name: str) -> dict[str, Any]:
    found = top.get(name) if isinstance(top, Marked) else None
    if not isinstance(found, dict):
        raise FileError(path, 1, f'"{name}" must hold the questions')
    return found


def _joined(found: Iterable[Trial]) -> "list[Trial]":
    """A question that stands with several entries is one trial, which any of them answers."""
    joined: dict[str, Trial] = {}
    for one in found:
        before = joined.get(one.id)
        entries = (*before.relevant, *one.relevant) if before else one.relevant
        joined[one.id] = _trial(one.question, one.language, entries, one.origin, one.author, one.at)
    return [*joined.values()]


def _trial(question: str, language: str, relevant: Iterable[str], origin: Origin, author: str, at: datetime) -> Trial:
    text = " ".join(question.split())
    if not text or len(text) > LONGEST:
        raise TrialRefused("long" if text else "empty")
    return Trial(
        name_of(text, language), text, language, tuple(sorted({*relevant} - {""})), origin, author[:PERSON], at
    )


def _row(one: Trial) -> dict[str, Any]:
    """As it is kept."""
    return {
        "id": one.id,
        "question": one.question,
        "words": "\n".join((one.question, *one.relevant)).casefold(),
        "language": one.language,
        "relevant": "".join(f"\n{entry}\n" for entry in one.relevant),
        "origin": one.origin,
        "author": one.author,
        "at": one.at,
        "retired": None,
        "retired_by": "",
    }


def _set(db: Connection, id: str, where: Any, **values: Any) -> bool:
    return db.execute(update(trials).where(trials.c.id == id, where).values(**values)).rowcount == 1


def _some(db: Connection, chosen: Select[Any]) -> tuple[Trial, ...]:
    return tuple(_read(row) for row in db.execute(chosen).all())


def _read(row: Row[Any]) -> Trial:
    relevant = tuple(row.relevant.split())
    return Trial(row.id, row.question, row.language, relevant, row.origin, row.author, row.at, row.retired)

"""An editor decides about a cluster: the draft, the trials and the note are one transaction, and are undone in one.

In three, whoever came second, or a crash, would leave a draft that no cluster knows of, and trials that nobody ordered.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine

from bot.gaps.deeds import DECISIONS, Decision, Deed, Deeds, undecided
from bot.gaps.gap import State, Use
from bot.gaps.splitting import Asked
from faq import rows
from faq.catalogue import Catalogue
from faq.editing.withdrawal import drop_in
from faq.entry import Content, Revision, Status
from faq.releases.kept import changing
from faq.trials import Trials, kept, name_of


@dataclass(frozen=True)
class Draft:
    """What an entry shall say; `based_on` is the id of the revision that the editor saw, "" for a new entry."""

    entry: str
    content: Content
    based_on: str = ""


class Deciding:
    """Decisions in one database. Calls block (SQL)."""

    def __init__(self, engine: Engine, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._engine, self._deeds = engine, Deeds(engine, now)
        self._catalogue, self._trials = Catalogue(engine, now), Trials(engine, now)

    def decide(
        self, cluster: str, seen: int, by: str, what: str, lines: Sequence[Asked], draft: Draft | None
    ) -> Revision | None:
        """What the draft became, None where there is none: nothing of ours. `what` as Decision has it. Raises Refused,
        EditConflict."""
        with changing(self._engine) as db:
            undecided(db, cluster, seen)
            saved = None
            if draft:
                saved = self._catalogue.save_in(db, draft.entry, draft.content, by, draft.based_on or None)
            uses: dict[str, tuple[Use, str]] = {}
            before: dict[str, Sequence[str] | None] = {}
            for line in lines:
                trial = self._tried(db, line, saved, by, before) if line.use is Use.TRIAL else ""
                uses |= dict.fromkeys(line.facts, (line.use, trial))
            state, base = (State.WORKING, draft.based_on) if saved and draft else (State.FOREIGN, "")
            entry, number = (saved.entry, saved.number) if saved else ("", 0)
            self._deeds.decide_in(db, cluster, seen, by, Decision(what, state, entry, number, base, uses, before))
            return saved

    def undo(self, cluster: str, seen: int, by: str) -> Deed:
        """Take the deed `seen` back, with the trials and the draft that a decision made. Raises Refused."""
        with changing(self._engine) as db:
            deed = self._deeds.undo_in(db, cluster, seen, by)
            if deed.what in DECISIONS:
                for trial, before in deed.detail["trials"].items():
                    self._trial_back(db, trial, before, by)
                if deed.detail["entry"]:
                    self._draft_back(db, deed, by)
            return deed

    def _tried(
        self,
        db: Connection,
        line: Asked,
        saved: Revision | None,
        by: str,
        before: dict[str, Sequence[str] | None],
    ) -> str:
        """The id of the trial that this wording becomes; how it was goes into `before`."""
        language = line.language or "de"
        known = kept(db, name_of(line.text, language))
        made = self._trials.add_in(db, line.text, language, (saved.entry,) if saved else (), "gap", by)
        before.setdefault(made.id, list(known.relevant) if known and not known.retired else None)
        return made.id

    def _trial_back(self, db: Connection, trial: str, before: Sequence[str] | None, by: str) -> None:
        known = kept(db, trial)
        if known and before is None:
            self._trials.retire_in(db, trial, by)
        elif known and before is not None:
            self._trials.add_in(db, known.question, known.language, before, "gap", by)

    def _draft_back(self, db: Connection, deed: Deed, by: str) -> None:
        """The draft goes as it came, unless somebody worked on it since."""
        entry, base = deed.detail["entry"], deed.detail["base"]
        row = rows.entry_row(db, entry)
        head = rows.revision(db, row.head) if row else None
        if row is None or head is None or head.number != deed.detail["number"] or row.status != Status.DRAFT:
            return
        former = rows.revision(db, base) if base else None
        if former is None and not row.live:
            self._catalogue.archive_in(db, entry, by, if_live=False)
        elif former and not drop_in(db, head, former):
            self._catalogue.save_in(db, entry, former.content, by, head.id)

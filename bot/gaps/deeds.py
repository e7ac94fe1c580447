"""What editors do to clusters: each is one transaction, leaves a line that says how it was before, and can be undone,
but for words that were deleted."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, and_, exists, insert, select, update

from bot.facts.tables import facts
from bot.gaps.clustering import blank
from bot.gaps.gap import UNCLEAR, State, Use
from bot.gaps.kept import questions_of
from bot.gaps.tables import TITLE, clusters, deeds, questions
from faq.database import reading, writing
from faq.proving.reports import forget
from faq.tables import PERSON
from faq.trials import erase

DECISIONS = ("draft", "extend", "foreign")
UNDONE_BY_US = (*DECISIONS, "merge", "move", "name")


class Refused(Exception):
    """It cannot be done as things stand; `why` is a key of the console's words below gaps.refused."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


@dataclass(frozen=True)
class Decision:
    """What an editor decided about a cluster. `uses`: each question's part, with the trial it became ("" none).
    `trials`: how each of these trials was before, its entries, None where there was none. `base`: the revision upon
    which an entry was extended, "" none."""

    what: str
    state: State
    entry: str = ""
    number: int = 0
    base: str = ""
    uses: Mapping[str, tuple[Use, str]] = field(default_factory=dict)
    trials: Mapping[str, Sequence[str] | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Deed:
    """One line of a cluster's story. `at` is aware UTC."""

    id: int
    cluster: str
    what: str
    by: str
    at: datetime
    detail: Mapping[str, Any]
    undone: bool


class Deeds:
    """Changes of clusters in one database. `seen` is the newest deed that the editor saw, 0 none: what somebody else
    did since is never overwritten (Refused "stale")."""

    def __init__(self, engine: Engine, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._engine, self._now = engine, now

    def of(self, cluster: str, limit: int = 20) -> Sequence[Deed]:
        """A cluster's story, the newest first."""
        query = select(deeds).where(deeds.c.cluster == cluster).order_by(deeds.c.id.desc()).limit(limit)
        with reading(self._engine) as db:
            return [_deed(row) for row in db.execute(query).all()]

    def name(self, cluster: str, seen: int, by: str, title: str) -> None:
        """Call it that; "" takes an editor's name away."""
        with writing(self._engine) as db:
            row = _current(db, cluster, seen)
            db.execute(update(clusters).where(clusters.c.id == cluster).values(title=title[:TITLE]))
            self._note(db, cluster, "name", by, {"before": row.title})

    def decide(self, cluster: str, seen: int, by: str, decision: Decision) -> None:
        """An open cluster gets an entry, or is nothing of ours."""
        with writing(self._engine) as db:
            self.decide_in(db, cluster, seen, by, decision)

    def decide_in(self, db: Connection, cluster: str, seen: int, by: str, decision: Decision) -> None:
        """The same as a part of a larger change."""
        row = undecided(db, cluster, seen)
        before = {"state": row.state, "entry": row.entry, "number": row.number, "release": row.release}
        before["live_at"] = row.live_at.isoformat() if row.live_at else None
        told = {"state": decision.state, "entry": decision.entry, "number": decision.number}
        db.execute(update(clusters).where(clusters.c.id == cluster).values(**told, release=0, live_at=None))
        for fact, (use, trial) in decision.uses.items():
            # Its expected entry is a new one: what was found before says nothing of it.
            values = {"use": use, "trial": trial, "asked": "", "found": ""}
            mine = and_(questions.c.fact == fact, questions.c.cluster == cluster, questions.c.use != Use.GONE)
            db.execute(update(questions).where(mine).values(values))
        self._note(db, cluster, decision.what, by, {**asdict(decision), "before": before})

    def merge(self, cluster: str, seen: int, by: str, into: str) -> None:
        """All its questions go into the other one, and later ones, too. Only what nobody has decided about."""
        with writing(self._engine) as db:
            row, other = _current(db, cluster, seen), _row(db, into)
            if row.state != State.OPEN or into == UNCLEAR or cluster == into:
                raise Refused("merge")
            if other.into:
                raise Refused("stale")
            mine = db.execute(select(questions.c.fact, questions.c.again).where(questions.c.cluster == cluster)).all()
            db.execute(update(clusters).where(clusters.c.id == cluster).values(into=into))
            db.execute(update(clusters).where(clusters.c.into == cluster).values(into=into))
            db.execute(update(questions).where(questions.c.cluster == cluster).values(cluster=into))
            _count_again(db, into)
            moved = {one.fact: one.again for one in mine}
            self._note(db, cluster, "merge", by, {"into": into, "questions": moved})
            self._note(db, into, "merged", by, {"from": cluster, "count": len(moved)})

    def move(self, cluster: str, seen: int, by: str, some: Sequence[str], to: str) -> str:
        """Questions (ids of facts) go elsewhere and stay there, whatever later clusterings say; "" makes a cluster of
        their own. Returns where they are."""
        with writing(self._engine) as db:
            _current(db, cluster, seen)
            held = [_question(db, cluster, fact) for fact in some]
            if not held or any(one.use in (Use.WORDING, Use.TRIAL) for one in held):
                raise Refused("used" if held else "stale")
            known = db.execute(select(clusters.c.id).where(clusters.c.id == to)).first() is not None
            if to not in ("", UNCLEAR) and not known:
                raise Refused("stale")  # ids are ours to make
            to = to or _fresh(db, some[0])
            if not known:
                db.execute(insert(clusters).values(**blank(to, State.OPEN, some[0], self._now())))
            elif _row(db, to).into or to == cluster:
                raise Refused("stale")
            for fact in some:
                db.execute(update(questions).where(questions.c.fact == fact).values(cluster=to, placed=True))
            for one in (cluster, to):
                _count_again(db, one)
            placed = {one.fact: one.placed for one in held}
            self._note(db, cluster, "move", by, {"to": to, "placed": placed})
            self._note(db, to, "moved", by, {"from": cluster, "count": len(placed)})
            return to

    def wipe(self, cluster: str, seen: int, by: str, some: Sequence[str], why: str) -> None:
        """Delete the words of questions (ids of facts), for good, and count them no more; `why`: spam or personal.
        The trials that they had become are gone as well, and what reports tell of these."""
        with writing(self._engine) as db:
            row = _current(db, cluster, seen)
            held = [_question(db, cluster, fact) for fact in some]
            for fact in some:
                db.execute(update(facts).where(facts.c.id == fact).values(text=""))
                gone = {"use": Use.GONE, "vector": None, "found": "", "trial": ""}
                db.execute(update(questions).where(questions.c.fact == fact).values(gone))
            _count_again(db, cluster)
            # What its questions shared may be the very words that are to go; the next look tells what the others share.
            left = questions_of(db, cluster, 1) if row.typical in some else []
            named = {"words": "", "typical": left[0].id if left else row.typical}
            db.execute(update(clusters).where(clusters.c.id == cluster).values(named))
            trials = {one.trial for one in held} - {""}
            for trial in trials:
                erase(db, trial)
            if trials:
                forget(db, trials)
            self._note(db, cluster, "wipe", by, {"why": why, "count": len(held)})

    def undo(self, cluster: str, seen: int, by: str) -> Deed:
        """Take the deed `seen` back, the newest that can be; returns it. Of a decision the trials and the draft stay:
        bot.gaps.deciding takes these back as well."""
        with writing(self._engine) as db:
            return self.undo_in(db, cluster, seen, by)

    def undo_in(self, db: Connection, cluster: str, seen: int, by: str) -> Deed:
        """The same as a part of a larger change. Raises Refused, "live" where the entry answers already."""
        row = _row(db, cluster)
        latest = select(deeds).where(deeds.c.cluster == cluster, deeds.c.undone.is_(False))
        ours = latest.where(deeds.c.what.in_(UNDONE_BY_US))
        found = db.execute(ours.order_by(deeds.c.id.desc()).limit(1)).first()
        if found is None or found.id != seen:
            raise Refused("stale")
        deed = _deed(found)
        if deed.what in DECISIONS and row.state == State.ANSWERED:
            raise Refused("live")
        db.execute(update(deeds).where(deeds.c.id == deed.id).values(undone=True))
        _take_back(db, deed)
        self._note(db, cluster, "undone", by, {"what": deed.what})
        return deed

    def _note(self, db: Connection, cluster: str, what: str, by: str, detail: Mapping[str, Any]) -> None:
        undone = what == "undone"  # nobody undoes that
        values = {"cluster": cluster, "what": what, "by": by[:PERSON], "at": self._now(), "undone": undone}
        db.execute(insert(deeds).values(**values, detail=json.dumps(detail, default=str)))


def _take_back(db: Connection, deed: Deed) -> None:
    was, mine = deed.detail, clusters.c.id == deed.cluster
    if deed.what == "name":
        db.execute(update(clusters).where(mine).values(title=was["before"]))
    elif deed.what == "move":
        for fact, placed in was["placed"].items():
            back = and_(questions.c.fact == fact, questions.c.cluster == was["to"])
            db.execute(update(questions).where(back).values(cluster=deed.cluster, placed=placed))
        for one in (deed.cluster, was["to"]):
            _count_again(db, one)
    elif deed.what == "merge":
        db.execute(update(clusters).where(mine).values(into=""))
        for fact, again in was["questions"].items():
            back = and_(questions.c.fact == fact, questions.c.cluster == was["into"], questions.c.use == Use.NONE)
            db.execute(update(questions).where(back).values(cluster=deed.cluster, again=again))
        _count_again(db, was["into"])
    else:
        before = dict(was["before"])
        before["live_at"] = datetime.fromisoformat(before["live_at"]) if before["live_at"] else None
        db.execute(update(clusters).where(mine).values(before))
        for fact, (use, _) in was["uses"].items():
            back = and_(questions.c.fact == fact, questions.c.use == use)
            db.execute(update(questions).where(back).values(use=Use.NONE, trial="", asked="", found=""))


def undecided(db: Connection, cluster: str, seen: int) -> Any:
    """The row of a cluster about which can be decided. Raises Refused."""
    row = _current(db, cluster, seen)
    if row.state not in (State.OPEN, State.ANSWERED):
        raise Refused("decided")
    return row


def _current(db: Connection, cluster: str, seen: int) -> Any:
    """The cluster's row, as the editor saw it. Raises Refused."""
    row = _row(db, cluster)
    latest = db.execute(select(deeds.c.id).where(deeds.c.cluster == cluster).order_by(deeds.c.id.desc()).limit(1))
    if row.into or (latest.scalar() or 0) != seen:
        raise Refused("stale")
    return row


def _row(db: Connection, cluster: str) -> Any:
    row = db.execute(select(clusters).where(clusters.c.id == cluster).with_for_update()).first()
    if row is None:
        raise Refused("stale")
    return row


def _question(db: Connection, cluster: str, fact: str) -> Any:
    chosen = and_(questions.c.fact == fact, questions.c.cluster == cluster, questions.c.use != Use.GONE)
    row = db.execute(select(questions).where(chosen)).first()
    if row is None:
        raise Refused("stale")
    return row


def _count_again(db: Connection, cluster: str) -> None:
    """Each citizen is counted once: by what they asked first."""
    asked, other, before = questions.alias(), questions.alias(), facts.alias()
    mine = facts.alias()
    earlier = exists().where(
        other.c.cluster == cluster,
        other.c.use != Use.GONE,
        before.c.id == other.c.fact,
        before.c.conversation == mine.c.conversation,
        (before.c.at < mine.c.at) | and_(before.c.at == mine.c.at, before.c.id < mine.c.id),
    )
    repeats = select(asked.c.fact).join(mine, mine.c.id == asked.c.fact)
    repeats = repeats.where(asked.c.cluster == cluster, mine.c.conversation != "", earlier)
    held = select(asked.c.fact).join(mine, mine.c.id == asked.c.fact)
    held = held.where(asked.c.cluster == cluster, mine.c.conversation != "")
    again = list(db.execute(repeats).scalars())
    db.execute(update(questions).where(questions.c.fact.in_(held)).values(again=False))
    for start in range(0, len(again), 500):
        some = again[start : start + 500]
        db.execute(update(questions).where(questions.c.fact.in_(some)).values(again=True))


def _fresh(db: Connection, fact: str) -> str:
    kept = set(db.execute(select(clusters.c.id)).scalars())
    numbers = range(len(kept) + 1)
    names = (hashlib.blake2b(f"{fact}{n or ''}".encode(), digest_size=8).hexdigest() for n in numbers)
    return next(name for name in names if name not in kept)


def _deed(row: Any) -> Deed:
    return Deed(row.id, row.cluster, row.what, row.by, row.at, json.loads(row.detail), row.undone)

"""Clusters and their questions as editors see them, out of SQL. Reads only; every call is one view."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, func, select

from bot.facts.fact import FactKind
from bot.facts.tables import facts
from bot.gaps.gap import WEEKS, Cluster, Found, Question, State, Use, harm
from bot.gaps.tables import clusters, questions
from faq.database import reading

LISTED = 200
"""Questions that a cluster's page shows."""


@dataclass(frozen=True)
class Filter:
    """What the list is narrowed down to; "" and 0: to nothing. `days`: asked within so many."""

    state: str = ""
    language: str = ""
    topic: str = ""
    days: int = 0


class Gaps:
    """The clusters of a database. `zone` is the town's: it says which day it is."""

    def __init__(self, engine: Engine, zone: ZoneInfo, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._engine, self._zone, self._now = engine, zone, now

    def list(self, wanted: Filter = Filter()) -> Sequence[Cluster]:
        """Clusters with their figures, the heaviest first. Questions outside the filter are not counted."""
        with reading(self._engine) as db:
            found = _clusters(db, clusters.c.into == "")
            self._count(db, found, wanted)
        chosen = [one for one in found.values() if one.count and (not wanted.state or one.state == wanted.state)]
        return sorted(chosen, key=lambda one: (-one.weight, one.id))

    def get(self, id: str) -> Cluster | None:
        """One with its figures; `into` says where it went if it was merged."""
        with reading(self._engine) as db:
            found = _clusters(db, clusters.c.id == id)
            self._count(db, found, Filter())
        return found.get(id)

    def named(self, ids: Iterable[str]) -> Mapping[str, Cluster]:
        """Those of them that are there, without figures."""
        wanted = list(ids)
        with reading(self._engine) as db:
            return _clusters(db, clusters.c.id.in_(wanted), clusters.c.into == "") if wanted else {}

    def questions(self, id: str, limit: int = LISTED) -> Sequence[Question]:
        """A cluster's questions that still have words, the latest first."""
        with reading(self._engine) as db:
            return questions_of(db, id, limit)

    def _count(self, db: Connection, found: Mapping[str, Cluster], wanted: Filter) -> None:
        query = select(*(questions.c[name] for name in ("fact", "cluster", "again", "handed", "use", "trial", "found")))
        told = ("day", "at", "kind", "language", "channel", "topic", "conversation")
        query = query.add_columns(*(facts.c[name] for name in told)).join(facts, facts.c.id == questions.c.fact)
        query = query.where(questions.c.use != Use.GONE, questions.c.cluster != "").order_by(questions.c.fact)
        if len(found) == 1:
            query = query.where(questions.c.cluster.in_(found))
        if wanted.language:
            query = query.where(facts.c.language == wanted.language)
        if wanted.topic:
            query = query.where(facts.c.topic == wanted.topic)
        today = self._now().astimezone(self._zone).date()
        if wanted.days:
            query = query.where(facts.c.day > (today - timedelta(days=wanted.days)).isoformat())
        since: dict[str, set[str]] = {}  # by cluster the citizens, also who asked before
        trials: dict[str, dict[str, Found]] = {}  # by cluster what each finds: a wording may be asked in many questions
        for row in db.execute(query):
            if (one := found.get(row.cluster)) is None:
                continue
            if not row.again:
                _add(one, row, (today - date.fromisoformat(row.day)).days)
            if one.live_at is not None and row.at > one.live_at and (row.conversation or not row.again):
                since.setdefault(one.id, set()).add(row.conversation or row.fact)
            if row.use == Use.TRIAL and one.entry and (now_found := Found.from_json(row.found)):
                trials.setdefault(one.id, {})[row.trial or row.fact] = now_found
        for id, citizens in since.items():
            found[id].since = len(citizens)
        for id, tried in trials.items():
            one = found[id]
            one.tried = len(tried)
            one.right = sum(each.answers(one.entry) for each in tried.values())
            one.offered = sum(each.offers(one.entry) for each in tried.values())


def questions_of(db: Connection, id: str, limit: int = LISTED, use: Use | None = None) -> list[Question]:
    """The same in an open transaction."""
    query = select(facts, *(c for c in questions.c if c.name not in ("vector", "encoder")))
    query = query.join(questions, facts.c.id == questions.c.fact)
    query = query.where(questions.c.cluster == id, facts.c.text != "", questions.c.use != Use.GONE)
    if use is not None:
        query = query.where(questions.c.use == use)
    rows = db.execute(query.order_by(facts.c.at.desc(), facts.c.id).limit(limit)).all()
    return [_question(row) for row in rows]


def waiting(db: Connection) -> int:
    """How many questions are in no cluster yet."""
    return int(db.execute(select(func.count()).select_from(questions).where(questions.c.cluster == "")).scalar_one())


def _clusters(db: Connection, *which: Any) -> dict[str, Cluster]:
    query = select(clusters, facts.c.text).outerjoin(facts, facts.c.id == clusters.c.typical).where(*which)
    return {
        row.id: Cluster(
            row.id,
            State(row.state),
            row.title,
            row.words,
            row.text or "",
            row.entry,
            row.number,
            row.release,
            row.live_at,
            tuple(row.near.split()),
            row.into,
        )
        for row in db.execute(query)
    }


def _add(one: Cluster, row: Any, days: int) -> None:
    kind = FactKind(row.kind)
    one.count += 1
    one.handed += row.handed
    one.weight += harm(kind, row.handed, max(0, days))
    one.first = min(one.first or row.at, row.at)
    one.last = max(one.last or row.at, row.at)
    if days < 7 * WEEKS:
        one.weekly[max(0, days) // 7] += 1
    one.kinds[row.kind] += 1
    one.languages[row.language] += 1
    one.channels[row.channel] += 1
    if row.topic:
        one.topics[row.topic] += 1


def _question(row: Any) -> Question:
    return Question(
        row.id,
        row.cluster,
        row.at,
        FactKind(row.kind),
        row.channel,
        row.language,
        row.text,
        row.entry,
        row.value,
        row.handed,
        row.placed,
        row.again,
        Use(row.use),
        row.trial,
        Found.from_json(row.found),
    )

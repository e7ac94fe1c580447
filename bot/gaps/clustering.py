"""Questions into clusters that stay: a cluster keeps its id, its name and its state when new questions come.

What is computed takes seconds and is computed outside of any transaction; what an editor did meanwhile wins.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, bindparam, delete, func, insert, select, update

from bot.facts.tables import facts
from bot.gaps.gap import UNCLEAR, State, Use
from bot.gaps.tables import WORDS, clusters, deeds, questions
from faq.database import reading, writing
from faq.encoder import Encoder, Vectors
from faq.gaps.grouping import grouped, thresholds
from faq.gaps.likeness import FEW, apart, by_letters
from faq.gaps.words import bare, says_something, stems, telling, typical

NEAR = 0.6  # of the threshold: clusters so much alike are shown to each other
NEIGHBOURS = 3
_SLICE = 64  # vectors between two savings
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Beside:
    """Wordings of the corpus with their languages and, where an encoder is, their vectors: what questions share."""

    texts: Sequence[str]
    languages: Sequence[str]
    vectors: Vectors | None


def encode(engine: Engine, encoder: Encoder, progress: Progress) -> None:
    """Compute what vectors are missing, of questions that still have words."""
    query = select(questions.c.fact, facts.c.text).join(facts, facts.c.id == questions.c.fact)
    with reading(engine) as db:
        missing = query.where(facts.c.text != "", questions.c.encoder != encoder.name).order_by(questions.c.fact)
        rows = db.execute(missing).all()
    put = update(questions).where(questions.c.fact == bindparam("of"))
    for start in range(0, len(rows), _SLICE):
        some = rows[start : start + _SLICE]
        vectors = encoder.encode_queries([bare(row.text) or row.text for row in some]).astype(np.float16)
        values = [
            {"of": row.fact, "vector": v.tobytes(), "encoder": encoder.name}
            for row, v in zip(some, vectors, strict=True)
        ]
        with writing(engine) as db:
            db.execute(put, values)
        progress("gaps.step.encode", (start + len(some)) / len(rows))


def cluster(engine: Engine, encoder: Encoder | None, beside: Beside, now: datetime) -> int:
    """Bring what is in no cluster into one, and name clusters anew; returns how many questions found a place."""
    with reading(engine) as db:
        rows = _readable(db, encoder)
        loose = _loose(db)
        kept = set(db.execute(select(clusters.c.id)).scalars())
    if not rows:
        return 0
    # Sentence vectors mean something only beside others; letters do by themselves.
    by = encoder if len({row.text for row in rows} | set(beside.texts)) >= FEW else None
    threshold = thresholds()["meaning" if by else "letters"]
    spoken = beside.vectors if by else by_letters(beside.texts)
    vectors = apart(_vectors(rows, by), [row.language for row in rows], spoken, beside.languages)
    places = _places(rows, vectors, loose, threshold, kept)
    named = _named(rows, places, vectors, threshold)
    with writing(engine) as db:
        moved = _place(db, rows, places, now)
        _sweep(db)
        db.execute(update(clusters).where(clusters.c.id == bindparam("of")), named)
    return moved


def _readable(db: Connection, encoder: Encoder | None) -> Sequence[Any]:
    """Questions that can be compared, in the order in which they were asked."""
    query = select(questions.c.fact, questions.c.cluster, questions.c.placed, questions.c.vector, facts.c.text)
    query = query.add_columns(facts.c.language, facts.c.conversation, facts.c.at)
    query = query.join(facts, facts.c.id == questions.c.fact).where(facts.c.text != "", questions.c.use != Use.GONE)
    if encoder:
        query = query.where(questions.c.encoder == encoder.name, questions.c.vector.is_not(None))
    return db.execute(query.order_by(facts.c.at, facts.c.id)).all()


def _loose(db: Connection) -> set[str]:
    """Clusters of one question which nobody has touched: they may still come into others."""
    touched = select(deeds.c.cluster).scalar_subquery()
    query = select(clusters.c.id).where(clusters.c.state == State.OPEN, clusters.c.into == "", clusters.c.title == "")
    alone = select(questions.c.cluster).where(questions.c.placed.is_(False)).group_by(questions.c.cluster)
    alone = alone.having(func.count() == 1)
    return set(db.execute(query.where(clusters.c.id.not_in(touched), clusters.c.id.in_(alone))).scalars())


def _vectors(rows: Sequence[Any], encoder: Encoder | None) -> Vectors:
    if encoder is None:
        return by_letters([row.text for row in rows])
    return np.stack([np.frombuffer(row.vector, np.float16) for row in rows]).astype(np.float32)


def _places(rows: Sequence[Any], vectors: Vectors, loose: set[str], threshold: float, kept: set[str]) -> list[str]:
    """The id of the cluster of each question."""
    empty = [not row.cluster and not says_something(row.text) for row in rows]
    stays = [row.cluster if row.cluster not in loose else "" for row in rows]
    told = sorted({one for one in stays if one and one != UNCLEAR})
    number = {one: n for n, one in enumerate(told)}
    open_ = [n for n, row in enumerate(rows) if not empty[n] and stays[n] != UNCLEAR]
    groups = grouped(vectors[open_], [number.get(stays[n], -1) for n in open_], threshold)
    members: dict[int, list[int]] = {}
    for n, group in zip(open_, groups.tolist(), strict=True):
        members.setdefault(group, []).append(n)
    found = [row.cluster for row in rows]
    for n, is_empty in enumerate(empty):
        if is_empty:
            found[n] = UNCLEAR
    for group, some in members.items():
        if group < len(told):
            name = told[group]
        else:
            # The first that was a cluster of its own lends its id.
            name = next((rows[n].cluster for n in some if rows[n].cluster), "") or _fresh(rows[some[0]].fact, kept)
            kept.add(name)
        for n in some:
            found[n] = name
    return found


def _fresh(fact: str, kept: set[str]) -> str:
    for number in range(len(kept) + 1):
        name = hashlib.blake2b(f"{fact}{number or ''}".encode(), digest_size=8).hexdigest()
        if name not in kept:
            return name
    raise AssertionError("more names than clusters")


def _place(db: Connection, rows: Sequence[Any], places: Sequence[str], now: datetime) -> int:
    """Write what has changed since; where an editor was quicker, theirs stands."""
    known = {row.id: row for row in db.execute(select(clusters.c.id, clusters.c.into)).all()}
    left = select(questions.c.fact, questions.c.cluster, questions.c.placed).where(questions.c.use != Use.GONE)
    now_in = {r.fact: r for r in db.execute(left).all()}
    asked = {(now_in[row.fact].cluster, row.conversation) for row in rows if row.conversation and row.fact in now_in}
    moved = []
    for row, place in zip(rows, places, strict=True):
        held = now_in.get(row.fact)
        if held is None or held.placed or held.cluster != row.cluster or row.cluster == place:
            continue
        if place not in known:
            state = State.UNCLEAR if place == UNCLEAR else State.OPEN
            db.execute(insert(clusters).values(**blank(place, state, row.fact, now)))
            known[place] = db.execute(select(clusters.c.id, clusters.c.into).where(clusters.c.id == place)).one()
        place = known[place].into or place
        # Moved from a cluster of its own it is still the same citizen's first question there.
        asked.discard((row.cluster, row.conversation))
        again = bool(row.conversation) and (place, row.conversation) in asked
        asked.add((place, row.conversation))
        moved.append({"of": row.fact, "cluster": place, "again": again})
    if moved:
        db.execute(update(questions).where(questions.c.fact == bindparam("of")), moved)
    return len(moved)


def blank(id: str, state: State, fact: str, now: datetime) -> dict[str, Any]:
    """A new cluster's row."""
    texts = dict.fromkeys(("title", "words", "entry", "into", "near"), "")
    return texts | {"id": id, "state": state, "typical": fact, "number": 0, "release": 0, "live_at": None, "made": now}


def _sweep(db: Connection) -> None:
    """Clusters that lost their one question to another, and that nobody touched, are gone."""
    used, touched = select(questions.c.cluster), select(deeds.c.cluster)
    db.execute(delete(clusters).where(clusters.c.id.not_in(used), clusters.c.id.not_in(touched), clusters.c.into == ""))


def _named(rows: Sequence[Any], places: Sequence[str], vectors: Vectors, threshold: float) -> list[dict[str, Any]]:
    """What each cluster (`of`) is called by, and which are near it."""
    members: dict[str, list[int]] = {}
    for n, place in enumerate(places):
        members.setdefault(place, []).append(n)
    read = [stems(row.text) for row in rows]
    everywhere = Counter(one for some in read for one in some)
    names = sorted(one for one in members if one != UNCLEAR)
    means = np.stack([vectors[members[one]].mean(axis=0) for one in names]) if names else vectors[:0]
    values: dict[str, dict[str, Any]] = {}
    for place, some in members.items():
        # One citizen who repeats themselves is no majority.
        texts = list({(rows[n].conversation or rows[n].fact): rows[n].text for n in some}.values())
        words = " · ".join(telling(texts, everywhere, len(rows))) if place != UNCLEAR else ""
        first = rows[some[typical(vectors[some])]].fact
        values[place] = {"of": place, "typical": first, "words": words[:WORDS], "near": ""}
    for one, near in zip(names, _neighbours(means, threshold * NEAR), strict=True):
        values[one]["near"] = " ".join(names[n] for n in near)
    return list(values.values())


def _neighbours(means: Vectors, least: float) -> list[list[int]]:
    """For each cluster those most like it, by the mean likeness of their questions."""
    found = []
    for first in range(0, len(means), 1024):
        alike = means[first : first + 1024] @ means.T
        for n, row in enumerate(alike, first):
            row[n] = -1
            close = np.flatnonzero(row >= least)
            best = close[np.argsort(-row[close], kind="stable")][:NEIGHBOURS]
            found.append(best.tolist())
    return found

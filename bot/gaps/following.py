"""Does the release that answers now answer a cluster? Clusters follow releases, forth and back, and are asked again."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, and_, func, or_, select, update

from bot.facts.tables import facts
from bot.gaps.gap import Found, State, Use
from bot.gaps.tables import clusters, questions
from faq.database import reading, writing
from faq.releases import Release, Releases
from faq.tables import revisions

Search = Callable[[str, str], Found]
"""What the search makes of a question in a language."""

LATEST, ANEW = 20, 3
"""Questions of a cluster that are asked besides its trials: once, to see which entries come near; and of each release,
to see whether it answers them by the way."""


def follow(engine: Engine, releases: Releases) -> Release | None:
    """Note which clusters the live release answers, and take back what it no longer does; returns the release."""
    live = releases.live()
    manifest = releases.manifest(live.id) if live else {}
    since = next((one.at for one in releases.activations(1)), None)
    with writing(engine) as db:
        numbers = _numbers(db, manifest)
        drafted = clusters.c.state.in_([State.WORKING, State.ANSWERED])
        for row in db.execute(select(clusters).where(drafted, clusters.c.entry != "", clusters.c.into == "")).all():
            there = numbers.get(row.entry, 0) >= row.number
            if there and row.state == State.WORKING and live:
                told = {"state": State.ANSWERED, "release": live.number, "live_at": since}
                # What its trials found before says nothing of this release: until they are asked, no figure is told.
                tested = and_(questions.c.cluster == row.id, questions.c.use == Use.TRIAL)
                db.execute(update(questions).where(tested).values(asked="", found=""))
            elif not there and row.state == State.ANSWERED:
                told = {"state": State.WORKING, "release": 0, "live_at": None}
            else:
                continue
            db.execute(update(clusters).where(clusters.c.id == row.id).values(told))
    return live


def ask_again(
    engine: Engine, live: Release, searcher: Callable[[], Search], progress: Callable[[str, float], None]
) -> int:
    """Ask what was not asked of this release: all trials, and the latest questions of each cluster; returns how many.
    `searcher` is called when there is something to ask. Neither understanding nor office data take part, the search
    alone does."""
    with reading(engine) as db:
        rows = _unasked(db, live.id)
    if not rows:
        return 0
    search = searcher()
    for n, row in enumerate(rows, 1):
        found = search(row.text, row.language)
        with writing(engine) as db:
            values = {"asked": live.id, "found": found.to_json()}
            db.execute(update(questions).where(questions.c.fact == row.fact).values(values))
        progress("gaps.step.ask", n / len(rows))
    return len(rows)


def _numbers(db: Connection, manifest: Mapping[str, str]) -> dict[str, int]:
    """Of the entries that clusters wait for: the number of the revision that answers; 0 none."""
    wanted = set(db.execute(select(clusters.c.entry).where(clusters.c.entry != "")).scalars())
    mine = {manifest[entry]: entry for entry in wanted if entry in manifest}
    rows = db.execute(select(revisions.c.id, revisions.c.number).where(revisions.c.id.in_(mine))).all()
    return {mine[row.id]: row.number for row in rows}


def _unasked(db: Connection, release: str) -> Sequence[Any]:
    place = func.row_number().over(partition_by=questions.c.cluster, order_by=(facts.c.at.desc(), facts.c.id))
    of = select(questions.c.fact, questions.c.use, questions.c.asked, facts.c.text, facts.c.language, place.label("n"))
    of = of.add_columns(func.count().over(partition_by=questions.c.cluster).label("size"))
    of = of.join(facts, facts.c.id == questions.c.fact)
    one = of.where(facts.c.text != "", questions.c.use != Use.GONE, questions.c.cluster != "").subquery()
    query = select(one.c.fact, one.c.text, one.c.language).where(one.c.asked != release)
    fresh = and_(one.c.asked == "", one.c.n <= LATEST)
    query = query.where(or_(one.c.use == Use.TRIAL, fresh, and_(one.c.size > 1, one.c.n <= ANEW)))
    return db.execute(query.order_by(one.c.use.desc(), one.c.n, one.c.fact)).all()

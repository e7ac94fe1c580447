"""Between releases and rows: what is read and written in one open transaction."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, bindparam, func, insert, select, update

from faq import rows
from faq.database import writing
from faq.entry import Status
from faq.refusals import UnknownRelease
from faq.releases.release import ASIDE, Activation, Changed, Noted, Release, State, Step, name_of, packed, unpacked
from faq.releases.tables import NAME, TITLE, activations, releases, steps
from faq.tables import PERSON, WHY, counter, entries, events, revisions

UNPROVED = '{"unproved": true}'
"""Detail of a step: made live by a command or an import, beside the trials."""

UPGRADE = "upgrade"
"""Who made a release of what an older version of the program had published."""

TOLD = [column for column in releases.c if column is not releases.c.manifest]
"""All of a release but its manifest."""


@contextmanager
def changing(engine: Engine) -> Iterator[Connection]:
    """One change of the catalogue at a time, on PostgreSQL as on SQLite, so that none can wait for another.

    Editors are few and a change takes milliseconds. The lock is released by the commit: serials are given in the order
    in which they become visible, and a follower who saw one saw all before it.
    """
    with writing(engine) as db:
        db.execute(select(counter.c.serial).with_for_update())
        yield db


def release(db: Connection, id: str) -> Release:
    """That release. Raises UnknownRelease."""
    row = db.execute(select(*TOLD).where(releases.c.id == id)).first()
    if row is None:
        raise UnknownRelease(f"there is no release {id}")
    return read(row)


def read(row: Row[Any]) -> Release:
    """A row of releases without its manifest."""
    return Release(*(getattr(row, name) for name in Release.__dataclass_fields__))


def manifest(db: Connection, id: str) -> dict[str, str]:
    """Entry -> id of its revision. Raises UnknownRelease."""
    kept = db.execute(select(releases.c.manifest).where(releases.c.id == id)).scalar()
    if kept is None:
        raise UnknownRelease(f"there is no release {id}")
    return unpacked(kept)


def in_force(db: Connection) -> dict[str, str]:
    """What the entries say is live, whoever published it."""
    found = db.execute(select(entries.c.entry, entries.c.live).where(entries.c.live.is_not(None))).all()
    return {row.entry: row.live for row in found}


def newest(db: Connection) -> Activation | None:
    """The activation that holds."""
    row = db.execute(select(activations).order_by(activations.c.serial.desc()).limit(1)).first()
    return activation(row) if row else None


def activation(row: Row[Any]) -> Activation:
    """A row of activations."""
    return Activation(row.serial, row.release, row.by, row.at, row.why, row.back)


def live(db: Connection) -> Release | None:
    """The release that answers; None while nothing was ever published, or where an older version of the program
    published since (`adopt` makes a release of that)."""
    found = newest(db)
    return release(db, found.release) if found and found.serial == rows.serial(db) else None


def adopt(db: Connection, at: datetime) -> Release | None:
    """The release that answers; one is made of what an older version of the program published while processes were
    replaced one by one."""
    serial, last = rows.serial(db), newest(db)
    if last and last.serial == serial:
        return release(db, last.release)
    if not serial:
        return None
    models = release(db, last.release) if last else None
    made = keep(db, in_force(db), models, UPGRADE, "", at)
    db.execute(insert(activations).values(serial=serial, release=made.id, by=UPGRADE, at=at, why="", back=False))
    note(db, made.id, Step.LIVE, UPGRADE, at)
    return made


def keep(
    db: Connection,
    wanted: Mapping[str, str],
    base: Release | None,
    by: str,
    title: str,
    at: datetime,
    nlu: str | None = None,
    fit: str | None = None,
    encoder: str | None = None,
) -> Release:
    """The release of that content, made unless there is one; models are the base's where none are named."""
    models = [
        (told if told is not None else (getattr(base, name) if base else ""))[:NAME]
        for name, told in (("nlu", nlu), ("fit", fit), ("encoder", encoder))
    ]
    id = name_of(wanted, *models)
    row = db.execute(select(*TOLD).where(releases.c.id == id)).first()
    if row:
        return read(row)
    number = (db.execute(select(func.max(releases.c.number))).scalar() or 0) + 1
    named = dict(zip(("nlu", "fit", "encoder"), models, strict=True))
    values = {"id": id, "number": number, "entries": len(wanted), "manifest": packed(wanted)}
    values |= {"title": title[:TITLE], "base": base.id if base else "", "by": by[:PERSON], "at": at}
    db.execute(insert(releases).values(**values, **named))
    return release(db, id)


def renew(db: Connection, id: str, base: Release | None, by: str, title: str, at: datetime) -> Release:
    """A release of old that is proposed again: it keeps its number, and says who proposed it last, when and on what."""
    told = {"title": title[:TITLE], "base": base.id if base else "", "by": by[:PERSON], "at": at}
    db.execute(update(releases).where(releases.c.id == id).values(told))
    return release(db, id)


def put_in_force(
    db: Connection,
    target: Release,
    changes: tuple[Changed, ...],
    by: str,
    at: datetime,
    why: str = "",
    back: bool = False,
    detail: str = "",
) -> int:
    """Make this the release that answers, `changes` being what it changes of what does; returns the serial."""
    before = rows.serial(db)
    first = before + 1
    db.execute(update(counter).values(serial=before + max(1, len(changes))))
    if changes:
        told = [{"entry": change.entry, "revision": change.after} for change in changes]
        # A serial for each entry: workers of the version before follow these lines while they are replaced.
        lines = [{**line, "serial": first + place, "by": by[:PERSON], "at": at} for place, line in enumerate(told)]
        db.execute(insert(events), lines)
        moved = update(entries).where(entries.c.entry == bindparam("of")).values(live=bindparam("now"))
        db.execute(moved, [{"of": change.entry, "now": change.after} for change in changes])
        # Who goes back takes nothing from editors: what answered until now is a draft again where it is the newest,
        # and so it is where an older version comes back. Archived is what is taken out, or replaced by a newer one.
        again = [change.before for change in changes if change.before and (back or change.after)]
        _mark(db, [change.before for change in changes if change.before], Status.ARCHIVED)
        _mark(db, _newest(db, again), Status.DRAFT)
        _mark(db, [change.after for change in changes if change.after], Status.PUBLISHED)
    serial = rows.serial(db)
    db.execute(
        insert(activations).values(serial=serial, release=target.id, by=by[:PERSON], at=at, why=why[:WHY], back=back)
    )
    note(db, target.id, Step.LIVE, by, at, why, detail)
    return serial


def _mark(db: Connection, ids: list[str], status: Status) -> None:
    """The status of these revisions, and of the entries of which they are the newest."""
    for part in rows.batched(ids, rows.AT_ONCE):
        db.execute(update(revisions).where(revisions.c.id.in_(part)).values(status=status))
        db.execute(update(entries).where(entries.c.head.in_(part)).values(status=status))


def into_review(db: Connection, ids: list[str]) -> None:
    """Every draft among these revisions is in review from now on, also one upon which a newer one lies by now; and what
    was put aside, where it is the newest of its entry."""
    drafts = list[str]()
    for part in rows.batched(ids, rows.AT_ONCE):
        chosen = select(revisions.c.id).where(revisions.c.id.in_(part), revisions.c.status == Status.DRAFT)
        drafts += db.execute(chosen).scalars()
    _mark(db, [*drafts, *_newest(db, ids, entries.c.status == Status.ARCHIVED)], Status.REVIEW)


def turn(db: Connection, ids: list[str], was: Collection[Status], status: Status) -> None:
    """Another status for those of these revisions that are the newest of their entry and have one of these."""
    _mark(db, _newest(db, ids, entries.c.status.in_(was)), status)


def _newest(db: Connection, ids: list[str], *where: ColumnElement[bool]) -> list[str]:
    """Those of these revisions that are the newest of their entry, of entries for which that holds."""
    chosen, heads = select(entries.c.head).where(*where), list[str]()
    for part in rows.batched(ids, rows.AT_ONCE):
        heads += db.execute(chosen.where(entries.c.head.in_(part))).scalars()
    return heads


def note(db: Connection, id: str, step: Step, by: str, at: datetime, why: str = "", detail: str = "") -> None:
    """Append a step."""
    db.execute(insert(steps).values(release=id, step=step, by=by[:PERSON], at=at, why=why[:WHY], detail=detail))


def story(db: Connection, id: str) -> tuple[Noted, ...]:
    """All steps of a release, the oldest first."""
    found = db.execute(select(steps).where(steps.c.release == id).order_by(steps.c.id)).all()
    return tuple(Noted(Step(row.step), row.by, row.at, row.why, row.detail) for row in found)


def order_to_load(db: Connection, id: str) -> Noted:
    """The last step that ordered its NLU data, of a release that is `loading`."""
    return next(noted for noted in reversed(story(db, id)) if noted.step is Step.LOADING)


def state(db: Connection, id: str) -> State:
    """Where this release stands. Raises UnknownRelease."""
    found = states(db, [id])
    if id not in found:
        raise UnknownRelease(f"there is no release {id}")
    return found[id]


def before(db: Connection) -> Release | None:
    """What was live before the live release was published."""
    answering = newest(db)
    if answering is None:
        return None
    a = activations.c
    published = select(func.max(a.serial)).where(a.release == answering.release, a.back.is_(False)).scalar_subquery()
    query = select(a.release).where(a.serial < published, a.release != answering.release)
    id = db.execute(query.order_by(a.serial.desc()).limit(1)).scalar()
    return release(db, id) if id else None


def taken_back(db: Connection, id: str) -> bool:
    """Did somebody refuse this proposal, or take it back, other than by setting it anew?"""
    last = next(noted for noted in reversed(story(db, id)) if noted.step not in ASIDE)
    return last.step is Step.REFUSED or (last.step is Step.WITHDRAWN and not last.detail)


def states(db: Connection, ids: list[str]) -> dict[str, State]:
    """Where these releases stand."""
    answering = newest(db)
    last = (
        select(func.max(steps.c.id))
        .where(steps.c.release.in_(ids), steps.c.step.not_in(ASIDE))
        .group_by(steps.c.release)
    )
    found = db.execute(select(steps.c.release, steps.c.step).where(steps.c.id.in_(last))).all()
    return {row.release: _state(row.release, row.step, answering) for row in found}


def in_state(db: Connection, step: Step) -> list[str]:
    """The releases of which that is the last step, in no order."""
    last = select(func.max(steps.c.id)).where(steps.c.step.not_in(ASIDE)).group_by(steps.c.release)
    found = db.execute(select(steps.c.release).where(steps.c.id.in_(last), steps.c.step == step)).scalars().all()
    states_ = states(db, list(found))
    return [id for id in found if states_[id] == State(step)]


def _state(id: str, step: str, answering: Activation | None) -> State:
    if answering and answering.release == id:
        return State.LIVE
    return State.REPLACED if step == Step.LIVE else State(step)

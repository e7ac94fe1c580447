"""What is written of the releases in one database. Reads only; every call is one view."""

from collections.abc import Iterable, Mapping, Set

from sqlalchemy import ColumnElement, Engine, select

from faq.database import reading
from faq.releases import gate, kept
from faq.releases.release import Activation, Changed, Noted, Release, State, differences
from faq.releases.tables import activations, releases

RECENT = 20  # proposals upon one release among which the next one is looked for


class Records:
    """Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def live(self) -> Release | None:
        """The release that answers; None while nothing was ever published."""
        with reading(self._engine) as db:
            return kept.live(db)

    def get(self, id: str) -> Release | None:
        """That release."""
        return self._one(releases.c.id == id)

    def numbered(self, number: int) -> Release | None:
        """The release that people call by this number."""
        return self._one(releases.c.number == number)

    def numbers(self, ids: Iterable[str]) -> Mapping[str, int]:
        """What people call these releases by."""
        query = select(releases.c.id, releases.c.number).where(releases.c.id.in_(set(ids)))
        with reading(self._engine) as db:
            return {row.id: row.number for row in db.execute(query).all()}

    def latest(self, limit: int = 50, before: int | None = None) -> tuple[Release, ...]:
        """Releases by number, the highest first; of those below `before`."""
        query = select(*kept.TOLD).order_by(releases.c.number.desc()).limit(limit)
        if before is not None:
            query = query.where(releases.c.number < before)
        with reading(self._engine) as db:
            return tuple(map(kept.read, db.execute(query).all()))

    def manifest(self, id: str) -> Mapping[str, str]:
        """Entry -> id of its revision. Raises UnknownRelease."""
        with reading(self._engine) as db:
            return kept.manifest(db, id)

    def diff(self, a: str, b: str) -> tuple[Changed, ...]:
        """What leads from release `a` ("": from nothing) to `b`, by entry. Raises UnknownRelease."""
        with reading(self._engine) as db:
            before = kept.manifest(db, a) if a else {}
            return differences(before, kept.manifest(db, b))

    def steps(self, id: str) -> tuple[Noted, ...]:
        """Its story, the oldest step first."""
        with reading(self._engine) as db:
            return kept.story(db, id)

    def state(self, id: str) -> State:
        """Where it stands. Raises UnknownRelease."""
        with reading(self._engine) as db:
            return kept.state(db, id)

    def states(self, ids: Iterable[str]) -> Mapping[str, State]:
        """The same of many."""
        with reading(self._engine) as db:
            return kept.states(db, list(ids))

    def activations(self, limit: int = 50) -> tuple[Activation, ...]:
        """What was live when, the newest first."""
        query = select(activations).order_by(activations.c.serial.desc()).limit(limit)
        with reading(self._engine) as db:
            return tuple(map(kept.activation, db.execute(query).all()))

    def before(self) -> Release | None:
        """The release to go back to: what was live before the live one was published. Gone back twice, it is the one
        before that, and not the first again."""
        with reading(self._engine) as db:
            return kept.before(db)

    def proved_upon(self, base: str) -> Release | None:
        """Of the releases that were proposed upon this one and may be published now, the newest."""
        query = select(*kept.TOLD).where(releases.c.base == base).order_by(releases.c.at.desc()).limit(RECENT)
        with reading(self._engine) as db:
            found = [kept.read(row) for row in db.execute(query).all()]
            states = kept.states(db, [release.id for release in found])
        ready = (State.PROVED, State.LOADING)
        return next((release for release in found if states.get(release.id) in ready), None)

    def unsigned(self, id: str, also: Iterable[str] = ()) -> tuple[str, ...]:
        """The entries of which somebody wrote a part that nobody else signed (of a removal: who proposed it), as if
        `also` had signed, too; "" stands for thresholds and NLU data. Raises UnknownRelease."""
        with reading(self._engine) as db:
            return gate.unsigned(db, kept.release(db, id), also)

    def owners(self, id: str) -> Mapping[str, Set[str]]:
        """Who wrote a part of each changed entry (faq.releases.gate.owners). Raises UnknownRelease."""
        with reading(self._engine) as db:
            return gate.owners(db, kept.release(db, id))

    def not_in_review(self, id: str) -> tuple[str, ...]:
        """The entries whose new version was taken back from review since it was proposed. Raises UnknownRelease."""
        with reading(self._engine) as db:
            return gate.not_in_review(db, kept.release(db, id))

    def signatures(self, id: str) -> tuple[str, ...]:
        """Who signed it since it was proposed last. Raises UnknownRelease."""
        with reading(self._engine) as db:
            return gate.signatures(db, kept.release(db, id))

    def _one(self, where: ColumnElement[bool]) -> Release | None:
        with reading(self._engine) as db:
            row = db.execute(select(*kept.TOLD).where(where)).first()
        return kept.read(row) if row else None

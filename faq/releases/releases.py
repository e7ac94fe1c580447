"""The releases in one database: proposed, signed, published, gone back to. Every call is one transaction."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, select

from faq import rows
from faq.entry import Status
from faq.examples.revisions import number_of
from faq.refusals import NothingChanged, Overtaken, ReasonMissing, UnknownRevision, WrongState
from faq.releases import gate, kept
from faq.releases.kept import changing
from faq.releases.records import Records
from faq.releases.release import OPEN, Release, State, Step, differences
from faq.releases.tables import activations

BACK = "back:"
"""Begins the detail of an order to load a release that is to be gone back to; the id of what was live then follows."""


class Releases(Records):
    """Safe to share between threads; many processes may use one database, together with faq.catalogue.Catalogue."""

    def __init__(
        self,
        engine: Engine,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        encoder: str | None = None,
        fit: str | None = None,
    ) -> None:
        """`encoder` and `fit` are what this process answers by: a proposal is pinned to them (None: to what its base
        has)."""
        super().__init__(engine)
        self._now, self._encoder, self._fit = now, encoder, fit

    # -- proposing

    def propose(
        self,
        changes: Mapping[str, str | None],
        by: str,
        title: str = "",
        nlu: str | None = None,
        fit: str | None = None,
    ) -> Release:
        """A release of what is live with these changes: entry -> id of its new revision, None to take it out.

        What is not in review among the newest versions is from now on. Raises UnknownRevision, and NothingChanged when
        that is what answers already.
        """
        with changing(self._engine) as db:
            base = kept.adopt(db, self._now())
            return self._proposed(db, base, changes, by, title, nlu, fit)

    def anew(self, id: str, by: str) -> Release:
        """The proposal's changes set upon what is live now; the old proposal is withdrawn.

        Who proposed it stays its owner, so that who merely sets it anew may vouch for it; where it was refused or taken
        back, its owner is who takes it up again. An entry of which a newer revision became live meanwhile keeps that,
        and so do examples and thresholds.
        Raises NothingChanged when nothing is left, WrongState, UnknownRelease.
        """
        with changing(self._engine) as db:
            old = kept.release(db, id)
            self._in(db, old, *OPEN, State.LOADING, State.REFUSED, State.WITHDRAWN)
            owner = by if kept.taken_back(db, id) else old.by
            base = kept.adopt(db, self._now())
            live = kept.manifest(db, base.id) if base else {}
            wanted = gate.changes_of(db, old)
            numbers = {r.id: r.number for r in rows.some(db, [*(c.after for c in wanted if c.after), *live.values()])}
            changes = {
                change.entry: change.after
                for change in wanted
                if live.get(change.entry) == change.before
                or change.after is None
                or numbers[change.after] > numbers.get(live.get(change.entry, ""), 0)
            }
            former = kept.release(db, old.base) if old.base else None
            was, now = ((one.nlu, one.fit) if one else ("", "") for one in (former, base))
            newer = now[0] == was[0] or number_of(db, old.nlu) > number_of(db, now[0])
            nlu = old.nlu if old.nlu != was[0] and newer else None
            fit = old.fit if old.fit != was[1] and now[1] == was[1] else None
            made = self._proposed(db, base, changes, by, old.title, nlu, fit, owner)
            if made.id != old.id:
                kept.note(db, old.id, Step.WITHDRAWN, by, self._now(), detail=made.id)
            return made

    def sign(self, id: str, by: str) -> None:
        """Vouch for what others changed in it. Raises WrongState, UnknownRelease."""
        with changing(self._engine) as db:
            release = kept.release(db, id)
            self._in(db, release, *OPEN)
            if by not in gate.signatures(db, release):
                kept.note(db, id, Step.SIGNED, by, self._now())

    def refuse(self, id: str, by: str, why: str) -> None:
        """Send it back to who wrote it: what was in review is a draft again. Raises ReasonMissing, WrongState."""
        if not why.strip():
            raise ReasonMissing("say what has to change first")
        with changing(self._engine) as db:
            release = kept.release(db, id)
            self._in(db, release, *OPEN)
            proposed = [c.after for c in gate.changes_of(db, release) if c.after]
            kept.turn(db, proposed, (Status.REVIEW,), Status.DRAFT)
            kept.note(db, id, Step.REFUSED, by, self._now(), why)

    def withdraw(self, id: str, by: str, why: str = "") -> None:
        """Take the proposal back; what was in review stays there. Raises WrongState, UnknownRelease."""
        with changing(self._engine) as db:
            self._in(db, kept.release(db, id), *OPEN, State.LOADING)
            kept.note(db, id, Step.WITHDRAWN, by, self._now(), why)

    def record(self, id: str, step: Step, by: str, why: str = "", detail: str = "") -> None:
        """Append a step that somebody else decided: of its trials, say. Raises UnknownRelease."""
        with changing(self._engine) as db:
            kept.release(db, id)
            kept.note(db, id, Step(step), by, self._now(), why, detail)

    # -- what is live

    def publish(self, id: str, by: str, four_eyes: bool, why: str = "") -> int:
        """Sign it and make it live; returns the serial. With NLU data of its own it is `loading` until `loaded`.

        `why` overrules the trials (NotProved, Worse), and stands in its story then. Raises these, NeedsSecond,
        NotInReview, Overtaken, NotPublishable, WrongState and UnknownRelease.
        """
        with changing(self._engine) as db:
            kept.adopt(db, self._now())
            release, at = kept.release(db, id), self._now()
            if self._in(db, release, *OPEN, State.LIVE) is State.LIVE:
                return rows.serial(db)
            if gate.check(db, release, by, four_eyes, why):
                kept.note(db, id, Step.FORCED, by, at, why)
            if by not in gate.signatures(db, release):
                kept.note(db, id, Step.SIGNED, by, at)
            live = kept.live(db)
            if release.nlu != (live.nlu if live else ""):
                kept.note(db, id, Step.LOADING, by, at, why)
                return rows.serial(db)
            return kept.put_in_force(db, release, gate.changes_of(db, release), by, at, why)

    def pin(self, fit: str, by: str, why: str) -> int:
        """What is live is believed by these thresholds from now on, which have a proof of their own; returns the
        serial."""
        with changing(self._engine) as db:
            at = self._now()
            live = kept.adopt(db, at)
            if live is None or live.fit == fit:
                return rows.serial(db)
            made = kept.keep(db, kept.manifest(db, live.id), live, by, "", at, fit=fit)
            return kept.put_in_force(db, made, (), by, at, why)

    def loaded(self, id: str) -> int:
        """The NLU data of a release that is `loading` are at work: it becomes live, in the name of who published it.

        Raises Overtaken where another release became live meanwhile: a proposal has `failed` then; of what was to be
        gone back to, the order is withdrawn, and can be given again. Raises WrongState.
        """
        with changing(self._engine) as db:
            release, live = kept.release(db, id), kept.adopt(db, self._now())
            self._in(db, release, State.LOADING)
            order = kept.order_to_load(db, id)
            if live and order.detail == BACK + live.id:
                return self._back(db, release, live, order.by, order.why)
            if not order.detail.startswith(BACK) and (live.id if live else "") == release.base:
                changes = gate.changes_of(db, release)
                return kept.put_in_force(db, release, changes, order.by, self._now(), order.why)
            over = Step.WITHDRAWN if order.detail.startswith(BACK) else Step.FAILED
            kept.note(db, id, over, order.by, self._now(), detail="overtaken")
        raise Overtaken(f"release {release.number} was loading while another one became live")

    def rollback(self, id: str, by: str, why: str, instead_of: str | None = None, again: bool = True) -> int:
        """Make a release live again that was live before, without a second person; returns the serial.

        `instead_of` is what was live when that was decided (None: whatever is); nobody takes back what they never saw.

        At once, unless it has other NLU data: then it is `loading` until `loaded`, and what is live answers on. Called
        once more meanwhile, it is live at once; keywords understand until its data are there. Not so where `again` is
        False: a form that was sent twice by one press means it once. Raises ReasonMissing, UnknownRelease, Overtaken
        when another one became live than is to be taken back, and WrongState for a release that never was live.
        """
        if not why.strip():
            raise ReasonMissing("say why, so that others can follow")
        with changing(self._engine) as db:
            release, at = kept.release(db, id), self._now()
            live = kept.adopt(db, at)
            if live and live.id == id:
                return rows.serial(db)
            if live and instead_of not in (None, live.id):
                raise Overtaken(f"release {live.number} became live meanwhile: look at that one first")
            was = select(activations.c.serial).where(activations.c.release == id).limit(1)
            if live is None or db.execute(was).first() is None:
                raise WrongState(f"release {release.number} never was live: publish it")
            if release.nlu != live.nlu:
                if not self._loads_back(db, release, live):
                    kept.note(db, id, Step.LOADING, by, at, why, BACK + live.id)
                    return rows.serial(db)
                if not again:
                    return rows.serial(db)
            return self._back(db, release, live, by, why)

    # -- inside

    def _back(self, db: Connection, release: Release, live: Release, by: str, why: str) -> int:
        at, changes = self._now(), differences(kept.in_force(db), kept.manifest(db, release.id))
        kept.note(db, live.id, Step.ROLLED_BACK, by, at, why, release.id)
        return kept.put_in_force(db, release, changes, by, at, why, back=True)

    def _loads_back(self, db: Connection, release: Release, live: Release) -> bool:
        loading = kept.state(db, release.id) is State.LOADING
        return loading and kept.order_to_load(db, release.id).detail == BACK + live.id

    def _in(self, db: Connection, release: Release, *allowed: State) -> State:
        found = kept.state(db, release.id)
        if found not in allowed:
            raise WrongState(f"release {release.number} is {found}")
        return found

    def _proposed(
        self,
        db: Connection,
        base: Release | None,
        changes: Mapping[str, str | None],
        by: str,
        title: str,
        nlu: str | None,
        fit: str | None,
        owner: str = "",
    ) -> Release:
        """`owner`: whose proposal it is, where somebody else sets it anew."""
        before = kept.manifest(db, base.id) if base else {}
        wanted = dict(before)
        known = {revision.id: revision.entry for revision in rows.some(db, [id for id in changes.values() if id])}
        for entry, id in changes.items():
            if id is None:
                wanted.pop(entry, None)
            elif known.get(id) == entry:
                wanted[entry] = id
            else:
                raise UnknownRevision(f"{entry} has no revision {id}")
        at, whose = self._now(), owner or by
        made = kept.keep(db, wanted, base, whose, title, at, nlu, self._fit if fit is None else fit, self._encoder)
        if wanted == before and (made.nlu, made.fit) == ((base.nlu, base.fit) if base else ("", "")):
            raise NothingChanged("that is what answers already")
        made = kept.renew(db, made.id, base, whose, title, at)
        kept.into_review(db, [id for id in changes.values() if id])
        kept.note(db, made.id, Step.PROPOSED, by, at)
        return made

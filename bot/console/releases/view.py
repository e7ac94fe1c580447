"""A release as its page shows it: what it changes, what its proof says, and why it can or cannot be published yet."""

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Any

from bot.console.releases.differences import Difference, differences
from bot.console.releases.models import models
from bot.console.words import Words
from faq import rows
from faq.catalogue import Catalogue
from faq.database import reading
from faq.entry import Revision
from faq.examples.revisions import Examples
from faq.jobs import Job, Jobs
from faq.proving.order import PROVE
from faq.proving.outcome import KINDS, UNCLEAR, WORSE
from faq.proving.reports import Kept, Reports
from faq.releases import Changed, Noted, Release, Releases, State, Step, proof
from faq.releases.gate import lacking
from faq.releases.release import OPEN
from faq.town import Town
from faq.trials import Trials

PER_PAGE = 25  # changed entries on one page
LISTED = 300  # trials of a report on one page; an import of thousands changes as many


@dataclass(frozen=True, slots=True)
class Change:
    """A changed entry with its fields. `what` is new, changed or removed; `author` wrote what is new of it."""

    entry: str
    question: str
    what: str
    author: str
    number: int
    fields: tuple[Difference, ...]
    signed: bool


@dataclass(frozen=True, slots=True)
class Told:
    """One trial whose outcome differs; probabilities are 0 to 1, entries by their question."""

    kind: str
    question: str
    language: str
    expected: tuple[str, ...]
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Group:
    """The trials of one changed entry, "" for side effects."""

    entry: str
    question: str
    worse: int
    trials: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Proved:
    """The report for people; `left_out`: trials that this page does not list."""

    kept: Kept
    groups: tuple[Group, ...]
    orphaned: tuple[Told, ...]
    untested: tuple[tuple[str, str], ...]
    left_out: int

    def __getitem__(self, name: str) -> Any:
        """A figure of the report."""
        return self.kept.report[name]

    @property
    def nlu(self) -> Mapping[str, Any] | None:
        """What the understanding's own trials say (bot.taught.proving), where the release has other examples."""
        return self.kept.report.get("nlu")


@dataclass(frozen=True, slots=True)
class Story:
    """All of one release. `blocks` are keys of the words, releases.block.<key>: why it cannot be published by this
    reader now; "worse" is the one that a reason overrules."""

    release: Release
    state: State
    live: Release | None
    base: Release | None
    steps: tuple[Noted, ...]
    changes: tuple[Change, ...]
    total: int
    models: tuple[Difference, ...]
    job: Job | None
    proved: Proved | None
    signatures: tuple[str, ...]
    unsigned: tuple[str, ...]
    blocks: tuple[str, ...]
    was_live: bool
    unasked: int
    """Trials that came or changed after the proof."""

    @property
    def open(self) -> bool:
        """May it still become live?"""
        return self.state in OPEN

    @property
    def running(self) -> bool:
        """Are its trials being asked, or will be?"""
        return self.job is not None and self.job.open

    @property
    def forced(self) -> bool:
        """Would a reason let it pass?"""
        return self.blocks == ("worse",)


class Room:
    """Reads what pages of releases show; every call is several looks at the database, so call it in a thread."""

    def __init__(self, catalogue: Catalogue, releases: Releases, town: Callable[[], Town]) -> None:
        """`town` as the settings have it now."""
        self.catalogue, self.releases, self._engine = catalogue, releases, catalogue.engine
        self.jobs, self.reports, self._town = Jobs(self._engine), Reports(self._engine), town
        self.trials = Trials(self._engine)
        self._examples = Examples(self._engine)
        self._last: tuple[tuple[str, str, str, int], Mapping[str, Set[str]]] | None = None

    def story(self, release: Release, reader: str, four_eyes: bool, t: Words, page: int = 1) -> Story:
        """Everything about it, as this reader sees it."""
        live, state = self.releases.live(), self.releases.state(release.id)
        base = self.releases.get(release.base) if release.base else None
        changed = self.releases.diff(release.base, release.id)
        steps = self.releases.steps(release.id)
        owners, signers = self._owned(release), self.releases.signatures(release.id)
        unsigned = lacking(owners, {*signers})
        job = self.jobs.latest(PROVE, release.id)
        kept = self.reports.of(release.id, release.base)
        shown = changed[(page - 1) * PER_PAGE : page * PER_PAGE]
        said = proof.verdict(steps)
        return Story(
            release,
            state,
            live,
            base,
            steps,
            tuple(self.changes(shown, t, set(unsigned), release.by)),
            len(changed),
            models(base, release, self._examples, t),
            job,
            self._proved(kept, t) if kept and said else None,
            signers,
            unsigned,
            _blocks(
                state,
                (live.id if live else "") == release.base,
                said,
                job,
                state in OPEN and bool(self.releases.not_in_review(release.id)),
                four_eyes and bool(lacking(owners, {*signers, reader})),
            ),
            any(step.step is Step.LIVE for step in steps),
            self._unasked(release) if kept and said and state in OPEN else 0,
        )

    def _unasked(self, release: Release) -> int:
        asked, at = self.reports.outcomes(release.id)
        return self.trials.beyond(asked, at) if at else 0

    def _owned(self, release: Release) -> Mapping[str, Set[str]]:
        """Who wrote what. Of an import of thousands that takes long to find out, and a page that shows how far its
        trials are comes again and again."""
        key, last = (release.id, release.base, release.by, self.catalogue.serial()), self._last
        if last is None or last[0] != key:
            self._last = last = key, self.releases.owners(release.id)
        return last[1]

    def changes(self, changed: Iterable[Changed], t: Words, unsigned: Iterable[str] = (), by: str = "") -> list[Change]:
        """These with their fields."""
        every = tuple(changed)
        ids = [id for one in every for id in (one.before, one.after) if id]
        found = {revision.id: revision for revision in self.catalogue.revisions(ids)}
        return [_change(one, found, self._town(), t, one.entry not in unsigned, by) for one in every]

    def questions(self, entries: Iterable[str]) -> dict[str, str]:
        """What these are called on a page: their German question."""
        with reading(self._engine) as db:
            return rows.questions(db, set(entries))

    def _proved(self, kept: Kept, t: Words) -> Proved:
        report = kept.report
        lines, orphans = report["changed"][:LISTED], report["orphaned"][:LISTED]
        named = {entry for line in (*lines, *orphans) for entry in _named(line)} | {*report["untested"]}
        questions = self.questions(named)

        def called(entry: str) -> str:
            return questions.get(entry, entry)

        grouped: dict[str, list[Told]] = {}
        for line in lines:
            grouped.setdefault(line["about"], []).append(_told(line, called))
        groups = [
            Group(entry, called(entry), sum(one.kind in WORSE for one in some), tuple(some))
            for entry, some in grouped.items()
        ]
        groups.sort(key=lambda group: (-group.worse, not group.entry, group.question))
        return Proved(
            kept,
            tuple(groups),
            tuple(_told({"kind": "orphaned", **line}, called) for line in orphans),
            tuple((entry, called(entry)) for entry in report["untested"]),
            len(report["changed"]) - len(lines),
        )


def _blocks(
    state: State, upon_live: bool, verdict: str, job: Job | None, not_in_review: bool, second: bool
) -> tuple[str, ...]:
    if state not in OPEN:
        return (str(state),)
    if not upon_live:
        return ("overtaken",)  # set anew, it is proved and signed anew
    found = []
    if not verdict:
        found.append("running" if job and job.open else "failed" if job and job.state == "failed" else "not_proved")
    if not_in_review:
        found.append("not_in_review")
    if second:
        found.append("second")
    if verdict == "worse":
        found.append("worse")
    return tuple(found)


def _change(one: Changed, found: Mapping[str, Revision], town: Town, t: Words, signed: bool, by: str) -> Change:
    before, after = (found.get(id) if id else None for id in (one.before, one.after))
    shown = after or before
    return Change(
        one.entry,
        shown.text("de").question if shown else one.entry,
        "removed" if one.after is None else "changed" if one.before else "new",
        after.author if after else by,
        after.number if after else 0,
        tuple(differences(before.content if before else None, after.content if after else None, town, t)),
        signed,
    )


def _named(line: Mapping[str, Any]) -> set[str]:
    offered = (*line["before"]["offered"], *line["after"]["offered"])
    return {line.get("about", ""), line["before"]["entry"], line["after"]["entry"], *line["relevant"], *offered} - {""}


def _told(line: Mapping[str, Any], called: Callable[[str], str]) -> Told:
    def side(plain: Mapping[str, Any]) -> dict[str, Any]:
        offered = [called(entry) for entry in plain["offered"]] if plain["decision"] == "clarify" else []
        return {**plain, "question": called(plain["entry"]), "offered": offered}

    expected = tuple(called(entry) for entry in line["relevant"])
    return Told(line["kind"], line["question"], line["language"], expected, side(line["before"]), side(line["after"]))


ORDER = {"worse": WORSE, "unclear": UNCLEAR, "better": ("better",)}
"""The three words of the page, and which kinds of change each stands for."""
SHAPE = {kind: word for word, kinds in ORDER.items() for kind in kinds}
assert set(SHAPE) == set(KINDS)

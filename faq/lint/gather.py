"""What the database knows around the entries, gathered for the rules."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import groupby

from sqlalchemy import Engine, func, select

from faq import rows
from faq.catalogue import Catalogue
from faq.database import reading
from faq.entry import Revision
from faq.links.kept import Links
from faq.lint.corpus import Corpus, Trial
from faq.tables import entries, revisions
from faq.town import Town
from faq.translations import behind
from faq.trials import Trials


def gathered(catalogue: Catalogue, town: Town, today: date, examples: Iterable[str] = ()) -> Corpus:
    """The corpus as it would be with every draft released: a finding is to be seen before it is published."""
    engine = catalogue.engine
    waiting = {revision.entry: revision for revision in catalogue.revisions(catalogue.pending().values())}
    newest = {revision.entry: revision for revision in catalogue.live()} | waiting
    return Corpus(
        tuple(newest[entry] for entry in sorted(newest)),
        town,
        today,
        tuple(Trial(trial.question, trial.relevant) for trial in Trials(engine).all()),
        tuple(examples),
        Links(engine).broken(),
        _stale(engine, newest),
    )


def beside(catalogue: Catalogue, revision: Revision, town: Town, today: date) -> Corpus:
    """What the rules of a single entry need, and no more: a page asks while it is shown."""
    engine = catalogue.engine
    history = [version.revision for version in catalogue.history(revision.entry)]
    versions = [*(old for old in history if old.number < revision.number), revision]
    stale = {revision.entry: tuple(sorted(behind(versions)))}
    return Corpus((revision,), town, today, looks=Links(engine).broken(), stale=stale)


def _stale(engine: Engine, newest: Mapping[str, Revision]) -> Mapping[str, tuple[str, ...]]:
    """By entry the translations that are older than what they translate."""
    several = [entry for entry, revision in newest.items() if len(revision.texts) > 1 and revision.number > 1]
    found = {}
    for entry, versions in _histories(engine, several):
        known = [version for version in versions if version.number <= newest[entry].number]
        if languages := tuple(sorted(behind(known))):
            found[entry] = languages
    return found


def _histories(engine: Engine, wanted: Iterable[str]) -> Iterator[tuple[str, list[Revision]]]:
    with reading(engine) as db:
        for part in rows.batched(sorted(wanted), rows.AT_ONCE):
            query = select(revisions).where(revisions.c.entry.in_(part)).order_by(revisions.c.entry, revisions.c.number)
            for entry, some in groupby(map(rows.read, db.execute(query)), key=lambda revision: revision.entry):
                yield entry, list(some)


def titles(engine: Engine, wanted: Iterable[str]) -> dict[str, str]:
    """The questions of these entries, as lists show them."""
    found: dict[str, str] = {}
    with reading(engine) as db:
        for part in rows.batched(sorted(wanted), rows.AT_ONCE):
            query = select(entries.c.entry, entries.c.question).where(entries.c.entry.in_(part))
            found |= {row.entry: row.question for row in db.execute(query)}
    return found


def state_of(catalogue: Catalogue) -> str:
    """What a run of all rules was made of, in a word: when it differs, the run is of before."""
    with reading(catalogue.engine) as db:
        drafts = db.execute(select(func.count()).select_from(revisions)).scalar_one()
    return f"{catalogue.serial()}.{drafts}"

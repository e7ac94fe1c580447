"""Trial questions that are learned from: whoever has read the questions before passes any test."""

from collections.abc import Iterator

from faq.lint.corpus import Corpus, wordings
from faq.lint.finding import DropWording, Finding, Fix, Level, OpenEntry
from faq.lint.near import comparable

NAME = "leaked"


def whole(corpus: Corpus) -> Iterator[Finding]:
    """Each trial that stands, nearly word for word, among wordings or examples."""
    owners: dict[str, list[tuple[str, str, str, str]]] = {}
    for revision in corpus.revisions if corpus.trials else ():
        for language, wording in wordings(revision):
            told = revision.entry, language, wording, revision.text(language).question
            owners.setdefault(comparable(wording), []).append(told)
    for trial in corpus.trials:
        copied = corpus.learned.copied_by(trial.question)
        if copied is None:
            continue
        values = {"trial": trial.question, "copy": copied}
        held = owners.get(copied, ())
        if not held:
            entries = tuple(entry for entry in trial.entries if entry in corpus.by_entry)
            yield Finding(NAME, Level.ERROR, entries, "leaked.example", (), values)
        for entry, language, wording, question in held:
            # A title stays: then the trial must go.
            fix: Fix = OpenEntry(entry) if wording == question else DropWording(entry, language, wording)
            yield Finding(NAME, Level.ERROR, (entry,), "leaked.wording", (fix,), values | {"copy": wording})

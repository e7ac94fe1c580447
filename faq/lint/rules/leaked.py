"""Trial questions that are learned from: whoever has read the questions before passes any test."""

from collections.abc import Iterator

from faq.lint.corpus import Corpus, wordings
from faq.lint.finding import DropWording, Finding, Fix, Level, OpenEntry
from faq.lint.near import comparable

NAME = "leaked"


def whole(corpus: Corpus) -> Iterator[Finding]:
    """Each trial that stands, nearly word for word, among wordings or examples."""
    looked = ((trial, corpus.learned.copied_by(trial.question)) for trial in corpus.trials)
    copies = [(trial, copied) for trial, copied in looked if copied is not None]
    owners: dict[str, list[tuple[str, str, str, str]]] = {copied: [] for _, copied in copies}
    for revision in corpus.revisions if copies else ():
        for language, wording in wordings(revision):
            if (held := owners.get(comparable(wording))) is not None:
                held.append((revision.entry, language, wording, revision.text(language).question))
    for trial, copied in copies:
        values = {"trial": trial.question, "copy": copied}
        if not owners[copied]:
            entries = tuple(entry for entry in trial.entries if entry in corpus.by_entry)
            yield Finding(NAME, Level.ERROR, entries, "leaked.example", (), values)
        for entry, language, wording, question in owners[copied]:
            # A title stays: then the trial must go.
            fix: Fix = OpenEntry(entry) if wording == question else DropWording(entry, language, wording)
            yield Finding(NAME, Level.ERROR, (entry,), "leaked.wording", (fix,), values | {"copy": wording})

"""A wording that two entries claim: who asks so gets either, and neither for certain."""

from collections.abc import Iterator

from faq.lint.corpus import Corpus, wordings
from faq.lint.finding import DropWording, Finding, Fix, Level, SideBySide
from faq.retrieval.text import fold

NAME = "shared"


def whole(corpus: Corpus) -> Iterator[Finding]:
    """Each wording with the entries that have it, compared as the search compares."""
    owners: dict[str, dict[str, tuple[str, str]]] = {}
    for revision in corpus.revisions:
        for language, wording in wordings(revision):
            owners.setdefault(fold(wording).strip(" .!?"), {}).setdefault(revision.entry, (language, wording))
    for key, claimed in owners.items():
        if key and len(claimed) > 1:
            entries = tuple(sorted(claimed))
            if len(entries) == 2 and corpus.on_one_matter(*entries):
                continue
            fixes: list[Fix] = [SideBySide(entries[0], entries[1])]
            for entry in entries:
                language, wording = claimed[entry]
                if wording != corpus.by_entry[entry].text(language).question:
                    fixes.append(DropWording(entry, language, wording))
            values = {"wording": claimed[entries[0]][1]}
            yield Finding(NAME, Level.WARNING, entries, "shared", tuple(fixes), values)

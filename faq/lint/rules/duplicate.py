"""Two entries on one matter that answer differently: which one a citizen gets is chance."""

from collections.abc import Iterator

from faq.entry import Revision
from faq.lint.corpus import Corpus
from faq.lint.finding import Finding, Level, MergeWordings, SideBySide
from nlu.text import fold

NAME = "duplicate"


def whole(corpus: Corpus) -> Iterator[Finding]:
    """Each pair once. Entries of other offices that do the same for other people have other titles."""
    for pair in corpus.alike:
        one, other = corpus.by_entry[pair.one], corpus.by_entry[pair.other]
        same = _answer(one) == _answer(other)
        # What differs is told wrongly by one of the two; what is the same is only kept twice.
        level = Level.HINT if same else Level.WARNING
        fixes = SideBySide(one.entry, other.entry), MergeWordings(one.entry, other.entry)
        values = {"one": one.text("de").question, "other": other.text("de").question}
        of = pair.why, one.text("de").answer, other.text("de").answer
        yield Finding(
            NAME, level, (one.entry, other.entry), "duplicate.same" if same else "duplicate.other", fixes, values, of
        )


def _answer(revision: Revision) -> str:
    text = revision.text("de")
    return fold(f"{text.answer} {text.facts.fee} {text.facts.duration} {text.facts.deadline}")

"""Answers that are hard to read."""

from collections.abc import Iterator

from faq.entry import Revision
from faq.lint.corpus import Corpus
from faq.lint.finding import Finding, Level, OpenEntry
from faq.readability import Level as Reading
from faq.readability import read

NAME = "hard"
LONG = 30  # words of a sentence that nobody reads in one go


def alone(revision: Revision, corpus: Corpus) -> Iterator[Finding]:
    """By the figure where a text is long enough for one, and by sentences far too long in any."""
    for language, text in revision.texts.items():
        found, at = read(text.answer, language), OpenEntry(revision.entry, f"texts.{language}.answer")
        if found.level is Reading.HARD and not found.few:
            values = {"language": language, "figure": str(found.figure), "scale": found.scale}
            yield Finding(NAME, Level.HINT, (revision.entry,), "hard.text", (at,), values)
        for hint in found.hints:
            if hint.kind == "long_sentence" and int(hint.word) >= LONG:
                values = {"language": language, "words": hint.word, "sentence": hint.text}
                yield Finding(NAME, Level.HINT, (revision.entry,), "hard.sentence", (at,), values)
            if hint.kind.startswith("leicht_") and hint.kind in ("leicht_genitive", "leicht_number", "leicht_short"):
                values = {"word": hint.word, "sentence": hint.text}
                yield Finding(NAME, Level.HINT, (revision.entry,), f"hard.{hint.kind}", (at,), values)

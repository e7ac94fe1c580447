"""What an entry lacks: an office that the town knows, a topic, a source; and words that stand for others to come."""

import re
from collections.abc import Iterator

from faq.entry import Revision
from faq.lint.corpus import Corpus, told
from faq.lint.finding import Finding, Level, OpenEntry

MISSING, PLACEHOLDER = "missing", "placeholder"
# "XX" in a text is nothing that anybody says; "..." behind a word is. Case matters: "todo" is Spanish.
_DUMMY = re.compile(
    r"\b(?:TODO|FIXME|TBD|XXX+)\b|\b[Ll]orem ipsum\b|\[(?:\.\.\.|…|hier [^\[\]]*|[Tt]ext[^\[\]]*|[Nn]ame|[Dd]atum)\]"
    r"|\b(?i:mustertext|platzhalter|blindtext|bitte ergänzen|hier einfügen|wird noch ergänzt|insert text here)\b"
    r"|\b[xX]{2,},[xX]{2}\b|\?{3,}|_{4,}|\b0{4,}[ /-]0{2,}"
)


def missing(revision: Revision, corpus: Corpus) -> Iterator[Finding]:
    """Without an office no answer says where to go; without a source nobody can check it."""
    at = revision.entry
    if revision.office not in corpus.town.offices and revision.elsewhere is None:
        values = {"value": revision.office}
        yield Finding(MISSING, Level.WARNING, (at,), "missing.office", (OpenEntry(at, "office"),), values)
    if revision.topic not in corpus.town.topics:
        values = {"value": revision.topic}
        yield Finding(MISSING, Level.WARNING, (at,), "missing.topic", (OpenEntry(at, "topic"),), values)
    if not revision.source.url:
        yield Finding(MISSING, Level.HINT, (at,), "missing.source", (OpenEntry(at, "source"),))


def placeholder(revision: Revision, corpus: Corpus) -> Iterator[Finding]:
    """Somebody meant to write more."""
    for language, text in revision.texts.items():
        for field, words in (("question", text.question), ("answer", told(text))):
            if dummy := _DUMMY.search(words):
                fix = OpenEntry(revision.entry, f"texts.{language}.{field}")
                values = {"language": language, "words": dummy[0]}
                yield Finding(PLACEHOLDER, Level.ERROR, (revision.entry,), "placeholder", (fix,), values)

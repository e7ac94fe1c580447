"""Languages that an entry lacks though most have it, and translations older than what they translate."""

from collections import Counter
from collections.abc import Iterator

from faq.entry import LEICHT, Revision, Text
from faq.lint.corpus import Corpus, told
from faq.lint.finding import Finding, Level, OpenEntry
from faq.translations import ORIGINAL, text_for

UNTRANSLATED, STALE = "untranslated", "stale"
MOST = 0.5  # share of entries that have a language, from which those without it are named


def untranslated(corpus: Corpus) -> Iterator[Finding]:
    """A corpus that keeps a language only for some of its entries chose so; one that has it for most forgot some."""
    ours = [r for r in corpus.revisions if r.elsewhere is None]
    spoken = Counter(language for r in ours for language in r.texts if language not in ("de", LEICHT))
    usual = sorted(language for language, times in spoken.items() if times >= MOST * len(ours) and times > 1)
    for revision in ours:
        for language in usual:
            if language not in revision.texts:
                at = OpenEntry(revision.entry, f"texts.{language}.question")
                values = {"language": language}
                yield Finding(UNTRANSLATED, Level.HINT, (revision.entry,), "untranslated", (at,), values)


def stale(revision: Revision, corpus: Corpus) -> Iterator[Finding]:
    """The German text was changed after the translation was."""
    for language in corpus.stale.get(revision.entry, ()):
        if language in revision.texts:
            yield older(revision, language)


def older(revision: Revision, language: str) -> Finding:
    """Of a translation whose original is newer. Both texts make it: when either changes, it is another finding."""
    at = OpenEntry(revision.entry, f"texts.{language}.answer")
    read = (text_for(revision, language, language), text_for(revision, ORIGINAL, language))
    of = tuple(_whole(text) for text in read if text)
    return Finding(STALE, Level.WARNING, (revision.entry,), "stale", (at,), {"language": language}, of)


def _whole(text: Text) -> str:
    link = text.facts.link
    return "\n".join([text.question, told(text), *((link.title, link.url) if link else ())])

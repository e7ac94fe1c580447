"""What a fix makes of an entry. Pure: the draft is the caller's to save."""

import re
from dataclasses import replace

from faq.entry import Content, Text
from faq.lint.finding import DropWording, Fix, MergeWordings, ReplaceLink, Reviewed
from faq.retrieval.text import fold


class Overtaken(Exception):
    """The entry no longer holds what the fix is about; look again."""


def applied(fix: Fix, content: Content, source: Content | None = None) -> Content:
    """The entry's content with the fix in it; `source` is the other entry's that wordings come from.

    Raises Overtaken where there is nothing to mend any more, and ValueError for a fix that only people can do.
    """
    if isinstance(fix, DropWording):
        fresh = _without(fix, content)
    elif isinstance(fix, MergeWordings):
        fresh = _merged(content, source) if source else content
    elif isinstance(fix, ReplaceLink):
        fresh = _relinked(fix, content)
    elif isinstance(fix, Reviewed):
        fresh = replace(content, as_of=fix.on, review_by=fix.until)
    else:
        raise ValueError(f"{type(fix).__name__} is done by hand")
    if fresh == content:
        raise Overtaken
    return fresh


def _without(fix: DropWording, content: Content) -> Content:
    text = content.texts.get(fix.language)
    if text is None:
        return content
    left = tuple(variant for variant in text.variants if fold(variant) != fold(fix.wording))
    return replace(content, texts={**content.texts, fix.language: replace(text, variants=left)})


def _merged(content: Content, source: Content) -> Content:
    """With the other's questions and variants, in the languages that both have."""
    return replace(content, texts={language: _joined(text, source) for language, text in content.texts.items()})


def _joined(text: Text, source: Content) -> Text:
    other = source.texts.get(text.language)
    if other is None or not text.question:
        return text
    known = {_asked(wording) for wording in (text.question, *text.variants)}
    new = {_asked(w): w for w in (other.question, *other.variants) if w.strip() and _asked(w) not in known}
    return replace(text, variants=(*text.variants, *new.values()))


def _relinked(fix: ReplaceLink, content: Content) -> Content:
    texts = {}
    for language, text in content.texts.items():
        link = text.facts.link
        if link and link.url == fix.old:
            text = replace(text, facts=replace(text.facts, link=replace(link, url=fix.new)))
        answer = re.sub(rf"(?<=[(<\s]){re.escape(fix.old)}(?=[)>\s]|$)", lambda _: fix.new, text.answer)
        texts[language] = replace(text, answer=answer)
    source, elsewhere = content.source, content.elsewhere
    if source.url == fix.old:
        source = replace(source, url=fix.new)
    if elsewhere and elsewhere.url == fix.old:
        elsewhere = replace(elsewhere, url=fix.new)
    return replace(content, texts=texts, source=source, elsewhere=elsewhere)


def _asked(wording: str) -> str:
    """As the search compares wordings: with or without a question mark is one."""
    return fold(wording).strip(" .!?")

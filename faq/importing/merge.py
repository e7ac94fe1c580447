"""A content after an import: what the file has, on top of what the entry says already.

A file without a column for fees knows nothing of fees: whatever an editor wrote there stays. The same holds for
languages that it does not have.
"""

from dataclasses import replace

from faq.entry import Content, Draft, Elsewhere, Facts, Link, Text
from faq.sources.table import DEFAULT, headers

_FACTS = ("fee", "documents", "duration", "appointment", "deadline")
_DAYS = ("review_by", "valid_from", "valid_until")


def merged(draft: Draft, head: Content) -> Content:
    """The content that the entry gets."""
    told = frozenset(headers()) if draft.told is None else draft.told
    new = draft.content
    texts = dict(head.texts)
    for language, text in new.texts.items():
        texts[language] = _text(text, texts.get(language), told)
    after = replace(
        head,
        texts=texts,
        topic=_place(new.topic, head.topic, "topic" in told),
        office=_place(new.office, head.office, "office" in told),
        source=_link(new.source, head.source, "source", told) or Link("", ""),
        service_key=new.service_key if "service_key" in told else head.service_key,
        elsewhere=_elsewhere(new.elsewhere, head.elsewhere, told),
        **{name: getattr(new if name in told else head, name) for name in _DAYS},
    )
    if "as_of" in told:
        return replace(after, as_of=new.as_of)
    # The file's own day is the best that is known of what it changes, and says nothing of the rest.
    return after if after == head else replace(after, as_of=new.as_of)


def _place(new: str, old: str, told: bool) -> str:
    return new if told and new != DEFAULT else old


def _text(new: Text, old: Text | None, told: frozenset[str]) -> Text:
    if old is None:
        return new
    facts = {name: getattr(new.facts if name in told else old.facts, name) for name in _FACTS}
    link = _link(new.facts.link, old.facts.link, "link", told)
    variants = new.variants if "variants" in told else old.variants
    return Text(new.language, new.question, variants, new.answer, Facts(**facts, link=link))


def _link(new: Link | None, old: Link | None, name: str, told: frozenset[str]) -> Link | None:
    title = (new if f"{name}_title" in told else old) or Link("", "")
    url = (new if f"{name}_url" in told else old) or Link("", "")
    return Link(title.title, url.url) if title.title or url.url else None


def _elsewhere(new: Elsewhere | None, old: Elsewhere | None, told: frozenset[str]) -> Elsewhere | None:
    none = Elsewhere("", "")
    parts = [
        getattr((new if f"elsewhere_{name}" in told else old) or none, name)
        for name in ("level", "office", "url", "phone")
    ]
    return Elsewhere(*parts) if any(parts) else None

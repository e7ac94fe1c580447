"""What the town has answered: an entry's content, its immutable revisions, and what makes a draft unfit.

Everything here is pure data. A text's language is "de", "en" or another ISO 639-1 code; "leicht" is
Leichte Sprache, a German text of its own that borrows the German question.
"""

import dataclasses
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

LEICHT = "leicht"
MAX_QUESTION = 300
MAX_ANSWER = 20_000

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2}|leicht")
_SERVICE_KEY = re.compile(r"[0-9]{14}")  # LeiKa: object, performance and detail, as FIM writes them
_MARKDOWN_LINK = re.compile(r"\]\(\s*<?([^)\s>]*)")
_SAFE_SCHEMES = ("https://", "http://", "mailto:", "tel:")


class Status(StrEnum):
    """How far a revision has come. Only a published one can be live."""

    DRAFT = "draft"
    REVIEW = "review"
    PUBLISHED = "published"
    ARCHIVED = "archived"


@dataclass(frozen=True)
class Link:
    title: str
    url: str


NO_LINK = Link("", "")

LEVELS = ("bund", "land", "kreis", "other")
"""Who may do what the town does not: federation, Land, Kreis, or nobody's authority (a notary, the railway)."""


@dataclass(frozen=True)
class Elsewhere:
    """The office, not the town's, that does what an entry is about; `url` and `phone` may be empty."""

    level: str
    office: str
    url: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Facts:
    """What stands below an answer on lines of its own; empty means that it does not apply."""

    fee: str = ""
    documents: tuple[str, ...] = ()
    duration: str = ""
    appointment: str = ""
    deadline: str = ""
    link: Link | None = None


@dataclass(frozen=True)
class Text:
    """One language's wording. `answer` is Markdown without headings, tables and HTML."""

    language: str
    question: str
    variants: tuple[str, ...] = ()
    answer: str = ""
    facts: Facts = Facts()


@dataclass(frozen=True)
class Content:
    """All that an editor may change in an entry."""

    texts: Mapping[str, Text]
    topic: str
    office: str
    source: Link
    as_of: date
    review_by: date | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    service_key: str = ""
    elsewhere: Elsewhere | None = None


@dataclass(frozen=True)
class Draft:
    """An entry that a source proposes; `place` says where it was read ("kfz.yml:12").

    `places` says it of single languages, where each has a row of its own. Not `named`: the source gives its entries no
    names, this one is made of the question. `told`: which fields the source has at all (as a table's columns are
    called), None for all; what it does not have, it does not change.
    """

    entry: str
    content: Content
    place: str = ""
    places: Mapping[str, str] = dataclasses.field(default_factory=dict)
    named: bool = True
    told: frozenset[str] | None = None


@dataclass(frozen=True)
class Revision:
    """An immutable version of an entry. `id` is a hash of entry, number and content."""

    id: str
    entry: str
    number: int
    texts: Mapping[str, Text]
    topic: str
    office: str
    source: Link
    as_of: date
    review_by: date | None
    valid_from: date | None
    valid_until: date | None
    service_key: str
    author: str
    at: datetime
    elsewhere: Elsewhere | None = None

    def __hash__(self) -> int:
        return hash(self.id)

    @property
    def content(self) -> Content:
        return Content(
            self.texts,
            self.topic,
            self.office,
            self.source,
            self.as_of,
            self.review_by,
            self.valid_from,
            self.valid_until,
            self.service_key,
            self.elsewhere,
        )

    def text(self, language: str) -> Text:
        """The text in that language, else the German one, else the first there is."""
        return self.texts.get(language) or self.texts.get("de") or next(iter(self.texts.values()))

    def valid_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )


@dataclass(frozen=True)
class Problem:
    """What is wrong with a draft: a field ("texts.de.answer"), a key for the words, and what fills them.

    A problem that does not block is shown to the editor but does not stop a release.
    """

    field: str
    message_key: str
    values: Mapping[str, str] = dataclasses.field(default_factory=dict)
    blocks: bool = True


def revision_of(entry: str, number: int, content: Content, author: str, at: datetime) -> Revision:
    """The revision that this content becomes as the entry's `number`-th version."""
    told = json.dumps([entry, number, content_to_json(content)], ensure_ascii=False, sort_keys=True)
    return named(hashlib.sha256(told.encode()).hexdigest()[:16], entry, number, content, author, at)


def named(id: str, entry: str, number: int, content: Content, author: str, at: datetime) -> Revision:
    """The revision that has this id, which takes a while to compute."""
    return Revision(
        id,
        entry,
        number,
        content.texts,
        content.topic,
        content.office,
        content.source,
        content.as_of,
        content.review_by,
        content.valid_from,
        content.valid_until,
        content.service_key,
        author,
        at,
        content.elsewhere,
    )


def content_to_json(content: Content) -> dict[str, Any]:
    """Content as plain JSON values, the form that the catalogue keeps."""
    # As dataclasses.asdict makes it, which copies every text and takes ten times as long: large imports make it often.
    plain = dict(vars(content))
    plain["texts"] = {language: _text_to_json(text) for language, text in content.texts.items()}
    plain["source"] = dict(vars(content.source))
    plain["elsewhere"] = dict(vars(content.elsewhere)) if content.elsewhere else None
    for name in ("as_of", "review_by", "valid_from", "valid_until"):
        plain[name] = plain[name].isoformat() if plain[name] else None
    if not plain["elsewhere"]:
        del plain["elsewhere"]  # a revision of before there was such a field keeps its name
    return plain


def content_from_json(plain: Mapping[str, Any]) -> Content:
    """The inverse of `content_to_json`."""

    def day(name: str) -> date | None:
        return date.fromisoformat(plain[name]) if plain.get(name) else None

    texts = {language: _text_from_json(text) for language, text in plain["texts"].items()}
    return Content(
        texts,
        plain["topic"],
        plain["office"],
        Link(**plain["source"]),
        date.fromisoformat(plain["as_of"]),
        day("review_by"),
        day("valid_from"),
        day("valid_until"),
        plain.get("service_key") or "",
        Elsewhere(**plain["elsewhere"]) if plain.get("elsewhere") else None,
    )


def _text_to_json(text: Text) -> dict[str, Any]:
    facts = dict(vars(text.facts))
    facts["link"] = dict(vars(text.facts.link)) if text.facts.link else None
    return {**vars(text), "facts": facts}


def _text_from_json(plain: Mapping[str, Any]) -> Text:
    facts = dict(plain["facts"])
    facts["documents"] = tuple(facts["documents"])
    facts["link"] = Link(**facts["link"]) if facts["link"] else None
    return Text(plain["language"], plain["question"], tuple(plain["variants"]), plain["answer"], Facts(**facts))


def validate(draft: Draft) -> list[Problem]:
    """What stands between this draft and its release; an empty list when nothing does. Pure."""
    content = draft.content
    found: list[Problem] = []
    if not _SLUG.fullmatch(draft.entry) or len(draft.entry) > 120:
        found.append(Problem("entry", "entry.slug", {"value": draft.entry}))
    for name in ("topic", "office"):
        if not getattr(content, name).strip():
            found.append(Problem(name, "field.missing"))
    if "de" not in content.texts:
        found.append(Problem("texts.de", "text.german-missing"))
    for language, text in content.texts.items():
        found += _text_problems(language, text)
    if not content.source.url:
        found.append(Problem("source", "source.missing", blocks=False))
    elif not _is_web_address(content.source.url):
        found.append(Problem("source", "link.unsafe", {"value": content.source.url}))
    found += _elsewhere_problems(content.elsewhere)
    if content.service_key and not _SERVICE_KEY.fullmatch(content.service_key):
        found.append(Problem("service_key", "service_key.form", {"value": content.service_key}, blocks=False))
    if content.valid_from and content.valid_until and content.valid_until < content.valid_from:
        found.append(Problem("valid_until", "dates.reversed"))
    if content.review_by and content.review_by < content.as_of:
        found.append(Problem("review_by", "dates.review-before-as-of"))
    return found


def _elsewhere_problems(elsewhere: Elsewhere | None) -> list[Problem]:
    if elsewhere is None:
        return []
    found = []
    if elsewhere.level not in LEVELS:
        found.append(Problem("elsewhere.level", "elsewhere.level", {"value": elsewhere.level}))
    if not elsewhere.office.strip():
        found.append(Problem("elsewhere.office", "field.missing"))
    if elsewhere.url and not _is_web_address(elsewhere.url):
        found.append(Problem("elsewhere.url", "link.unsafe", {"value": elsewhere.url}))
    return found


def _text_problems(language: str, text: Text) -> list[Problem]:
    at = f"texts.{language}"
    found: list[Problem] = []
    if not _LANGUAGE.fullmatch(language) or text.language != language:
        found.append(Problem(at, "text.language", {"value": language}))
    if not text.question.strip():
        found.append(Problem(f"{at}.question", "field.missing"))
    if not text.answer.strip():
        found.append(Problem(f"{at}.answer", "field.missing"))
    if len(text.question) > MAX_QUESTION:
        found.append(Problem(f"{at}.question", "field.too-long", {"limit": str(MAX_QUESTION)}))
    if len(text.answer) > MAX_ANSWER:
        found.append(Problem(f"{at}.answer", "field.too-long", {"limit": str(MAX_ANSWER)}))
    seen: set[str] = {text.question.casefold().strip()}
    for number, variant in enumerate(text.variants):
        place = f"{at}.variants.{number}"
        if not variant.strip():
            found.append(Problem(place, "field.missing"))
        elif len(variant) > MAX_QUESTION:
            found.append(Problem(place, "field.too-long", {"limit": str(MAX_QUESTION)}))
        elif variant.casefold().strip() in seen:
            found.append(Problem(place, "variant.twice", {"value": variant}, blocks=False))
        seen.add(variant.casefold().strip())
    if text.facts.link and not _is_web_address(text.facts.link.url):
        found.append(Problem(f"{at}.facts.link", "link.unsafe", {"value": text.facts.link.url}))
    for url in _MARKDOWN_LINK.findall(text.answer):
        if not url.casefold().startswith(_SAFE_SCHEMES):
            found.append(Problem(f"{at}.answer", "link.unsafe", {"value": url}))
    return found


def _is_web_address(url: str) -> bool:
    return url.casefold().startswith(("https://", "http://")) and not re.search(r"\s", url)

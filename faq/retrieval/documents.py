"""What of an entry is searched: one document per language, with its wordings, passages and words."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from faq.entry import LEICHT, Revision, Text
from faq.retrieval.text import content_words, grams, stem

PASSAGE_WORDS = 60  # long enough to say what it is about, short enough to be about one thing
_QUESTION_WEIGHT, _VARIANT_WEIGHT = 3, 2
_MARKDOWN_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


@dataclass(frozen=True)
class Document:
    """An entry in one language. `wordings` begins with the question itself; `page` is all of it."""

    revision: Revision
    language: str
    wordings: tuple[str, ...]
    passages: tuple[str, ...]
    page: str
    letters: Counter[str]
    stems: Counter[str]


def documents_of(revision: Revision) -> Iterator[Document]:
    """One document per language; Leichte Sprache says the same as German and is not searched again."""
    for language, text in revision.texts.items():
        if language != LEICHT:
            yield _document(revision, text)


def _document(revision: Revision, text: Text) -> Document:
    body = _body(text)
    weighted = [(text.question, _QUESTION_WEIGHT), *((v, _VARIANT_WEIGHT) for v in text.variants), (body, 1)]
    letters: Counter[str] = Counter()
    stems: Counter[str] = Counter()
    for part, weight in weighted:
        for word in content_words(part):
            stems[stem(word)] += weight
            for gram in grams(word):
                letters[gram] += weight
    passages = tuple(f"{text.question}: {passage}" for passage in passages_of(body))
    page = f"{text.question}\n{body}"
    return Document(revision, text.language, (text.question, *text.variants), passages, page, letters, stems)


def _body(text: Text) -> str:
    facts = text.facts
    told = [_MARKDOWN_LINK.sub(r"\1", text.answer).replace("**", "")]
    told += [facts.fee, ", ".join(facts.documents), facts.duration, facts.appointment, facts.deadline]
    return "\n".join(part for part in told if part)


def passages_of(text: str) -> Iterator[str]:
    """The text in windows that overlap by half, so that what belongs together stands together in one of them."""
    words = text.split()
    step = PASSAGE_WORDS // 2
    for start in range(0, max(1, len(words) - step), step):
        yield " ".join(words[start : start + PASSAGE_WORDS])

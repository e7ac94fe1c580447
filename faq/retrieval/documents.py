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
    """An entry in one language. `wordings` begins with the question itself; `body` is the rest of it, the answer with
    its facts."""

    revision: Revision
    language: str
    wordings: tuple[str, ...]
    body: str

    @property
    def passages(self) -> tuple[str, ...]:
        """The body in windows, each with the question before it."""
        return tuple(f"{self.wordings[0]}: {passage}" for passage in passages_of(self.body))

    @property
    def page(self) -> str:
        """All of it but the further wordings."""
        return f"{self.wordings[0]}\n{self.body}"

    def counted(self) -> tuple[Counter[str], Counter[str]]:
        """Its letters in fours and its stems, a wording's counting more than the body's. Counted anew each time: they
        take more memory than the text."""
        letters: Counter[str] = Counter()
        stems: Counter[str] = Counter()
        question, *variants = self.wordings
        weighted = [(question, _QUESTION_WEIGHT), *((v, _VARIANT_WEIGHT) for v in variants), (self.body, 1)]
        for part, weight in weighted:
            for word in content_words(part):
                stems[stem(word)] += weight
                for gram in grams(word):
                    letters[gram] += weight
        return letters, stems


def documents_of(revision: Revision) -> Iterator[Document]:
    """One document per language; Leichte Sprache says the same as German and is not searched again."""
    for language, text in revision.texts.items():
        if language != LEICHT:
            yield Document(revision, text.language, (text.question, *text.variants), _body(text))


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

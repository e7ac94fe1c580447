"""Which of a cluster's questions teach and which test: decided by a keyed hash of the words, so that the same words are
never both. Pure."""

import hmac
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from bot.gaps.gap import Question, Use
from bot.privacy.masking import mask
from faq.retrieval.text import words

MOST = 40
"""Different wordings that one form shows: who asks in more ways is best read one page at a time."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What citizens asked in these words: whose facts they are, what to make of it."""

    text: str
    language: str
    facts: tuple[str, ...]
    use: Use


def proposed(
    questions: Iterable[Question], secret: bytes, known: Iterable[str] = (), languages: Container[str] | None = None
) -> Sequence[Asked]:
    """Each wording once, the most frequent first, with its part; half of them test. What stands in an entry already
    (`known`) can do neither. Of two or more at least one tests and one teaches. Only what was asked in one of the
    `languages` (None: any) can teach: among the wordings of another it would stand wrongly."""
    taken = {same(text) for text in known}
    by_words: dict[str, list[Question]] = {}
    for question in questions:
        if question.use is Use.NONE:
            by_words.setdefault(same(question.text), []).append(question)
    often = sorted(by_words.items(), key=lambda pair: (-len(pair[1]), pair[0]))[:MOST]
    marks = {plain: hmac.digest(secret, plain.encode("utf-8", "replace"), "sha256") for plain, _ in often}
    strange = {plain for plain, some in often if languages is not None and language_of(some[0]) not in languages}
    free = sorted((plain for plain, _ in often if plain not in taken | strange), key=marks.__getitem__)
    tests = {plain for plain in free if marks[plain][0] % 2}
    if free and len(tests) == len(free):
        tests.discard(free[0])  # what would be drafted, if nothing taught?
    elif len(free) > 1 and not tests:
        tests.add(free[-1])
    return [
        Asked(
            mask(some[0].text),
            some[0].language,
            tuple(one.id for one in some),
            Use.NONE if plain in taken else Use.TRIAL if plain in tests | strange else Use.WORDING,
        )
        for plain, some in often
    ]


def language_of(one: Question | Asked) -> str:
    """In which language it was asked; German where nobody could tell."""
    return one.language or "de"


def same(text: str) -> str:
    """What two spellings of the same question share."""
    return " ".join(words(text)) or text.strip()

"""What rules judge: the entries as they are or would be, and what is known around them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from faq.entry import LEICHT, Revision, Text
from faq.links.kept import Look
from faq.lint.near import Learned, near_pairs
from faq.retrieval.index import Index
from faq.retrieval.text import content_words, stem, words
from faq.town import Town

TITLES, ASKED = 0.72, 0.75
"""Shares of letters in fours from which two titles, or two wordings, are the same with a slip."""


@dataclass(frozen=True)
class Trial:
    """A held-out question; `entries` that answer it, none: nobody's."""

    question: str
    entries: tuple[str, ...]


@dataclass(frozen=True)
class Alike:
    """Two entries that seem to be about one matter, and why: by "title" or "wordings"."""

    one: str
    other: str
    why: str


@dataclass(frozen=True)
class Corpus:
    """`revisions`: each entry once, its newest version that is live or waits for its release. `stale`: by entry, the
    languages whose text is older than the German one. `examples`: utterances that the understanding learns from.
    """

    revisions: tuple[Revision, ...]
    town: Town
    today: date
    trials: tuple[Trial, ...] = ()
    examples: tuple[str, ...] = ()
    looks: Mapping[str, Look] = field(default_factory=dict)
    stale: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def by_entry(self) -> Mapping[str, Revision]:
        """The revisions by entry."""
        return {revision.entry: revision for revision in self.revisions}

    @cached_property
    def index(self) -> Index:
        """By letters and words; made when a rule asks."""
        return Index.build(self.revisions, None)

    @cached_property
    def alike(self) -> tuple[Alike, ...]:
        """Entries on one matter, each pair once."""
        return tuple(_alike(self))

    def on_one_matter(self, one: str, other: str) -> bool:
        """Do these two entries ask the same? That is a finding of its own, and the others follow from it."""
        return _pair(one, other) in self._pairs

    @cached_property
    def _pairs(self) -> frozenset[tuple[str, str]]:
        return frozenset((pair.one, pair.other) for pair in self.alike)

    @cached_property
    def learned(self) -> Learned:
        """All wordings and examples."""
        every = [wording for r in self.revisions for _, wording in wordings(r)]
        return Learned([*every, *self.examples])


def wordings(revision: Revision) -> Iterable[tuple[str, str]]:
    """Language and words, of each question and variant; Leichte Sprache borrows the German ones."""
    for language, text in revision.texts.items():
        if language != LEICHT:
            yield from ((language, wording) for wording in (text.question, *text.variants))


def told(text: Text) -> str:
    """All that a text tells, the facts included."""
    facts = text.facts
    return "\n".join([text.answer, facts.fee, *facts.documents, facts.duration, facts.appointment, facts.deadline])


_MANY = 2  # wordings that two entries share, or nearly, before they count as one matter
# Parts that turn a verb into another one ("an-" and "abmelden"), which the search passes over as common words.
_TURNS = frozenset({"an", "ab", "um", "ein", "aus", "nach", "weg", "mit", "vor", "ohne", "nicht", "kein", "keine"})


def _pair(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one < other else (other, one)


def matter(wording: str) -> frozenset[str]:
    """What a wording asks about, whatever its order and its endings: two with the same are one question."""
    every = words(wording)
    return frozenset(stem(word) for word in content_words(wording)) | {f"~{w}" for w in every if w in _TURNS}


def _alike(corpus: Corpus) -> Iterable[Alike]:
    """By letters and words. By meaning, real pairs that ask different things ("anmelden", "abmelden") lie nearer to one
    another than halves of one entry do (docs/lint.md), so meaning would raise mostly false alarms."""
    revisions = [r for r in corpus.revisions if "de" in r.texts]
    found: dict[tuple[str, str], str] = {}
    titles = [(r.entry, r.texts["de"].question) for r in revisions]
    for pair in _same(titles, TITLES):
        found.setdefault(pair, "title")
    variants = [(r.entry, wording) for r in revisions for wording in r.texts["de"].variants]
    for pair, times in Counter(_same(variants, ASKED, least=2)).items():
        if times >= _MANY:
            found.setdefault(pair, "wordings")
    return [Alike(one, other, why) for (one, other), why in sorted(found.items())]


def _same(owned: Sequence[tuple[str, str]], near: float, least: int = 1) -> Iterator[tuple[str, str]]:
    """Pairs of entries, once for each two of these wordings that are nearly the same, or that ask about the same in at
    least so many words."""
    pairs = set(near_pairs([wording for _, wording in owned], near))
    turned = [matter(wording) for _, wording in owned]
    pairs = {(a, b) for a, b in pairs if {t for t in turned[a] ^ turned[b] if t[0] == "~"} == set()}
    asking: dict[frozenset[str], list[int]] = {}
    for number, about in enumerate(turned):
        if len([word for word in about if word[0] != "~"]) >= least:
            asking.setdefault(about, []).append(number)
    for some in asking.values():
        # Of a matter that very many name, the neighbours are enough: they stand for all.
        pairs |= {(a, b) for n, a in enumerate(some) for b in some[n + 1 : n + 10]}
    for a, b in sorted(pairs):
        one, other = owned[a][0], owned[b][0]
        if one != other:
            yield _pair(one, other)

"""Understanding without a model: phrases from languages/<code>/keywords.yml, then likeness to the examples.

It is what remains while Rasa is down.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

from nlu.alarms import LIMIT, emergency_kind
from nlu.data import read_data
from nlu.lookalike import look_alike
from nlu.phrases import NOT, Hit, Phrasebook, Word, tokenise, unmasked
from nlu.profiles import LANGUAGES, LANGUAGES_DIR
from nlu.text import cap, detect_language, fold
from nlu.understand import Entity, Understanding

_QUESTION_CONFIDENCE = 0.4
_SURE_OF_LANGUAGE = 0.6
# Cross-validated over the examples: from here on three of four likenesses are right (of alarms, six of seven).
_GATE = 0.35
_ALARM_GATE = 0.3
_ALARMS = frozenset({"emergency", "distress"})


@dataclass(frozen=True)
class _Section:
    """One intent's phrases in one language: how sure they make us, how many other words they bear with."""

    intent: str
    confidence: float
    rest: int | None
    max_words: int | None


@dataclass(frozen=True)
class _Language:
    code: str
    sections: Mapping[str, _Section]
    phrases: Phrasebook
    entities: Sequence[tuple[str, str]]


@cache
def _languages(folder: Path) -> Mapping[str, _Language]:
    """Every language that has a keywords.yml, in the order of LANGUAGES; read once."""
    found = {}
    for code in LANGUAGES:
        path = folder / code / "keywords.yml"
        if path.exists():
            found[code] = _read(code, read_data(path))
    return found


def _read(code: str, data: Mapping[str, Mapping[str, Mapping[str, list[str]]]]) -> _Language:
    fillers = [word for line in cast(list[str], data.get("fillers", [])) for word in line.split()]
    sections, phrases = {}, []
    for intent, section in data["intents"].items():
        rest, most = section.get("rest"), section.get("max_words")
        confidence = float(cast(float, section.get("confidence", 0.8)))
        sections[intent] = _Section(intent, confidence, cast(int | None, rest), cast(int | None, most))
        phrases += [(intent, phrase) for phrase in section["phrases"]]
        phrases += [(f"{NOT}{intent}", phrase) for phrase in section.get("not", [])]
    entities = [(kind, phrase) for kind, listed in data.get("entities", {}).items() for phrase in listed]
    return _Language(code, sections, Phrasebook(phrases, fillers), tuple(entities))


class KeywordNlu:
    """Understands by phrases and likeness; needs no model, no network and one or two milliseconds.

    `names` lists, for each kind of entity, the town's names to look for ("office": ["Bürgeramt", …]).
    """

    def __init__(self, names: Mapping[str, Sequence[str]] | None = None) -> None:
        self._books = _languages(LANGUAGES_DIR)
        self._names = {kind: {fold(name): name for name in listed} for kind, listed in (names or {}).items()}
        own = [(kind, phrase) for book in self._books.values() for kind, phrase in book.entities]
        town = [(kind, name) for kind, listed in self._names.items() for name in listed if tokenise(name)]
        self._entities = Phrasebook([*own, *((kind, _plain(name)) for kind, name in town)])

    def of(self, name: str) -> "KeywordNlu":
        """See nlu.understand.Nlus: phrases stay the same, whatever examples a release names."""
        return self

    def serves(self, name: str) -> bool:
        """There is no model to wait for."""
        return True

    async def understand(self, text: str, language: str | None = None) -> Understanding:
        return self.understand_now(text, language)

    def understand_now(self, text: str, language: str | None = None, *, alike: bool = True) -> Understanding:
        """As `understand`, without a loop. `alike` False spares the search for examples that look like it."""
        short = cap(text, LIMIT)
        found = tokenise(short)
        detected = detect_language(short)
        spoken = language or detected.language
        entities = self._entities_in(found)
        kind = emergency_kind(short)
        if kind is not None:
            intent = "distress" if kind in ("distress", "violence") else "emergency"
            return Understanding(intent, 1.0, entities, ((intent, 1.0),), spoken, "keywords")
        ranking = self._rank(found, spoken)
        if not ranking and not (language is None and detected.confidence >= _SURE_OF_LANGUAGE):
            # Too little text to tell the language, or a change of it in the middle of a conversation.
            for code in self._books:
                ranking = self._rank(found, code) if code != spoken else []
                if ranking:
                    spoken = spoken if language else code
                    break
        if not ranking and alike:
            ranking = self._alike(found, spoken)
        if all(intent != "faq_question" for intent, _ in ranking):
            ranking.append(("faq_question", _QUESTION_CONFIDENCE))
        best, confidence = ranking[0]
        return Understanding(best, confidence, entities, tuple(ranking), spoken, "keywords")

    async def keep_watching(self) -> None:
        """Nothing can be away."""

    async def close(self) -> None:
        """Nothing to let go of."""

    @staticmethod
    def _alike(found: Sequence[Word], language: str) -> list[tuple[str, float]]:
        """What no phrase covers may still look like an example; a doubtful likeness is left to the FAQ search."""
        examples = look_alike(LANGUAGES_DIR / language / "examples.yml")
        ranking = examples.rank(found) if examples else []
        if not ranking or ranking[0][1] < (_ALARM_GATE if ranking[0][0] in _ALARMS else _GATE):
            return []
        return ranking

    def _rank(self, found: Sequence[Word], language: str) -> list[tuple[str, float]]:
        book = self._books.get(language)
        if book is None:
            return []
        hits = unmasked(book.phrases.find(found))
        ranking = []
        for section in book.sections.values():
            mine = [hit for hit in hits if hit.label == section.intent]
            if mine and self._fits(book, section, found, mine):
                ranking.append((section.intent, section.confidence))
        return sorted(ranking, key=lambda pair: -pair[1])

    @staticmethod
    def _fits(book: _Language, section: _Section, found: Sequence[Word], hits: Sequence[Hit]) -> bool:
        """A greeting in front of a question is no greeting, a long text no follow-up."""
        if section.max_words is not None and len(found) > section.max_words:
            return False
        if section.rest is None:
            return True
        covered = {at for hit in hits for at in range(hit.first, hit.last)}
        return book.phrases.unexplained(found, covered) <= section.rest

    def _entities_in(self, found: Sequence[Word]) -> tuple[Entity, ...]:
        """What is named, the longest name where two overlap."""
        taken: set[int] = set()
        entities = []
        for hit in sorted(self._entities.find(found), key=lambda hit: (hit.first - hit.last, hit.first)):
            place = range(hit.first, hit.last)
            if taken.isdisjoint(place):
                taken.update(place)
                said = " ".join(word.text for word in found[hit.first : hit.last])
                value = self._names.get(hit.label, {}).get(said, said)
                entities.append(Entity(hit.label, value, found[hit.first].start, found[hit.last - 1].end))
        return tuple(sorted(entities, key=lambda entity: entity.start))


def _plain(name: str) -> str:
    """A name as a phrase: its words, without the signs that mean something in one."""
    return " ".join(word.text for word in tokenise(name))

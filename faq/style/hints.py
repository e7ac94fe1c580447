"""What makes a sentence hard, and what would be easier. By words and endings, for there is no parser: it would rather
miss one than blame a good sentence."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from faq.entry import LEICHT
from faq.style.sentences import lines, listed, sentences, split, words

LONG_SENTENCE = 20  # words; DIN 8581-1 (Einfache Sprache) and the style guides of administrations stay below
LONG_LINE = 12  # words of a sentence in Leichte Sprache
LONG_WORD = 22  # letters in one, which a reader has to take apart
LONG_PART = 14  # letters between two hyphens in Leichte Sprache
NOUNS = 3  # nouns of doing in one sentence

_DOING = re.compile(r"\w{3,}(?:ung|ungen|nahme|nahmen|stellung)$")
_BECOME = frozenset({"wird", "werden", "wurde", "wurden", "worden"})
_MODAL = frozenset({"kann", "können", "muss", "müssen", "soll", "sollen", "darf", "dürfen", "konnte", "konnten"})
_PREFIX = (
    "ab|an|auf|aus|bei|durch|ein|fest|fort|frei|her|hin|los|mit|nach|nieder|um|unter|vor|weg|weiter|zu|zurück|"
    "zusammen|bereit|statt|teil|über|wieder|heraus|hinzu|voraus"
)
_PARTICIPLE = re.compile(
    rf"(?:{_PREFIX})?ge\w{{2,}}(?:t|en)|\w{{3,}}iert|(?:{_PREFIX})?(?:be|ver|ent|er|zer|miss)\w{{3,}}t"
)
_GENITIVE = re.compile(
    r"\b(?:des|eines|dieses|jedes|keines|meines|Ihres|ihres|seines|unseres|jenes)\s+(?:[a-zäöüß]+(?:en|n)\s+)?"
    r"([A-ZÄÖÜ][\w-]+(?:s|es|en|n))\b"
)
_SHORT = re.compile(r"\b(?:z\. ?B\.|d\. ?h\.|u\. ?a\.|bzw\.|usw\.|ggf\.|evtl\.|ca\.|inkl\.|Nr\.|Str\.|Tel\.)")
_BY = re.compile(r"\b(?:is|are|was|were|be|been|being)\s+(?:\w+ly\s+)?\w+ed\s+by\b", re.IGNORECASE)


@dataclass(frozen=True)
class Hint:
    """`kind` names what is wrong (its words: readability.hint.<kind>), `sentence` where, from 0, among `Sentence`s as
    they stand in `text`; `word` is what it is about, `instead` what would be easier; both may be empty."""

    kind: str
    sentence: int
    text: str
    word: str = ""
    instead: str = ""


KINDS = (
    *("long_sentence", "passive", "nominal", "long_word", "office_word"),
    *("leicht_long", "leicht_two", "leicht_genitive", "leicht_word", "leicht_number", "leicht_short"),
)
"""Every kind of hint."""


def hints_of(text: str, language: str) -> tuple[Hint, ...]:
    """What could be easier, in the text's order; nothing for languages of which nothing is known."""
    if language == LEICHT:
        told = lines(text)
        return tuple(hint for number, line in enumerate(told) for hint in _leicht(number, line))
    judge = {"de": _german, "en": _english}.get(language)
    return tuple(h for number, s in enumerate(sentences(text)) for h in judge(number, s)) if judge else ()


def _german(number: int, sentence: str) -> Iterator[Hint]:
    found = words(sentence)
    yield from _length(number, sentence, found)
    yield from _passive(number, sentence)
    doing = [w for w in found if w[0].isupper() and _DOING.fullmatch(w.lower()) and not _is_thing(w)]
    if len(set(doing)) >= NOUNS:
        yield Hint("nominal", number, sentence, ", ".join(dict.fromkeys(doing)))
    yield from _phrases("nominal", number, sentence, "nominal")
    for word in found:
        if max(len(part) for part in re.split(r"[-*:/]", word)) >= LONG_WORD:
            yield Hint("long_word", number, sentence, word)
    yield from _phrases("office_word", number, sentence, "office")


def _english(number: int, sentence: str) -> Iterator[Hint]:
    yield from _length(number, sentence, words(sentence))
    if by := _BY.search(sentence):
        yield Hint("passive", number, sentence, by[0])
    yield from _phrases("office_word", number, sentence, "office_en")


def _leicht(number: int, line: str) -> Iterator[Hint]:
    """The rules of Leichte Sprache (Netzwerk Leichte Sprache) that can be told from words."""
    parts = split(line)
    if len(parts) > 1:
        yield Hint("leicht_two", number, line)
    if max(len(words(part)) for part in parts) > LONG_LINE:
        yield Hint("leicht_long", number, line, str(LONG_LINE))
    yield from _passive(number, line)
    if genitive := _GENITIVE.search(line):
        yield Hint("leicht_genitive", number, line, genitive[0])
    if short := _SHORT.search(line):
        yield Hint("leicht_short", number, line, short[0])
    for word in words(line):
        low = word.lower()
        if max(len(part) for part in low.split("-")) > LONG_PART and low not in listed("whole"):
            yield Hint("leicht_word", number, line, word)
        if low in listed("numbers") and word.islower():
            yield Hint("leicht_number", number, line, word)
    yield from _phrases("office_word", number, line, "office")


def _length(number: int, sentence: str, found: list[str]) -> Iterator[Hint]:
    if len(found) > LONG_SENTENCE:
        yield Hint("long_sentence", number, sentence, str(len(found)))


def _passive(number: int, sentence: str) -> Iterator[Hint]:
    """A form of "werden" and, in the same clause, a participle at its end: where it can be no infinitive."""
    around = _BECOME | _MODAL
    for clause in re.split(r"[,;:–!?.]\s|\s(?:und|oder|aber|sondern)\s", sentence):
        found = words(clause)
        become = [w for w in found if w.lower() in _BECOME]
        if not become:
            continue
        last = [w for w in found if w.lower() not in around]
        if last and _is_participle(last[-1]):
            yield Hint("passive", number, sentence, f"{become[0]} … {last[-1]}")
            return


def _is_participle(word: str) -> bool:
    if not word.islower() or word in listed("no_participles"):
        return False
    return word in listed("participles") or bool(_PARTICIPLE.fullmatch(word))


def _is_thing(word: str) -> bool:
    low = word.lower()
    return any(low == thing or low.endswith(thing) for thing in listed("things")) or low.removesuffix("en").endswith(
        tuple(listed("things"))
    )


def _phrases(kind: str, number: int, sentence: str, name: str) -> Iterator[Hint]:
    said = f" {' '.join(words(sentence))} "
    low = said.lower()
    for phrase, instead in listed(name).items():
        if (at := low.find(f" {phrase} ") + 1) > 0:  # told as it stands there: German nouns have their capital
            told = said[at : at + len(phrase)] if len(said) == len(low) else phrase
            yield Hint(kind, number, sentence, told, instead)

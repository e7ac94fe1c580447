"""Text as people type it, made comparable; and which language it is in. Pure functions, no I/O but their data.

Sizes are counted in code points. Every function takes any string, lone surrogates included, and never raises.
"""

import math
import re
import unicodedata
from dataclasses import dataclass

from nlu.profiles import LANGUAGES, Profile, profiles

__all__ = ["LANGUAGES", "Detected", "cap", "detect_language", "fold", "normalise", "words"]

# Cc control, Cf invisible formatting (zero-width, bidi), Cs lone surrogates, which no encoder takes.
_INVISIBLE = {"Cc", "Cf", "Cs"}
_UMLAUTS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ё": "е", "ı": "i", "ø": "oe", "æ": "ae"}
    | {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه"}  # often typed one for the other
)
_SPACES = re.compile(r"\s+")
_PRIOR = 0.8  # points for the default: a single fragment ("Daueraufenthalt" has "au") must not turn the language
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_ARABIC_MARKS = re.compile("[\u0610-\u061a\u0640\u064b-\u065f\u0670]")


@dataclass(frozen=True)
class Detected:
    """A guess at a text's language; `confidence` 0 says that nothing spoke for any, so it is the default."""

    language: str
    confidence: float


def normalise(text: str) -> str:
    """NFKC, without control and invisible characters, white space as single spaces, trimmed. Idempotent."""
    if text.isascii() and text.isprintable():
        return _SPACES.sub(" ", text).strip()
    # Twice: taking out an invisible character can bring two together that compose.
    return _clean(_clean(text))


def _clean(text: str) -> str:
    composed = _SPACES.sub(" ", unicodedata.normalize("NFKC", text))
    seen = "".join(char for char in composed if unicodedata.category(char) not in _INVISIBLE)
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", seen)).strip()


def fold(text: str) -> str:
    """What two spellings of the same words share: lower case, ä as ae, ß as ss, no accents, no invisible
    characters, single spaces. Cyrillic keeps й and ї; Arabic loses its vowel marks. Idempotent; may be longer."""
    if text.isascii():
        return normalise(text).lower()
    for _ in range(8):  # folding one character can make another foldable; two rounds as a rule
        before, text = text, _fold_once(text)
        if before == text:
            break
    return text


def _fold_once(text: str) -> str:
    lower = unicodedata.normalize("NFC", normalise(text).casefold()).translate(_UMLAUTS)
    return normalise(_without_accents(_ARABIC_MARKS.sub("", lower)))


def _without_accents(text: str) -> str:
    """Drops accents from Latin letters only: in other scripts a mark makes another letter."""
    kept: list[str] = []
    latin = False
    for char in unicodedata.normalize("NFD", text):
        if not unicodedata.combining(char) and char != "\ufe0f":
            latin = char.isascii()
            kept.append(char)
        elif char != "\ufe0f" and not latin:  # U+FE0F asks for the coloured form of an emoji and means nothing
            kept.append(char)
    return unicodedata.normalize("NFC", "".join(kept))


def words(text: str) -> list[str]:
    """The folded words of a text, in order, without punctuation and emoji."""
    return _WORD.findall(fold(text))


def cap(text: str, limit: int) -> str:
    """At most `limit` code points of the text, ending at a word where one ends in the last fifth."""
    if limit <= 0:
        return ""
    if len(text) <= limit:
        return text
    head = text[:limit]
    if not text[limit].isspace():
        space = max(head.rfind(" "), head.rfind("\n"))
        if space >= limit * 4 // 5:
            return head[:space].rstrip()
        while len(head) > 1 and (unicodedata.combining(text[len(head)]) or text[len(head)] in "\u200d\ufe0f"):
            head = head[:-1]  # keep a letter and its accents together
    return head.rstrip()


def detect_language(text: str, default: str = "de") -> Detected:
    """The language of a short text among LANGUAGES. Scripts decide first, then letters, words and fragments.

    What speaks for nothing (numbers, names, "ok") is the default with confidence 0.
    """
    low = normalise(text).casefold()
    letters = [char for char in low if char.isalpha()]
    if not letters:
        return Detected(default, 0.0)
    arabic = sum("\u0600" <= char <= "\u06ff" for char in letters) / len(letters)
    if arabic > 0.25:
        return Detected("ar", min(1.0, 0.5 + arabic / 2))
    cyrillic = sum("\u0400" <= char <= "\u04ff" for char in letters) / len(letters)
    script = "cyrillic" if cyrillic > 0.25 else "latin"
    tokens = _WORD.findall(low)
    spaced = f" {' '.join(tokens)} "
    scores = {
        code: _score(profile, low, tokens, spaced) for code, profile in profiles().items() if profile.script == script
    }
    if default in scores:
        scores[default] += _PRIOR
    return _decide(scores, default, script)


def _score(profile: Profile, low: str, tokens: list[str], spaced: str) -> float:
    """Evidence for one language: points a letter, a word and a fragment, as its profile says."""
    points = sum(3.0 for char in low if char in profile.letters)
    for token in tokens:
        points += profile.words.get(token, 0.0)
    return points + sum(weight * spaced.count(part) for part, weight in profile.fragments.items())


def _decide(scores: dict[str, float], default: str, script: str) -> Detected:
    best = max(scores, key=lambda code: (scores[code], code == default))
    top = scores[best]
    if top <= _PRIOR:
        # Cyrillic without any sign is still Ukrainian or Russian, never German.
        return Detected(default, 0.0) if default in scores or script == "latin" else Detected("uk", 0.4)
    others = max((score for code, score in scores.items() if code != best), default=0.0)
    share = top / (top + others)
    return Detected(best, share * (1.0 - math.exp(-top / 3.0)))

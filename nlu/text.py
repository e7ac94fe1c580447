"""Text as people type it, made comparable; and which language it is in. Pure functions, no I/O but their data.

Sizes are counted in code points. Every function takes any string, lone surrogates included, and never raises.
"""

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from nlu.profiles import LANGUAGES, profiles

__all__ = [
    "ADDRESS",
    "LANGUAGES",
    "SURE",
    "Detected",
    "cap",
    "detect_language",
    "fold",
    "normalise",
    "spoken_after",
    "words",
]

# Cc control, Cf invisible formatting (zero-width, bidi), Cs lone surrogates, which no encoder takes.
_INVISIBLE = {"Cc", "Cf", "Cs"}
_UMLAUTS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ё": "е", "ı": "i", "ø": "oe", "æ": "ae"}
    | {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه"}  # often typed one for the other
    | {chr(zero + n): str(n) for zero in (0x660, 0x6F0) for n in range(10)}  # Arabic and Persian digits
)
_SPACES = re.compile(r"\s+")
ADDRESS = re.compile(r"(?<!\S)\S+?://\S+|\bwww\.\S+|(?<!\S)[^\s@]+@\S+\.\w+")
"""Web and mail addresses, which are in no language. Looked for at a word's beginning alone: tried anew at each sign,
4,000 signs of "@a@a" kept a process busy for half a minute."""

_ELIDED = re.compile(r"(?:[cdjlmnst]|qu)'\w{2,}")
# What speaks for a language, as log-likelihoods; chosen on the half `tune` of tests/nlu/short_texts.yml.
_KNOWN = 2.0  # a word of its list
_OWN_LETTER = 2.0
_SPELLING = 0.3  # the share that counts of what the letters say: they are no independent witnesses
_STRANGEST = 2.5  # and no single word's letters say more than this
_BORROWED = 0.4  # the share that counts of an official German word, or of "okay": they are said in every language
_ONLY_BORROWED = 0.6  # "Kita?" in an English conversation is no change of language
_NONSENSE = -4.0  # log-likelihood a letter below which an unknown word is in no language: "asdf", "xyz"
_PRIOR = 0.8  # for the default: a single unknown name must not turn the language

SURE = 0.7
"""From this confidence on a text's language is followed."""

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
    characters, single spaces, ASCII digits. Cyrillic keeps й and ї; Arabic loses its vowel marks. Idempotent; may be
    longer."""
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
    """The language of a short text among LANGUAGES. The script decides first, then letters, words and spelling.

    The confidence is the share of the best language's likelihood, so 0.7 means seven in ten; it was fitted to short
    texts (tests/nlu/short_texts.yml). What speaks for nothing (numbers, emoji) is the default with confidence 0.
    """
    low = ADDRESS.sub(" ", normalise(text)).replace("İ", "i").lower().replace("’", "'")
    script, share = _script(low)
    if script == "arabic":
        return Detected("ar", 0.7 + 0.3 * share)  # no other of the languages is written so
    tokens = [token for token in _WORD.findall(low) if _tells(token, script)]
    if not tokens:
        return Detected(default, 0.0)
    found = [_evidence(token, script) for token in tokens]
    scores = {code: sum(each[code] for each in found) for code in found[0]}
    if default in scores:
        scores[default] += _PRIOR
    best = max(scores, key=lambda code: (scores[code], code == default))
    confidence = 1 / sum(math.exp(score - scores[best]) for score in scores.values())
    if all(_is_borrowed(token) for token in tokens):
        confidence = min(confidence, _ONLY_BORROWED)
    return Detected(best, confidence)


def spoken_after(text: str, before: str) -> str:
    """The language to go on in after a text: its own where that is plain, else the one `before` ("" when none yet).

    A word that Ukrainian and Russian share tells between neither, but German it is not: what is written in another
    script than `before` is the likelier of that script.
    """
    found = detect_language(text)
    if found.confidence >= SURE:
        return found.language
    script, _ = _script(normalise(text).lower())
    foreign = script != "latin" and (before not in profiles() or profiles()[before].script != script)
    return found.language if foreign else before


def _script(low: str) -> tuple[str, float]:
    """The script that decides, and its share of the letters: German names in an Arabic sentence are many letters."""
    letters = [char for char in low if char.isalpha()]
    for script, first, last in (("arabic", "\u0600", "\u06ff"), ("cyrillic", "\u0400", "\u04ff")):
        share = sum(first <= char <= last for char in letters) / max(1, len(letters))
        if share > 0.25:
            return script, share
    return "latin", 1.0


def _tells(token: str, script: str) -> bool:
    return not token.isdecimal() and (script == "latin" or any("\u0400" <= char <= "\u04ff" for char in token))


@lru_cache(maxsize=8192)  # most of what people write are the same few thousand words
def _evidence(token: str, script: str) -> Mapping[str, float]:
    """What a word says for each language of its script, as log-likelihoods from 0 (nothing) downwards and upwards."""
    signs = {code: profile for code, profile in profiles().items() if profile.script == script}
    chances = {code: profile.letters.log_chance(token) for code, profile in signs.items()}
    top = max(chances.values())
    plain = any(token in profile.words or not profile.own.isdisjoint(token) for profile in signs.values())
    if not plain and top < _NONSENSE * (len(token) + 1):
        return dict.fromkeys(signs, 0.0)
    weight = _BORROWED if _is_borrowed(token) else 1.0
    said = {}
    for code, profile in signs.items():
        spelt = max(-_STRANGEST, _SPELLING * (chances[code] - top))
        known = token in profile.words or (code == "fr" and _is_elided(token))
        own = not profile.own.isdisjoint(token)
        said[code] = weight * (spelt + (_KNOWN if known else 0.0) + (_OWN_LETTER if own else 0.0))
    return said


def _is_borrowed(token: str) -> bool:
    return any(token in profile.borrowed for profile in profiles().values())


def _is_elided(token: str) -> bool:
    """ "l'allemand", "qu'il": no other of the languages writes so."""
    return bool(_ELIDED.match(token))

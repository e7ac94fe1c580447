"""How retrieval reads words: folding, stems, letters in fours."""

import re
import threading
import unicodedata
from functools import cache, lru_cache
from pathlib import Path

import snowballstemmer

from nlu.data import read_data

GRAM = 4
LONGEST_WORD = 60  # letters; what is longer is no word, and would cost time and memory by its square
_WORD = re.compile(r"[^\W_]+")
_GENDER = re.compile(r"(?<=\w)[*:·_/](?=in(?:nen)?\b)")  # Bürger*innen is one word
_DIGRAPHS = (("ae", "a"), ("oe", "o"), ("ue", "u"))
_MARK = re.compile("[\u0308\u0301\u0300\u0302\u0640\u064b-\u0655\u0670]")
_LATIN_MARK = re.compile("(?<=[a-z\u0131])[\u0300-\u036f]+")  # ç ş ğ: telephones leave them out; й is another letter
_ALIKE = str.maketrans({"\u0131": "i", "\u0649": "\u064a", "\u0629": "\u0647"})
_stemmer = snowballstemmer.stemmer("german")
_stemming = threading.Lock()


def fold(text: str) -> str:
    """Case, umlauts and their spellings with e made equal: Führerschein = fuehrerschein = FUHRERSCHEIN; and what
    telephones leave out elsewhere: the marks of Latin letters (ş = s, ı = i), the vowels and the hamza of Arabic."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = _LATIN_MARK.sub("", _MARK.sub("", unicodedata.normalize("NFD", plain)))
    plain = unicodedata.normalize("NFC", plain).translate(_ALIKE)
    for pair, one in _DIGRAPHS:
        plain = plain.replace(pair, one)
    return plain


def words(text: str) -> list[str]:
    """All words, folded."""
    return _WORD.findall(fold(_GENDER.sub("", text)))


def content_words(text: str) -> list[str]:
    """The words that say what it is about; all of them where nothing else is left."""
    every = words(text)
    return [word for word in every if word not in stop_words()] or every


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The word's stem. Safe in several threads, which the stemmer itself is not: it keeps the word it works on."""
    with _stemming:
        found: str = _stemmer.stemWord(word[:LONGEST_WORD])
    return found


def grams(word: str, size: int = GRAM) -> list[str]:
    """A word's letters in fours, with its edges: a compound shares most of them with its parts."""
    edged = f"_{word}_"
    return [edged[i : i + size] for i in range(max(1, len(edged) - size + 1))]


def letters_in(text: str) -> set[str]:
    """The content words' letters in fours, each once."""
    return {gram for word in content_words(text) for gram in grams(word)}


@cache
def stop_words() -> frozenset[str]:
    lists = read_data(Path(__file__).with_name("stopwords.yml"))
    return frozenset(word for text in lists.values() for word in words(text))

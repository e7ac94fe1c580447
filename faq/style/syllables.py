"""How many syllables a word has, by its vowels.

German: a syllable has one vowel sound, written as one vowel or as one of the pairs that sound as one (Duden,
Worttrennung); two other vowels beside one another are two syllables (The-a-ter). Nothing is silent. It errs where
"ie" is two sounds (Fa-mi-li-e) in words that are not known here. English: runs of vowels, less the silent e at the
end and in -ed, the usual approach to Flesch's rule to count them as spoken.
"""

import re

_GERMAN = re.compile(r"aa|ee|oo|ai|au|ay|äu|ei|eu|ey|ie|oy|[aeiouyäöüáàâéèêíóôú]")
_QU = re.compile(r"qu")
_TWO = re.compile(
    r"(?:famili|lini|feri|bakteri|prämi|seri|komödi|materiali|immobili|studi|kriteri|medi)e(?=n?(?:s?$|[^ner]))"
)
_RUN = re.compile(r"[aeiouy]+")
_SILENT = re.compile(r"(?:[^laeiouy]|[aeiouy]l)es?$|[^tdaeiouy]ed$")
_ENGLISH_TWO = re.compile(r"ia|io(?!us|n)|eo(?!p)|ua(?!g)|ying|creat")


def syllables(word: str, language: str) -> int:
    """At least one; a number is read at a glance and counts as one, each part of a hyphenated word by itself."""
    parts = [part for part in re.split(r"[-'’*:/.,]", word.casefold()) if part]
    count = _english if language == "en" else _german
    return max(1, sum(count(part) for part in parts if not part.isdecimal()))


def _german(word: str) -> int:
    plain = _QU.sub("kw", word)
    return max(1, len(_GERMAN.findall(plain)) + len(_TWO.findall(plain)))


def _english(word: str) -> int:
    found = len(_RUN.findall(word)) + len(_ENGLISH_TWO.findall(word))
    if _SILENT.search(word) and found > 1:
        found -= 1
    return max(1, found)

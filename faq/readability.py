"""How hard a text is to read: a figure, a word for it, and what to do, sentence by sentence. Pure.

German: first Wiener Sachtextformel (Bamberger and Vanecek, Lesen - Verstehen - Lernen - Schreiben, 1984), a school
year from 4 to 15; and beside it Flesch's reading ease as Amstad fitted it to German (Wie verständlich sind unsere
Zeitungen?, 1978). English: Flesch's reading ease (A new readability yardstick, Journal of Applied Psychology 32, 1948).
For other languages there is no figure.
"""

from dataclasses import dataclass
from enum import StrEnum

from faq.entry import LEICHT
from faq.style.hints import Hint, hints_of
from faq.style.sentences import sentences, words
from faq.style.syllables import syllables

__all__ = ["FEW", "Hint", "Level", "Readability", "read"]

FEW = 40
"""Words below which a figure says little: the formulas were made on passages of a hundred and more."""

LONG_WORD = 6  # letters that a word has more than, to count as long in the Wiener Sachtextformel
MANY = 3  # syllables from which it counts as one of many


class Level(StrEnum):
    """What the figure means. Its words are the console's (readability.level.<name>)."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


@dataclass(frozen=True)
class Readability:
    """`figure` is a school year (`scale` "wiener") or 0 to 100, more is easier (`scale` "flesch"); None and no level
    where there is nothing to count or no formula. `flesch` is the reading ease, for German too."""

    language: str
    figure: float | None
    scale: str
    level: Level | None
    flesch: float | None
    words: int
    sentences: int
    hints: tuple[Hint, ...]

    @property
    def year(self) -> int | None:
        """The school year that the Wiener figure stands for, within its range of 4 to 15."""
        return round(min(15.0, max(4.0, self.figure))) if self.figure is not None and self.scale == "wiener" else None

    @property
    def few(self) -> bool:
        """Is it too short for its figure to say much?"""
        return self.words < FEW


def read(text: str, language: str) -> Readability:
    """How hard this answer is, in Markdown; "leicht" is German and judged by the rules of Leichte Sprache as well."""
    told = sentences(text)
    found = [word for sentence in told for word in words(sentence)]
    hints = hints_of(text, language)
    if language not in ("de", "en", LEICHT) or not found:
        return Readability(language, None, "", None, None, len(found), len(told), hints)
    counted = [syllables(word, language) for word in found]
    length, spoken = len(found) / len(told), sum(counted) / len(found)
    if language == "en":
        figure = flesch = round(reading_ease(length, spoken), 1)
        return Readability(language, figure, "flesch", _english(figure), flesch, len(found), len(told), hints)
    letters = [sum(char.isalpha() for char in word) for word in found]
    figure = round(
        wiener(
            _percent(sum(n >= MANY for n in counted), found),
            length,
            _percent(sum(n > LONG_WORD for n in letters), found),
            _percent(sum(n == 1 for n in counted), found),
        ),
        1,
    )
    flesch = round(amstad(length, spoken), 1)
    return Readability(language, figure, "wiener", _german(figure), flesch, len(found), len(told), hints)


def wiener(many: float, length: float, long: float, single: float) -> float:
    """First Wiener Sachtextformel: 0.1935 MS + 0.1672 SL + 0.1297 IW - 0.0327 ES - 0.875.

    Percentages of words: of three or more syllables (MS), of more than six letters (IW), of one syllable (ES); and the
    words of a sentence (SL)."""
    return 0.1935 * many + 0.1672 * length + 0.1297 * long - 0.0327 * single - 0.875


def amstad(length: float, spoken: float) -> float:
    """Flesch's reading ease for German (Amstad 1978): 180 - ASL - 58.5 ASW, words a sentence, syllables a word."""
    return 180 - length - 58.5 * spoken


def reading_ease(length: float, spoken: float) -> float:
    """Flesch 1948: 206.835 - 1.015 ASL - 84.6 ASW, words a sentence, syllables a word."""
    return 206.835 - 1.015 * length - 84.6 * spoken


def _percent(some: int, of: list[str]) -> float:
    return 100 * some / len(of)


def _german(figure: float) -> Level:
    """Up to the eighth school year everybody follows who went to school; from the twelfth on it takes study."""
    return Level.EASY if figure <= 8 else Level.MEDIUM if figure < 12 else Level.HARD


def _english(figure: float) -> Level:
    """Flesch's own table: 60 and more is plain, below 50 difficult."""
    return Level.EASY if figure >= 60 else Level.MEDIUM if figure >= 50 else Level.HARD

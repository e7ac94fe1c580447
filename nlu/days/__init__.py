"""Days and times in what people write: "nächsten donnerstag nachmittag", "am 24.12.", "zwischen den jahren".

Pure: text and today's date go in, dates come out. The words of a language are data (languages/<code>/days.yml). A
weekday is the next such day, today included; a date without a year is the next such date; hours from 1 to 6 without
"am" are meant in the afternoon, when offices are open.
"""

from datetime import date

from nlu.days.dates import easter
from nlu.days.reading import Reading, Said
from nlu.days.sentence import Sentence
from nlu.days.when import When, decode, encode
from nlu.days.words import languages

__all__ = ["Said", "When", "decode", "easter", "encode", "find_days"]


def find_days(text: str, today: date, language: str = "de") -> Said | None:
    """The day or time that the text names, in that language or else in another that has the words; None for none."""
    for code in dict.fromkeys((language, *languages())):
        known = languages().get(code)
        found = Reading(Sentence(text, known), today).said() if known else None
        if found:
            return found
    return None

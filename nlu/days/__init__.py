"""Days and times in what people write: "nächsten donnerstag nachmittag", "am 24.12.", "zwischen den jahren".

Pure: text and today's date go in, dates come out. The words of a language are data (languages/<code>/days.yml). A
weekday is the next such day, today included; "letzten Montag" is no day to come to; a date without a year is the next
such date, and one that no calendar has ("31.4.") is said to be none; hours from 1 to 6 without "am" are meant in the
afternoon, when offices are open.
"""

from datetime import date

from nlu.days.dates import easter
from nlu.days.reading import Reading, Said
from nlu.days.sentence import Sentence
from nlu.days.when import When, decode, encode
from nlu.days.words import languages

__all__ = ["Said", "When", "decode", "easter", "encode", "find_days"]


def find_days(text: str, today: date, language: str = "de") -> Said | None:
    """The day or time that the text names, in that language or else in another that has the words; None for none.

    Said without a day: one that has gone by ("gestern", "letzten Montag"). Another language's numbers alone name no
    day, and none of its words for days gone by: "hier" is yesterday in French and here in German.
    """
    for code in dict.fromkeys((language, *languages())):
        known = languages().get(code)
        sentence = Sentence(text, known) if known else None
        found = Reading(sentence, today).said() if sentence else None
        if found and sentence and (code == language or (found.when != When() and sentence.names_days)):
            return found
    return None

"""What is heard in a citizen's words before anybody judges: names and days, how they lean, and alarms.

For messages that arrive (bot.reception) and for those that editors try out (bot.rehearsal).
"""

from dataclasses import replace
from datetime import date

from bot.events import CitizenWrote
from bot.offices.directory import Directory
from bot.offices.question import understand
from faq.retrieval.places import places
from nlu.alarm_net import second_look
from nlu.alarms import is_settled
from nlu.manner import manner_of
from nlu.meaning import MeaningOf
from nlu.phrases import tokenise
from nlu.understand import Understanding

SURE_ALARM = 0.6
ALARMS = {"emergency": "danger", "distress": "distress"}
BODILY = frozenset({"danger", "medical"})
"""What models also hear in a birth that has gone well."""


def named(whole: CitizenWrote, text: str, directory: Directory, today: date) -> CitizenWrote:
    """What the words of a message, or of one of its questions, name and lean on."""
    names = directory.find(tokenise(text))
    return replace(
        whole,
        masked=text,
        office=next(iter(names.offices), ""),
        manner=manner_of(text),
        asked=understand(text, directory, today, whole.language or "de"),
        district=names.district or whole.district,
        elsewhere=places().of_another(text, directory.knows),
    )


async def alarm(text: str, by_words: str, understanding: Understanding, meaning: MeaningOf) -> str:
    """The kind of emergency, "" for none: by the words, else by the models, who know alarms that no phrase covers. A
    false one costs a citizen one message."""
    if by_words:
        return by_words
    if understanding.confidence >= SURE_ALARM and understanding.intent in ALARMS:
        kind = ALARMS[understanding.intent]
    else:
        kind = await second_look(text, meaning) or ""
    return "" if kind in BODILY and is_settled(text) else kind

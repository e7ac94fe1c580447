"""Opening hours that contradict one another: an answer and the office's own in town.yml, or two languages."""

import re
from collections.abc import Iterator

from faq.entry import LEICHT, Revision, Text
from faq.lint.corpus import Corpus, told
from faq.lint.finding import Finding, Level, OpenEntry
from faq.lint.reading import Open, opened
from faq.style.sentences import sentences
from faq.town import Office

NAME = "hours"
_OPEN = re.compile(r"\b(?:geöffnet|Öffnungszeit(?:en)?|Sprechzeit(?:en)?|offen|opening hours|is open|are open)\b", re.I)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def alone(revision: Revision, corpus: Corpus) -> Iterator[Finding]:
    """Sentences that say when an office of the town is open; and weekdays that the languages tell differently."""
    for language, text in revision.texts.items():
        for sentence in sentences(text.answer):
            office = _meant(sentence, corpus) if _OPEN.search(sentence) else None
            for slot in sorted(opened(sentence)) if office else ():
                assert office is not None
                if slot not in _hours(office) and not _within(slot, office):
                    at = OpenEntry(revision.entry, f"texts.{language}.answer")
                    values = {
                        "office": office.name,
                        "day": DAYS[slot.day],
                        "told": slot.clock,
                        "known": _known(slot, office),
                    }
                    yield Finding(NAME, Level.ERROR, (revision.entry,), "hours.office", (at,), values)
    german = revision.texts.get("de")
    here = _told(german) if german else frozenset()
    for language, text in revision.texts.items():
        there = _told(text)
        if language not in ("de", LEICHT) and here and there:
            for slot in sorted(there - here):
                # The same day must be told in German as well: a translation may say more.
                if slot.day in {known.day for known in here}:
                    at = OpenEntry(revision.entry, f"texts.{language}.answer")
                    german_says = ", ".join(one.clock for one in sorted(here) if one.day == slot.day)
                    values = {"language": language, "day": DAYS[slot.day], "told": slot.clock, "known": german_says}
                    yield Finding(NAME, Level.ERROR, (revision.entry,), "hours.languages", (at,), values)
                    break


def _told(text: Text) -> frozenset[Open]:
    return frozenset(slot for sentence in sentences(told(text)) for slot in opened(sentence))


def _meant(sentence: str, corpus: Corpus) -> Office | None:
    """The one office that the sentence names by its name, the longest where one name holds another."""
    named = [o for o in corpus.town.offices.values() if re.search(rf"\b{re.escape(o.name)}(?:s|es)?\b", sentence)]
    longest = [o for o in named if not any(o.name != other.name and o.name in other.name for other in named)]
    return longest[0] if len(longest) == 1 else None


def _hours(office: Office) -> frozenset[Open]:
    return frozenset(
        Open(day, slot.start.hour * 60 + slot.start.minute, slot.end.hour * 60 + slot.end.minute)
        for day, slots in office.hours.items()
        for slot in slots
    )


def _within(told: Open, office: Office) -> bool:
    """A counter's hours may be narrower than the office's."""
    return any(o.day == told.day and o.start <= told.start and told.end <= o.end for o in _hours(office))


def _known(told: Open, office: Office) -> str:
    return ", ".join(o.clock for o in sorted(_hours(office)) if o.day == told.day)

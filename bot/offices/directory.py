"""Names of offices, places and districts, found in what people write: everyday names count, typing errors too."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from bot.calendar import Calendar
from bot.offices.names import all_names
from faq.retrieval.text import words as folded_words
from faq.town import Town
from faq.town.near import nearest_office
from nlu.phrases import Hit, Phrasebook, Word

_TYPO_FROM = 6  # letters from which a word of a name bears a typing error


@dataclass(frozen=True)
class Names:
    """What is named in a text, as ids in the order of the town's file."""

    offices: tuple[str, ...] = ()
    kind: str = ""
    district: str = ""
    covered: frozenset[int] = frozenset()


class Directory:
    """Looks names up for one town."""

    def __init__(self, town: Town) -> None:
        self._town = town
        listed = (
            *((f"office:{o.id}", (o.name, o.full_name, o.name_en, *o.also)) for o in town.offices.values()),
            *((f"kind:{k.id}", (k.name, k.name_en, *k.also)) for k in town.kinds.values()),
            *((f"district:{d.id}", (d.name, *d.also)) for d in town.districts.values()),
        )
        self._book, self._exact = _book(listed)
        self._words = _words((town.name, town.full_name, *(name for _, names in listed for name in names)))
        self._order = {office: place for place, office in enumerate(town.offices)}

    def find(self, words: Sequence[Word]) -> Names:
        """The longest names; several offices where one name is several offices'."""
        hits = sorted(self._book.find(words), key=lambda hit: self._rank(hit, words))
        taken: dict[int, tuple[int, int, bool]] = {}
        offices: list[str] = []
        kind = district = ""
        for hit in hits:
            place = (hit.first, hit.last, self._rank(hit, words)[1])
            over = [taken[at] for at in range(hit.first, hit.last) if at in taken]
            what, _, name = hit.label.partition(":")
            if any(other != place or what != "office" for other in over):
                continue
            taken.update(dict.fromkeys(range(hit.first, hit.last), place))
            if what == "office" and name not in offices:
                offices.append(name)
            kind = name if what == "kind" and not kind else kind
            district = name if what == "district" and not district else district
        offices.sort(key=self._order.__getitem__)
        return Names(tuple(offices), kind, district, frozenset(taken))

    def nearest(self, office: str, district: str) -> str:
        """The id of the office that does its work in that district, or nearest to it."""
        return nearest_office(self._town, self._town.offices[office], district).id

    def knows(self, word: str) -> bool:
        """Is the word, folded as retrieval folds, part of a name of this town?"""
        return word in self._words

    def _rank(self, hit: Hit, words: Sequence[Word]) -> tuple[int, bool, int]:
        """Longer names first, then those spelt right."""
        said = " ".join(word.text for word in words[hit.first : hit.last])
        return hit.first - hit.last, (hit.label, said) not in self._exact, hit.first


class Directories:
    """The directory of the calendar's town as it stands.

    People change hours and teams while the bot runs, never names (those are the file's): what takes half a second is
    made once, and a changed town costs well under a millisecond here.
    """

    def __init__(self, calendar: Calendar) -> None:
        self._calendar, self._town = calendar, calendar.town
        self._directory = Directory(self._town)

    def now(self) -> Directory:
        """What is known at this moment."""
        if self._town is not self._calendar.town:
            self._town = self._calendar.town
            self._directory = Directory(self._town)
        return self._directory


@lru_cache(maxsize=4)
def _words(own: tuple[str, ...]) -> frozenset[str]:
    """The folded words of these names."""
    return frozenset(word for name in own for word in folded_words(name))


@lru_cache(maxsize=4)  # half a second's work, and whoever hears citizens of the same town needs the same
def _book(listed: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[Phrasebook, frozenset[tuple[str, str]]]:
    """All names in one book, by label, and (label, name) of those that are spelt right."""
    exact: set[tuple[str, str]] = set()
    phrases: list[tuple[str, str]] = []
    for label, names in listed:
        for name in all_names(names):
            for places in name.phrases:
                exact.update((label, " ".join(said)) for said in product(*places))
                phrases.append((label, " ".join("|".join(words) for words in places)))
            if max(len(word) for word in name.words) >= _TYPO_FROM:
                typed = (f"~{word}" if len(word) >= _TYPO_FROM else word for word in name.words)
                phrases.append((label, " ".join(typed)))
    return Phrasebook(phrases), frozenset(exact)

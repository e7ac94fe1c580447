"""Names of offices, places and districts, found in what people write: everyday names count, typing errors too."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from faq.town import Town
from nlu.phrases import Hit, Phrasebook, Word, tokenise

_TYPO_FROM = 6  # letters from which a word of a name bears a typing error
_ENDINGS = ("s", "es", "n", "en", "er")  # "des Standesamtes", "die Glascontainern"


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
        self._exact: set[tuple[str, str]] = set()
        phrases: list[tuple[str, str]] = []
        for office in town.offices.values():
            named = (office.name, office.full_name, office.name_en, *office.also)
            phrases += self._phrases(f"office:{office.id}", named)
        for kind in town.kinds.values():
            phrases += self._phrases(f"kind:{kind.id}", (kind.name, kind.name_en, *kind.also))
        for district in town.districts.values():
            phrases += self._phrases(f"district:{district.id}", (district.name, *district.also))
        self._book = Phrasebook(phrases)
        own = (word.text for word in tokenise(town.full_name))
        self._words = frozenset(word for _, name in self._exact for word in name.split()) | frozenset(own)
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

    def district(self, text: str) -> str:
        """The id of the district that the text names, else ""."""
        return self.find(tokenise(text)).district

    def knows(self, word: str) -> bool:
        """Is the (folded) word part of a name of this town?"""
        return word in self._words

    def _phrases(self, label: str, names: Iterable[str]) -> Iterable[tuple[str, str]]:
        for name in names:
            parts = [word.text for word in tokenise(name)]
            if not parts:
                continue
            for end in ("", *_ENDINGS):
                self._exact.add((label, " ".join(parts) + end))
            last = "|".join((parts[-1], *(parts[-1] + end for end in _ENDINGS)))
            yield label, " ".join([*parts[:-1], last])
            if max(len(part) for part in parts) >= _TYPO_FROM:
                yield label, " ".join(f"~{part}" if len(part) >= _TYPO_FROM else part for part in parts)

    def _rank(self, hit: Hit, words: Sequence[Word]) -> tuple[int, bool, int]:
        """Longer names first, then those spelt right."""
        said = " ".join(word.text for word in words[hit.first : hit.last])
        return hit.first - hit.last, (hit.label, said) not in self._exact, hit.first

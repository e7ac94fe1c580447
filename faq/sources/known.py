"""What a row calls an office or a topic: its id in town.yml or a name of it, or nearly so."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from faq.town import Town

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
# Of letters in common, both lengths taken together: two swapped letters of seven leave 0.86, one left out 0.92;
# "schulamt" and "sozialamt" have 0.71, "gewerbeamt" and "gewerbesteueramt" 0.77.
_NEAR = 0.8


class Known:
    """The ids of one kind by all their names. Case, umlauts, hyphens and points make no difference."""

    def __init__(self, named: Mapping[str, Iterable[str]]) -> None:
        self.ids = tuple(named)
        self._by_id = {folded(id): (id,) for id in named}
        self._by_name: dict[str, tuple[str, ...]] = {}
        self._near: dict[str, str] = {}  # a table says the same in thousands of rows
        for id, names in named.items():
            for name in {folded(name) for name in names} - {""}:
                self._by_name[name] = (*self._by_name.get(name, ()), id)

    def meant(self, told: str) -> tuple[str, ...]:
        """The ids that are called so: one, none, or several that share the name."""
        return self._by_id.get(folded(told)) or self._by_name.get(folded(told), ())

    def near(self, told: str) -> str:
        """The id that a slip of the keys made this of; "" where there is none."""
        name = folded(told)
        if name not in self._near:
            names = {**self._by_name, **self._by_id}
            close = get_close_matches(name, names, 1, _NEAR)
            self._near[name] = names[close[0]][0] if close else ""
        return self._near[name]


def offices_of(town: Town) -> Known:
    return Known({o.id: (o.name, o.full_name, o.name_en, *o.also) for o in town.offices.values()})


def topics_of(town: Town) -> Known:
    return Known({t.id: (t.name, t.name_en) for t in town.topics.values()})


def folded(text: str) -> str:
    """For comparing: small letters, no umlauts, nothing but words."""
    return re.sub(r"[\W_]+", " ", text.casefold().translate(_UMLAUTS)).strip()

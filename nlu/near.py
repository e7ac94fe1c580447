"""Near copies among texts: they must not stand on both sides of a measurement."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from nlu.text import fold

_SIZE = 3
_NEAR = 0.5  # shared fragments of all fragments of two texts; "was kostet das" and "und was kostet das?" are at 0.7


def parts(texts: Sequence[str], count: int) -> list[int]:
    """The part, 0 to count - 1, of each text, so that near copies of one another are in one part and the parts are
    about equally large. Depends on nothing but the texts and their order."""
    groups: dict[int, list[int]] = defaultdict(list)
    for place, group in enumerate(_groups(texts)):
        groups[group].append(place)
    sizes, found = [0] * count, [0] * len(texts)
    for members in sorted(groups.values(), key=lambda group: (-len(group), group[0])):
        smallest = sizes.index(min(sizes))
        sizes[smallest] += len(members)
        for place in members:
            found[place] = smallest
    return found


def _groups(texts: Sequence[str]) -> list[int]:
    """The group of each text: near copies, and near copies of near copies, are in one."""
    above = list(range(len(texts)))

    def top(place: int) -> int:
        while above[place] != place:
            above[place] = above[above[place]]
            place = above[place]
        return place

    for one, other in _near(texts):
        above[top(one)] = top(other)
    return [top(place) for place in range(len(texts))]


def _near(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    holding: dict[str, list[int]] = defaultdict(list)
    sizes: list[int] = []
    for place, text in enumerate(texts):
        fragments = _fragments(text)
        shared = Counter(other for fragment in fragments for other in holding[fragment])
        for other, both in shared.items():
            if both / (len(fragments) + sizes[other] - both) >= _NEAR:
                yield place, other
        for fragment in fragments:
            holding[fragment].append(place)
        sizes.append(len(fragments))


def _fragments(text: str) -> frozenset[str]:
    edged = f" {' '.join(fold(text).split())} "
    return frozenset(edged[at : at + _SIZE] for at in range(max(1, len(edged) - _SIZE + 1)))

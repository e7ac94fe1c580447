"""A bar chart as numbers for an SVG: groups of bars side by side, with room for the values above them."""

from collections.abc import Sequence
from dataclasses import dataclass

HEIGHT, WIDTH = 160, 720  # units of the drawing, without the axis
GAP = 0.1  # of a group: what stays free at each side


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the series with that number; the drawing's origin is at its upper left."""

    series: int
    x: float
    y: float
    width: float
    height: float
    value: int


@dataclass(frozen=True, slots=True)
class Group:
    """Bars over one label of the axis."""

    label: str
    middle: float
    bars: tuple[Bar, ...]


def grouped(labels: Sequence[str], series: Sequence[Sequence[int]]) -> tuple[Group, ...]:
    """A group for each label, with a bar of each series; the highest value fills the height."""
    top = max((value for values in series for value in values), default=0) or 1
    each = WIDTH / max(1, len(labels))
    width = each * (1 - 2 * GAP) / max(1, len(series))
    groups = []
    for n, label in enumerate(labels):
        bars = []
        for s, values in enumerate(series):
            height = HEIGHT * values[n] / top
            x = each * (n + GAP) + s * width
            bars.append(Bar(s, round(x, 1), round(HEIGHT - height, 1), round(width, 1), round(height, 1), values[n]))
        groups.append(Group(label, round(each * (n + 0.5), 1), tuple(bars)))
    return tuple(groups)

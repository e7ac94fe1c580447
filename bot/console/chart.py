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


@dataclass(frozen=True, slots=True)
class Column:
    """One bar of a small chart: the whole of it, of which a part from below is filled. `filled` and `height` in units,
    `y` and `filled_y` their upper ends."""

    label: str
    x: float
    width: float
    y: float
    height: float
    filled_y: float
    filled: float
    part: int
    whole: int


SMALL_HEIGHT, SMALL_WIDTH = 88, 320
"""Units of a small drawing, without the axis."""


def filled(labels: Sequence[str], parts: Sequence[int], wholes: Sequence[int]) -> tuple[Column, ...]:
    """A bar for each label; the highest whole fills the height. A part larger than its whole fills it."""
    top = max(wholes, default=0) or 1
    each = SMALL_WIDTH / max(1, len(labels))
    gap = min(each * GAP, 3)
    columns = []
    for n, (label, part, whole) in enumerate(zip(labels, parts, wholes, strict=True)):
        height, inner = SMALL_HEIGHT * whole / top, SMALL_HEIGHT * min(part, whole) / top
        ends = (round(SMALL_HEIGHT - height, 1), round(height, 1), round(SMALL_HEIGHT - inner, 1), round(inner, 1))
        columns.append(Column(label, round(each * n + gap, 1), round(each - 2 * gap, 1), *ends, part, whole))
    return tuple(columns)

"""Small SVG plots: lines and points over two axes, each linear or logarithmic. No library, no script, no font."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 720, 320
LEFT, RIGHT, TOP, BOTTOM = 64, 36, 40, 44
COLOURS = ("#1f5fa8", "#c4501b", "#2e7d32", "#6a3d9a", "#8a6d00", "#b3263e")
GREY, INK = "#c8ccd2", "#30343a"
Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Series:
    """Some points with a name; `dots` draws them one by one, without a line."""

    name: str
    points: Points
    dots: bool = False


@dataclass(frozen=True)
class Axis:
    """Its title; logarithmic axes show powers of ten and leave out what is not above zero."""

    title: str
    log: bool = False


@dataclass(frozen=True)
class Band:
    """A stretch of the x axis that something holds for."""

    start: float
    end: float
    name: str


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float
    start: float
    end: float
    log: bool

    def at(self, value: float) -> float:
        """Where on the paper a value stands."""
        low, high, value = (math.log10(v) if self.log else v for v in (self.low, self.high, value))
        return self.start + (value - low) / (high - low) * (self.end - self.start)

    def marks(self) -> list[float]:
        """Round values between the ends."""
        if self.log:
            first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
            return [10.0**n for n in range(first, last + 1) if self.low * 0.999 <= 10.0**n <= self.high * 1.001]
        step = 10 ** math.floor(math.log10((self.high - self.low) / 4))
        step *= next(f for f in (1, 2, 2.5, 5, 10) if (self.high - self.low) / (step * f) <= 6)
        first = math.ceil(self.low / step)
        return [n * step for n in range(first, math.floor(self.high / step + 1e-9) + 1)]


def plot(
    title: str, x: Axis, y: Axis, series: Sequence[Series], bands: Sequence[Band] = (), limit: float | None = None
) -> str:
    """The picture as SVG; `limit` is drawn as a dashed line across."""
    shown = [Series(s.name, [p for p in s.points if _fits(p, x, y)], s.dots) for s in series]
    every = [p for s in shown for p in s.points]
    if not every:
        return _frame(title, [f'<text x="{WIDTH / 2}" y="{HEIGHT / 2}" text-anchor="middle">nothing measured</text>'])
    across = _scale([p[0] for p in every], x.log, LEFT, WIDTH - RIGHT)
    values = [p[1] for p in every] + ([limit] if limit else [])
    up = _scale(values if y.log else [0.0, *values], y.log, HEIGHT - BOTTOM, TOP)
    parts = [_band(band, across) for band in bands]
    parts += [_grid(x, y, across, up)]
    if limit is not None:
        at = up.at(limit)
        parts.append(_across(at, INK, ' stroke-dasharray="5 4"'))
    for number, one in enumerate(shown):
        parts.append(_drawn(one, across, up, COLOURS[number % len(COLOURS)]))
    parts.append(_legend(shown))
    return _frame(title, parts)


def _fits(point: tuple[float, float], x: Axis, y: Axis) -> bool:
    return all(math.isfinite(v) for v in point) and (not x.log or point[0] > 0) and (not y.log or point[1] > 0)


def _scale(values: list[float], log: bool, start: float, end: float) -> _Scale:
    low, high = min(values), max(values)
    if log:
        low, high = 10.0 ** math.floor(math.log10(low)), 10.0 ** math.ceil(math.log10(high))
        high = high if high > low else low * 10
    elif high - low <= abs(high) * 1e-9:
        high = low + 1.0
    else:
        high += (high - low) * 0.04
    return _Scale(low, high, start, end, log)


def _grid(x: Axis, y: Axis, across: _Scale, up: _Scale) -> str:
    found = []
    for value in up.marks():
        at = up.at(value)
        found.append(_across(at, GREY))
        found.append(f'<text x="{LEFT - 6}" y="{at + 4:.1f}" text-anchor="end">{_word(value)}</text>')
    for value in across.marks():
        at = across.at(value)
        found.append(f'<text x="{at:.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{_word(value)}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    found.append(f'<text x="{middle}" y="{HEIGHT - 8}" text-anchor="middle">{escape(x.title)}</text>')
    turned = f'transform="rotate(-90 14 {HEIGHT / 2})"'
    found.append(f'<text x="14" y="{HEIGHT / 2}" text-anchor="middle" {turned}>{escape(y.title)}</text>')
    return "".join(found)


def _across(at: float, colour: str, more: str = "") -> str:
    return f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}" stroke="{colour}"{more}/>'


def _band(band: Band, across: _Scale) -> str:
    start, end = across.at(band.start), across.at(band.end)
    return (
        f'<rect x="{start:.1f}" y="{TOP}" width="{end - start:.1f}" height="{HEIGHT - TOP - BOTTOM}" fill="#f3e3d0"/>'
        f'<text x="{(start + end) / 2:.1f}" y="{TOP + 14}" text-anchor="middle">{escape(band.name)}</text>'
    )


def _drawn(series: Series, across: _Scale, up: _Scale, colour: str) -> str:
    placed = [(across.at(a), up.at(b)) for a, b in series.points]
    dots = "".join(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="{1.6 if series.dots else 3}"/>' for a, b in placed)
    line = "" if series.dots else " ".join(f"{a:.1f},{b:.1f}" for a, b in placed)
    drawn = f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{line}"/>' if line else ""
    few = dots if series.dots or len(placed) <= 40 else ""
    return f'{drawn}<g fill="{colour}">{few}</g>'


def _legend(series: Sequence[Series]) -> str:
    found, at = [], float(LEFT)
    for number, one in enumerate(series):
        colour = COLOURS[number % len(COLOURS)]
        found.append(f'<rect x="{at}" y="{TOP - 14}" width="10" height="10" fill="{colour}"/>')
        found.append(f'<text x="{at + 14}" y="{TOP - 5}">{escape(one.name)}</text>')
        at += 30 + 6.6 * len(one.name)
    return "".join(found)


def _frame(title: str, parts: list[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'font-family="sans-serif" font-size="12" fill="{INK}" role="img">'
        f"<title>{escape(title)}</title>"
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>'
        f'<text x="{LEFT}" y="16" font-size="14" font-weight="bold">{escape(title)}</text>{"".join(parts)}</svg>\n'
    )


def _word(value: float) -> str:
    if value >= 10_000:
        return f"{value:,.0f}"
    return f"{value:.10g}"

"""Plots as SVG, without anything but text: curves, points and bars."""

from collections.abc import Mapping, Sequence
from html import escape

COLOURS = ("#1b5e9b", "#b3541e", "#2e7d4f", "#7a3e9d", "#a8821a", "#555555", "#c2185b")
_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP, _KEY = 460, 320, 56, 46, 34, 190


def curves(
    title: str, across: str, up: str, lines: Mapping[str, Sequence[tuple[float, float]]], top: float = 1.0
) -> str:
    """Lines in the unit square, or up to `top`, each with its name beside."""
    parts = [_axes(title, across, up, top)]
    for place, (name, points) in enumerate(lines.items()):
        colour = COLOURS[place % len(COLOURS)]
        path = " ".join(f"{_x(x):.1f},{_y(min(y, top) / top):.1f}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(_key(place, name, colour))
    return _svg(parts, _WIDTH + _KEY)


def reliability(title: str, sets: Mapping[str, Sequence[tuple[float, float, int]]]) -> str:
    """Told probability against the share that was right; a circle's area is how many questions it stands for."""
    parts = [_axes(title, "told probability", "share right", 1.0)]
    parts.append(f'<line x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}" stroke="#999" stroke-dasharray="4 4"/>')
    for place, (name, points) in enumerate(sets.items()):
        colour = COLOURS[place % len(COLOURS)]
        every = sum(count for _, _, count in points) or 1
        for told, right, count in points:
            radius = 3 + 22 * (count / every) ** 0.5
            parts.append(
                f'<circle cx="{_x(told):.1f}" cy="{_y(right):.1f}" r="{radius:.1f}" fill="{colour}" '
                f'fill-opacity="0.35" stroke="{colour}"><title>{escape(name)}: {count}</title></circle>'
            )
        parts.append(_key(place, name, colour))
    return _svg(parts, _WIDTH + _KEY)


def bars(title: str, values: Mapping[str, tuple[float, int]]) -> str:
    """A bar from 0 to 1 each, with its figure and how many questions stand behind it."""
    height = _TOP + 22 * len(values) + 10
    parts = [f'<text x="8" y="20" class="title">{escape(title)}</text>']
    for place, (name, (value, count)) in enumerate(values.items()):
        y = _TOP + 22 * place
        parts.append(f'<text x="150" y="{y + 13}" text-anchor="end">{escape(name)}</text>')
        parts.append(f'<rect x="158" y="{y}" width="{320 * value:.1f}" height="17" fill="{COLOURS[0]}"/>')
        parts.append(f'<text x="{164 + 320 * value:.1f}" y="{y + 13}">{value:.2f} ({count})</text>')
    return _svg(parts, 580, height)


def histogram(title: str, across: str, values: Sequence[float], steps: int = 30) -> str:
    """How often values fall into equal steps between the least and the 99th of a hundred."""
    ordered = sorted(values)
    low, high = ordered[0], ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    width = (high - low) / steps or 1.0
    counts = [0] * steps
    for value in ordered:
        counts[min(steps - 1, int((value - low) / width))] += 1
    most = max(counts)
    parts = [_frame(title, f"{across}, {low:.0f} to {high:.0f}", "questions")]
    for place, count in enumerate(counts):
        x, y = _x(place / steps), _y(count / most)
        wide = (_WIDTH - _LEFT - 12) / steps - 1
        parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{_y(0) - y:.1f}" fill="{COLOURS[0]}"/>')
    return _svg(parts, _WIDTH)


def _axes(title: str, across: str, up: str, top: float) -> str:
    parts = [_frame(title, across, up)]
    for tick in range(6):
        share = tick / 5
        parts.append(f'<line x1="{_x(0)}" x2="{_x(1)}" y1="{_y(share)}" y2="{_y(share)}" stroke="#e4e4e4"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{_y(share) + 4}" text-anchor="end">{top * share:.2f}</text>')
        parts.append(f'<text x="{_x(share)}" y="{_y(0) + 16}" text-anchor="middle">{share:.1f}</text>')
    return "".join(parts)


def _frame(title: str, across: str, up: str) -> str:
    middle = (_x(0) + _x(1)) / 2
    return (
        f'<text x="8" y="20" class="title">{escape(title)}</text>'
        f'<line x1="{_x(0)}" x2="{_x(1)}" y1="{_y(0)}" y2="{_y(0)}" stroke="#333"/>'
        f'<line x1="{_x(0)}" x2="{_x(0)}" y1="{_y(0)}" y2="{_y(1)}" stroke="#333"/>'
        f'<text x="{middle}" y="{_HEIGHT - 8}" text-anchor="middle">{escape(across)}</text>'
        f'<text transform="translate(14 {(_y(0) + _y(1)) / 2}) rotate(-90)" text-anchor="middle">{escape(up)}</text>'
    )


def _key(place: int, name: str, colour: str) -> str:
    y = _TOP + 8 + 20 * place
    return (
        f'<rect x="{_WIDTH + 4}" y="{y - 9}" width="12" height="12" fill="{colour}"/>'
        f'<text x="{_WIDTH + 22}" y="{y + 2}">{escape(name)}</text>'
    )


def _x(share: float) -> float:
    return _LEFT + share * (_WIDTH - _LEFT - 12)


def _y(share: float) -> float:
    return _HEIGHT - _BOTTOM - share * (_HEIGHT - _BOTTOM - _TOP)


def _svg(parts: Sequence[str], width: int, height: int = _HEIGHT) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="sans-serif" font-size="12"><style>.title{{font-size:15px;font-weight:600}}</style>'
        f'<rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>'
    )

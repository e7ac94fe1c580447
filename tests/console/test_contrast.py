"""Every pair of colours that is laid on another can be read: 4.5 to 1, borders of controls 3 to 1."""

import re

import pytest

from bot.console import static

TEXT = [
    *((ink, ground) for ink in ("ink", "ink-soft", "link") for ground in ("paper", "panel", "raised")),
    *((ink, f"{who}-bg") for ink in ("ink", "ink-soft") for who in ("citizen", "bot", "clerk", "note")),
    *((state, f"{state}-bg") for state in ("waiting", "late", "done", "unknown")),
    *((state, ground) for state in ("waiting", "late") for ground in ("panel", "raised")),
    ("late", "paper"),
    ("link", "bot-bg"),
    ("link", "clerk-bg"),
    ("on-accent", "accent"),
]
BORDERS = [("control", "panel"), ("control", "paper"), ("control", "bot-bg"), ("accent", "paper"), ("accent", "panel")]


def schemes() -> dict[str, dict[str, str]]:
    """Custom properties by colour scheme."""
    css = static.load().files["base.css"][1].decode()
    light, dark = re.findall(r":root \{(.*?)\n\s*\}", css, re.S)[:2]
    return {name: dict(re.findall(r"--([\w-]+): (#\w{6})", body)) for name, body in (("light", light), ("dark", dark))}


def contrast(one: str, other: str) -> float:
    """WCAG 2's measure."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(scheme: str) -> None:
    colours = schemes()[scheme]
    for least, pairs in ((4.5, TEXT), (3.0, BORDERS)):
        weak = {p: round(contrast(colours[p[0]], colours[p[1]]), 2) for p in pairs}
        assert not {p: c for p, c in weak.items() if c < least}


def test_both_schemes_name_the_same_colours() -> None:
    assert set(schemes()["light"]) == set(schemes()["dark"])


def test_colours_stand_in_one_place() -> None:
    for name, (_, content) in static.load().files.items():
        if name.endswith(".css") and name != "base.css":
            assert not re.search(r"#[0-9a-f]{3,8}\b|rgb\(", content.decode()), name

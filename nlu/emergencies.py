"""What somebody in need reads first, and who reviewed it: languages/<code>/emergencies.yml, poison_lines.yml."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml

from nlu.alarms import KINDS
from nlu.data import read_data
from nlu.profiles import LANGUAGES, LANGUAGES_DIR

LASTS = timedelta(days=365)
"""Telephone numbers change: after a year a review counts no more."""


class EmergencyTextsError(ValueError):
    """A file of emergency texts cannot be used; the message names it and says why."""


@dataclass(frozen=True)
class Emergencies:
    """One language's texts in Markdown, a kind of alarm each. `reviewed_by` "" is: by nobody yet."""

    language: str
    texts: Mapping[str, str]
    reviewed_by: str = ""
    reviewed_on: date | None = None

    def complaint(self, today: date) -> str:
        """What is wrong with the review, in English; "" when it holds."""
        if not self.reviewed_by or self.reviewed_on is None:
            return "not reviewed by a professional yet"
        if self.reviewed_on > today:
            return f"reviewed on a day to come ({self.reviewed_on})"
        if today - self.reviewed_on > LASTS:
            return f"last reviewed more than a year ago ({self.reviewed_on}, {self.reviewed_by})"
        return ""


def load_emergencies(folder: Path = LANGUAGES_DIR) -> dict[str, Emergencies]:
    """The texts of every language that has them. Raises EmergencyTextsError: no text may be missing when it counts."""
    return {code: _read(code, path) for code in LANGUAGES if (path := folder / code / "emergencies.yml").exists()}


def complaints(found: Mapping[str, Emergencies], today: date) -> dict[str, list[str]]:
    """What is wrong with the reviews, and of which languages."""
    wrong: dict[str, list[str]] = {}
    for code, emergencies in found.items():
        if complaint := emergencies.complaint(today):
            wrong.setdefault(complaint, []).append(code)
    return wrong


@cache
def poison_line(land: str) -> str:
    """The number of the poison centre for a Land. Raises KeyError where there is no such Land."""
    lines = read_data(LANGUAGES_DIR.with_name("poison_lines.yml"))
    return str(lines[land])


def _read(code: str, path: Path) -> Emergencies:
    try:
        data = cast(dict[str, Any], read_data(path))
        texts = {str(kind): str(text) for kind, text in data["texts"].items()}
        day = str(data.get("reviewed_on") or "")
        on = date.fromisoformat(day) if day else None
    except (yaml.YAMLError, KeyError, AttributeError, TypeError, ValueError) as error:
        raise EmergencyTextsError(f"{path}: {error}") from error
    missing = [kind for kind in KINDS if not texts.get(kind, "").strip()]
    if missing or set(texts) - set(KINDS):
        raise EmergencyTextsError(f"{path}: it needs a text for each of {', '.join(KINDS)} and for nothing else.")
    return Emergencies(code, texts, str(data.get("reviewed_by") or "").strip(), on)

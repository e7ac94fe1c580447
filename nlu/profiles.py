"""What gives a language away: letters, words and fragments, read from languages/<code>/profile.yml."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

LANGUAGES = ("de", "en", "tr", "uk", "ar", "ru", "fr")
"""The languages a citizen may write in."""

LANGUAGES_DIR = Path(__file__).with_name("languages")


@dataclass(frozen=True)
class Profile:
    """Signs of one language. `letters` occur in it alone; words and fragments carry points."""

    script: str
    letters: frozenset[str]
    words: Mapping[str, float]
    fragments: Mapping[str, float]


@cache
def profiles() -> Mapping[str, Profile]:
    """The profiles of all languages that share their script with another; read once."""
    found = {}
    for code in LANGUAGES:
        path = LANGUAGES_DIR / code / "profile.yml"
        if path.exists():
            found[code] = _read(path)
    return found


def _read(path: Path) -> Profile:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    strong = {str(word): 2.0 for word in str(data["words"]).split()}
    weak = {str(word): 1.0 for word in str(data["shared_words"]).split()}
    fragments = {str(part).replace("_", " "): 0.5 for part in str(data["fragments"]).split()}
    return Profile(str(data["script"]), frozenset(str(data["letters"])), {**weak, **strong}, fragments)

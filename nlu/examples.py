"""Utterances by intent, as people wrote them: examples.yml to learn from, trials.yml to be tried on."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nlu.data import read_data

TAUGHT = ("de", "en")
"""Languages with examples; in others a model's confidence means nothing."""

_MARK = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")


@dataclass(frozen=True)
class Trial:
    """A text with its intent, never learned from."""

    text: str
    intent: str
    language: str


def read_examples(path: Path) -> dict[str, list[str]]:
    """The lines of an examples.yml or trials.yml by intent, entities still marked as [words](kind)."""
    data = read_data(path)
    return {str(intent): [str(line) for line in lines] for intent, lines in data["intents"].items()}


def unmarked(line: str) -> str:
    """A line as the citizen typed it, without the marks of entities."""
    return _MARK.sub(r"\1", line)


def learned(languages_dir: Path, languages: Sequence[str] = TAUGHT) -> dict[str, str]:
    """Every example of these languages as it was typed, with its intent."""
    found: dict[str, str] = {}
    for language in languages:
        for intent, lines in read_examples(languages_dir / language / "examples.yml").items():
            found |= {unmarked(line): intent for line in lines}
    return found


def read_trials(languages_dir: Path, languages: Sequence[str] = TAUGHT) -> list[Trial]:
    """The trials of these languages, language by language."""
    return [
        Trial(unmarked(line), intent, language)
        for language in languages
        for intent, lines in read_examples(languages_dir / language / "trials.yml").items()
        for line in lines
    ]

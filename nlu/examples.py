"""Utterances by intent, as people wrote them: examples.yml to learn from, trials.yml to be tried on."""

import re
from pathlib import Path

import yaml

_MARK = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")


def read_examples(path: Path) -> dict[str, list[str]]:
    """The lines of an examples.yml or trials.yml by intent, entities still marked as [words](kind)."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {str(intent): [str(line) for line in lines] for intent, lines in data["intents"].items()}


def unmarked(line: str) -> str:
    """A line as the citizen typed it, without the marks of entities."""
    return _MARK.sub(r"\1", line)

"""One line of a transcript, and the matches that a question found."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.kept import known, shallow, written


@dataclass(frozen=True, slots=True)
class Candidate:
    """One match as the dialogue and the clerk see it; `score` is the probability that it is right."""

    entry: str
    revision: str
    title: str
    score: float
    topic: str = ""
    why: Mapping[str, float] = field(default_factory=dict)
    elsewhere: bool = False  # the entry says who does it instead of the town
    release: str = ""  # the id of the one that it was found in


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the transcript. `by`: citizen, bot, clerk, note (unseen by the citizen) or event."""

    id: str
    by: str
    at: datetime
    text: str = ""  # plain; of an event: its key
    masked: str = ""  # what left for understanding, logs and analytics
    name: str = ""
    document: Any = None  # JSON of the Document, of what we said
    footer: str = ""
    buttons: tuple[tuple[str, str], ...] = ()
    understanding: Mapping[str, Any] = field(default_factory=dict)
    matches: tuple[Mapping[str, Any], ...] = ()
    parts: tuple[str, ...] = ()  # ids of its parts in the outbox
    entry: str = ""
    revision: str = ""
    release: str = ""  # the id of the one by which the entry was told
    edits: str = ""
    what: str = ""
    user: str = ""  # the account of the clerk who wrote it, of a note
    attachments: tuple[str, ...] = ()  # ids of its files

    def to_json(self) -> str:
        """Compact JSON without empty fields."""
        return written({k: v for k, v in shallow(self).items() if v not in ("", None, (), {}, [])})

    @classmethod
    def from_json(cls, text: str | bytes) -> "Line":
        """What to_json wrote."""
        raw = known(cls, json.loads(text), "at")
        raw["buttons"] = tuple((str(a), str(b)) for a, b in raw.get("buttons", ()))
        for name in ("matches", "parts", "attachments"):
            raw[name] = tuple(raw.get(name, ()))
        return cls(**raw)

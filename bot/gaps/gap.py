"""What a cluster of unanswered questions is, as frozen values: its states, its questions, how bad it is. Pure."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.facts.fact import FactKind

WEEKS = 12
"""That a cluster's course is shown for."""

USUAL = 4
"""Weeks before the last seven days with which those are compared."""

HARM: Mapping[FactKind, float] = {
    FactKind.REJECTED: 1.5,  # worse than no answer: a wrong one
    FactKind.WITHHELD: 1.0,
    FactKind.CLARIFIED_IN_VAIN: 1.0,
    FactKind.CLARIFIED: 0.5,  # nothing was chosen; perhaps the question was enough of an answer
}
"""The kinds of facts that are gaps, and how bad each is."""

HANDED = 0.5
"""And how much worse where a person had to take over."""

HALF_LIFE = 14
"""Days after which a question weighs half in the order of the list."""


class State(StrEnum):
    """What became of a cluster."""

    OPEN = "open"
    WORKING = "working"  # an entry is drafted or extended, and not live yet
    ANSWERED = "answered"  # a release with that entry is live
    FOREIGN = "foreign"  # not ours: the bot shall go on withholding
    UNCLEAR = "unclear"  # the heap of what says nothing


class Use(StrEnum):
    """What an editor made of a question."""

    NONE = ""
    WORDING = "wording"  # of the entry
    TRIAL = "trial"  # kept to test the entry by, never in it
    GONE = "gone"  # spam or personal: its words were deleted


UNCLEAR = "unclear"
"""The id of the heap."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the search makes of a question: its decision, and the likeliest entries, best first. The first one's
    probability is 0 to 1; the others' are scores beside it."""

    decision: str
    best: tuple[tuple[str, float], ...] = ()

    def to_json(self) -> str:
        return json.dumps([self.decision, self.best])

    @classmethod
    def from_json(cls, raw: str) -> "Found | None":
        """None for ""."""
        if not raw:
            return None
        decision, best = json.loads(raw)
        return cls(decision, tuple((entry, score) for entry, score in best))

    def answers(self, entry: str) -> bool:
        """Would a citizen be told what this entry says?"""
        return self.decision == "answer" and bool(self.best) and self.best[0][0] == entry

    def offers(self, entry: str) -> bool:
        """Would they be asked whether they mean it?"""
        return self.decision == "clarify" and any(known == entry for known, _ in self.best)


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a citizen. `text` is masked, "" once it was deleted. `at` is aware UTC."""

    id: str
    cluster: str
    at: datetime
    kind: FactKind
    channel: str
    language: str
    text: str
    entry: str  # whose answer was turned down, or that says nothing of this
    likely: int | None  # thousandths: how probable the likeliest entry was then
    handed: bool
    placed: bool
    again: bool
    use: Use
    trial: str
    found: Found | None


@dataclass(slots=True)
class Cluster:
    """A cluster and its figures. Questions are counted once a citizen. `weekly`: the last seven days first."""

    id: str
    state: State
    title: str
    words: str
    text: str  # of its most typical question
    entry: str
    number: int
    release: int
    live_at: datetime | None
    near: tuple[str, ...]
    into: str = ""
    count: int = 0
    handed: int = 0
    weight: float = 0.0
    first: datetime | None = None
    last: datetime | None = None
    since: int = 0  # citizens who asked in vain after its entry came live
    right: int = 0  # of its trials that the live release answers with its entry
    offered: int = 0  # that it asks back about it
    tried: int = 0  # of its trials that were asked
    weekly: list[int] = field(default_factory=lambda: [0] * WEEKS)
    kinds: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    channels: Counter[str] = field(default_factory=Counter)
    topics: Counter[str] = field(default_factory=Counter)

    @property
    def name(self) -> str:
        """An editor's name for it, else its most typical question, else what its questions shared; "" where all is
        gone."""
        return self.title or self.text or self.words

    @property
    def recent(self) -> int:
        """Questions of the last seven days."""
        return self.weekly[0]

    @property
    def usual(self) -> float:
        """Questions of a week, in the four weeks before."""
        return sum(self.weekly[1 : 1 + USUAL]) / USUAL

    @property
    def trend(self) -> str:
        """In a word: new, more, fewer, same, none."""
        if not self.recent:
            return "fewer" if self.usual else "none"
        if not any(self.weekly[1:]):
            return "new"
        # Two more or fewer than usual may be chance: a week's count varies by about its root.
        slack = max(1.0, self.usual**0.5)
        return "more" if self.recent > self.usual + slack else "fewer" if self.recent < self.usual - slack else "same"


def harm(kind: FactKind, handed: bool, days: int) -> float:
    """What a question of so many days ago weighs."""
    worth: float = (HARM[kind] + (HANDED if handed else 0.0)) * 0.5 ** (days / HALF_LIFE)
    return worth

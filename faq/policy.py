"""When to answer, when to ask back, when to withhold: three named thresholds, fitted and stored with their evidence."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from faq.retrieval.fusion import FULL, WORDS_ONLY
from faq.retrieval.index import Match, Search

Decision = Literal["answer", "clarify", "withhold"]
OPTIONS = 3
OPTION = 0.02  # a further option less probable than a fiftieth of the first is no help


@dataclass(frozen=True)
class Thresholds:
    """`answer`: the first match's probability from which it is given. `clarify`: from which it is offered as a
    question. `option`: how probable a further option must be, as a share of the first, to be offered too."""

    answer: float
    clarify: float
    option: float


@cache
def shipped_thresholds(words_only: bool = False) -> Thresholds:
    """The thresholds for a corpus that has no fit of its own (faq.trust), also for when there is no encoder;
    thresholds.json also holds the evidence for them (faq.fitting.general)."""
    path = Path(__file__).parent / "retrieval" / "thresholds.json"
    plain = json.loads(path.read_text(encoding="utf-8"))[WORDS_ONLY if words_only else FULL]
    return Thresholds(plain["answer"], plain["clarify"], plain["option"])


def decide(search: Search, thresholds: Thresholds | None = None) -> Decision:
    """What to do with what was found; by the shipped thresholds unless told otherwise."""
    if not search.matches:
        return "withhold"
    thresholds = thresholds or shipped_thresholds(search.words_only)
    first = search.matches[0].score
    if first >= thresholds.answer:
        return "answer"
    return "clarify" if first >= thresholds.clarify else "withhold"


def options(search: Search, thresholds: Thresholds | None = None) -> tuple[Match, ...]:
    """The entries to offer when asking back: one to three, best first."""
    if not search.matches:
        return ()
    thresholds = thresholds or shipped_thresholds(search.words_only)
    least = search.matches[0].score * thresholds.option
    return tuple(match for match in search.matches[:OPTIONS] if match.score >= least)

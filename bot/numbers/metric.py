"""What each figure counts, in the words of bot.facts.fact: one table, of which page, exports, docs and tests are made.

The sentence that defines a metric for people is number.<key>.what in the console's texts, in each language.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.facts.fact import FactKind as K


@dataclass(frozen=True, slots=True)
class Sum:
    """How many facts of a kind there were under the same conditions; `total`: the sum of the `valued` values. What it
    is split by is told, the rest is ""; `name` is the value of whatever fact_sums is split by."""

    kind: str
    by: str
    reason: str
    n: int
    total: int = 0
    valued: int = 0
    day: str = ""
    name: str = ""
    channel: str = ""
    language: str = ""
    topic: str = ""
    office: str = ""
    release: str = ""


@dataclass(frozen=True, slots=True)
class Take:
    """Facts of this kind, come about in one of these ways (None: in any), but in none of those."""

    kind: str
    by: frozenset[str] | None = None
    but: frozenset[str] = frozenset()

    def takes(self, s: Sum) -> bool:
        """Is it one of those?"""
        return s.kind == self.kind and (self.by is None or s.by in self.by) and s.by not in self.but


@dataclass(frozen=True, slots=True)
class Metric:
    """`of`: the metric of which its share is told, "" where it is a number of its own. `values`: what is added up are
    the facts' values, not the facts."""

    key: str
    takes: tuple[Take, ...]
    of: str = ""
    values: bool = False

    def counted(self, sums: Iterable[Sum]) -> int:
        """The figure, over these. What was taken back is left out; never below nothing."""
        found = (s.total if self.values else s.n for s in sums if any(take.takes(s) for take in self.takes))
        return max(0, sum(found))


_AT_ONCE = (Take(K.ANSWERED, frozenset({"search", "follow_up", "pinned"})), Take(K.OFFICE, frozenset({"question"})))
_ASKED_BACK = Take(K.CLARIFIED, but=frozenset({"again"}))

_TABLE = (
    Metric("conversations", (Take(K.BEGUN),)),
    Metric("questions", (*_AT_ONCE, _ASKED_BACK, Take(K.WITHHELD))),
    Metric("at_once", _AT_ONCE, "questions"),
    Metric("asked_back", (_ASKED_BACK,), "questions"),
    Metric("withheld", (Take(K.WITHHELD),), "questions"),
    Metric("clarified", (Take(K.CLARIFIED),)),
    Metric("in_vain", (Take(K.CLARIFIED_IN_VAIN),), "clarified"),
    Metric("answers", (Take(K.ANSWERED, but=frozenset({"pinned"})),)),
    Metric("rejected", (Take(K.REJECTED),), "answers"),
    Metric("praised", (Take(K.PRAISED),), "answers"),
    Metric("handed_off", (Take(K.HANDED_OFF),), "conversations"),
    Metric("ended", (Take(K.RESOLVED),)),
    Metric("rated", (Take(K.RATED),)),
    Metric("liked", (Take(K.RATED),), "rated", values=True),
    Metric("alarms", (Take(K.ALARM),)),
    Metric("stopped", (Take(K.SAID, frozenset({"stopped"})),)),
    Metric("erased", (Take(K.ERASED),)),
)
METRICS: Mapping[str, Metric] = {metric.key: metric for metric in _TABLE}
"""By key, in the order in which they are shown."""

SPREADS: Mapping[str, str] = {"wait": K.CLAIMED, "first_reply": K.FIRST_REPLY}
"""Lengths of time, told as median and 90th percentile: key and kind of fact."""

SPLITS = ("channel", "language", "topic", "office", "release")
"""What questions and answers are told apart by."""


def merged(sums: Iterable[Sum]) -> list[Sum]:
    """The same, split by nothing: few, however many days they come from."""
    found: dict[tuple[str, str, str], list[int]] = {}
    for s in sums:
        added = found.setdefault((s.kind, s.by, s.reason), [0, 0, 0])
        added[0] += s.n
        added[1] += s.total
        added[2] += s.valued
    return [Sum(*key, n=n, total=total, valued=valued) for key, (n, total, valued) in found.items()]


def by_reason(sums: Iterable[Sum], kind: str) -> dict[str, int]:
    """How many facts of the kind for each reason, the most frequent first."""
    found: dict[str, int] = {}
    for s in sums:
        if s.kind == kind:
            found[s.reason] = found.get(s.reason, 0) + s.n
    return dict(sorted(((k, n) for k, n in found.items() if n > 0), key=lambda pair: (-pair[1], pair[0])))


def percentile(values: Mapping[int, int], share: float) -> int | None:
    """The smallest value that at least this share of them does not exceed (nearest rank; Hyndman & Fan 1996, type 1):
    always one that occurred. `values`: how often each occurred; what was taken back counts less. None for none."""
    held = sorted((value, n) for value, n in values.items() if n > 0)
    rank = -(-share * sum(n for _, n in held) // 1)
    seen = 0
    for value, n in held:
        seen += n
        if seen >= max(1, rank):
            return value
    return None

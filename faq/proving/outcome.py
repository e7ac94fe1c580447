"""What becomes of one trial, before and after, and whether that is better or worse. Pure.

How good an outcome is, from 0 up:

- of a trial that entries answer: 0 another entry is given as the answer; 1 nothing of it is said (withheld, or asked
  back without one of them); 2 asked back with one of them among the options; 3 one of them is given.
- of a trial that nothing should answer: 0 something is given; 1 asked back; 2 withheld.

What changed is named by the first line that holds:

| name | holds when | counts as |
|---|---|---|
| `stray` | nothing should answer, something is given now and was not before | worse |
| `wrong` | another entry is given now, and was not before | worse |
| `ambiguous` | answered right before, asked back now with a right one among the options | worse |
| `lost` | answered right before, neither answered nor rightly asked back now | worse |
| `better` | the outcome is better than before | better |
| `weaker` | the outcome is worse than before, and none of the above | unclear |
| `other` | as good as before, but decided otherwise, or another entry is given | unclear |

A release is **worse** when at least one trial counts as worse; else **better** when one counts as better; else the
**same**. A trial whose entries the release all takes out is judged by nobody (`orphaned`): it is to be retired or to
name what answers it now. One whose entries neither release holds is not asked (`unknown`).
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from faq.policy import Decision

Kind = Literal["stray", "wrong", "ambiguous", "lost", "better", "weaker", "other"]
Verdict = Literal["better", "same", "worse"]
WORSE: tuple[Kind, ...] = ("stray", "wrong", "lost", "ambiguous")
UNCLEAR: tuple[Kind, ...] = ("weaker", "other")
KINDS: tuple[Kind, ...] = (*WORSE, *UNCLEAR, "better")
"""In the order in which they are shown."""


@dataclass(frozen=True)
class Outcome:
    """What a release does with a question: the decision, the first match ("" without any) and its probability, and
    what would be offered when it asks back."""

    decision: Decision
    entry: str = ""
    probability: float = 0.0
    offered: tuple[str, ...] = ()

    def goodness(self, relevant: Collection[str]) -> int:
        """0 to 3 as this module says, or 0 to 2 where nothing should answer."""
        if not relevant:
            return {"answer": 0, "clarify": 1, "withhold": 2}[self.decision]
        if self.decision == "answer":
            return 3 if self.entry in relevant else 0
        return 2 if self.decision == "clarify" and not {*relevant}.isdisjoint(self.offered) else 1

    def right(self, relevant: Collection[str]) -> bool:
        """Is this what should become of it?"""
        return self.goodness(relevant) == 3 if relevant else self.decision != "answer"


def difference(relevant: Collection[str], before: Outcome, after: Outcome) -> Kind | None:
    """What changed, None where nothing did."""
    was, now = before.goodness(relevant), after.goodness(relevant)
    if now == 0 and was > 0:
        return "wrong" if relevant else "stray"
    if relevant and was == 3 and now < 3:
        return "ambiguous" if now == 2 else "lost"
    if now != was:
        return "better" if now > was else "weaker"
    given = (after.decision, after.entry if after.decision == "answer" else "")
    return None if given == (before.decision, before.entry if before.decision == "answer" else "") else "other"


def verdict(kinds: Collection[Kind]) -> Verdict:
    """Of a release whose trials changed so."""
    if any(kind in WORSE for kind in kinds):
        return "worse"
    return "better" if "better" in kinds else "same"

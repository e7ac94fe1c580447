"""What is asked before a handoff joins the queue: which form, what was answered so far."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.kept import known


@dataclass(frozen=True, slots=True)
class Intake:
    """`answers`: (question, id of the transcript's line that answers it, "" where it was skipped), in the form's order.

    The words stay where they were said, so that masking, edits, files and erasing hold for them as for all others.
    `reason`: the Reason for which a person is needed. `asking`: the next message may be an answer.
    """

    form: str
    reason: str
    answers: tuple[tuple[str, str], ...] = ()
    asking: bool = True

    @property
    def given(self) -> bool:
        """Was anything answered?"""
        return any(line for _, line in self.answers)

    def answered(self, question: str, line: str) -> "Intake":
        """With one more answer."""
        return replace(self, answers=(*self.answers, (question, line)))

    def closed(self) -> "Intake":
        """Nothing more is asked."""
        return replace(self, asking=False)

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> "Intake":
        """Out of JSON."""
        return cls(**{**known(cls, raw), "answers": tuple((str(q), str(line)) for q, line in raw["answers"])})

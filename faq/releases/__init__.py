"""Releases: which revision of each entry answers, with which thresholds, NLU data and encoder.

A release is immutable and named by a hash of what it holds. What becomes of it (proposed, proved, signed, live …) is
appended to its steps; the newest activation says which one answers.
"""

from faq.refusals import (
    NeedsSecond,
    NothingChanged,
    NotInReview,
    NotProved,
    Overtaken,
    ReasonMissing,
    UnknownRelease,
    Worse,
    WrongState,
)
from faq.releases.release import Activation, Changed, Noted, Release, State, Step
from faq.releases.releases import Releases

__all__ = [
    "Activation",
    "Changed",
    "NeedsSecond",
    "NotInReview",
    "NotProved",
    "Noted",
    "NothingChanged",
    "Overtaken",
    "ReasonMissing",
    "Release",
    "Releases",
    "State",
    "Step",
    "UnknownRelease",
    "Worse",
    "WrongState",
]

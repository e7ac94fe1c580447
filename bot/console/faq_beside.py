"""What is said beside the fields of an entry: what is wrong with them, and apart from it what is only not there yet."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.console import faq_form
from bot.console.words import Words
from faq.entry import Problem

NO_SOURCE = "source.missing"
MISSING = frozenset({"field.missing", "text.german-missing", NO_SOURCE})


@dataclass(frozen=True)
class Beside:
    """Sentences by field. `blocked`: something wrong keeps the entry from being published; `unfinished`: something that
    is missing does."""

    wrong: dict[str, list[str]] = field(default_factory=dict)
    later: dict[str, list[str]] = field(default_factory=dict)
    blocked: bool = False
    unfinished: bool = False

    @property
    def fields(self) -> frozenset[str]:
        """Beside which anything is said."""
        return frozenset({*self.wrong, *self.later})


def beside(problems: Iterable[Problem], t: Words, begun: bool, refused: bool) -> Beside:
    """`begun`: it was saved before, so that what it lacks may be told; `refused`: somebody wanted to save it or hand it
    in, and what it lacks is what stood against that."""
    wrong: dict[str, list[str]] = {}
    later: dict[str, list[str]] = {}
    blocked = unfinished = False
    for problem in problems:
        lacks = _is_missing(problem) and not refused
        if lacks and not begun:
            continue
        said = t("editor.missing_yet") if lacks and problem.message_key != NO_SOURCE else told(problem, t)
        (later if lacks else wrong).setdefault(faq_form.field_of(problem), []).append(said)
        blocked |= problem.blocks and not lacks
        unfinished |= problem.blocks and lacks
    return Beside(wrong, later, blocked, unfinished)


def _is_missing(problem: Problem) -> bool:
    """Nobody who is still writing has done anything wrong where nothing stands."""
    return problem.message_key in MISSING or problem.values.get("value") == ""


def told(problem: Problem, t: Words) -> str:
    """A problem in words."""
    text = t.maybe(f"problem.{problem.message_key}", t("problem.other"), **problem.values)
    number = faq_form.line_of(problem)
    return f"{t('problem.line', n=number)} {text}" if number else text

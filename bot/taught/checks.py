"""May these lines be taught? What editors may add to the examples, and what stands against it, line by line."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from bot.privacy.masking import mask
from faq.examples.added import Added
from nlu.examples import TAUGHT, read_examples, read_trials, unmarked
from nlu.phrases import tokenise
from nlu.profiles import LANGUAGES_DIR
from nlu.text import normalise

LONGEST = 200
"""Characters of an example: matters are said in fewer."""

MOST, MOST_IN_ALL = 200, 2000
"""Lines of one intent in one language, and of all together: what ships are 8,000."""


@dataclass(frozen=True)
class Complaint:
    """What stands against a line (`line` counts from 1; 0: against all): `key` of the texts, examples.problem.*,
    and what fills it in."""

    line: int
    key: str
    values: Mapping[str, object] = field(default_factory=dict)


def tidied(text: str) -> tuple[str, ...]:
    """The lines of a text area as examples: one a line, without empty ones and repetitions."""
    lines = (normalise(line) for line in text.splitlines())
    found = {_same(line) or line: line for line in reversed([line for line in lines if line])}
    return tuple(reversed(found.values()))


def shipped(language: str) -> Mapping[str, Sequence[str]]:
    """{intent: lines as people type them} of what ships in this language."""
    return _shipped()[language]


def complaints(
    language: str, intent: str, lines: Sequence[str], added: Added, questions: Collection[str] = ()
) -> list[Complaint]:
    """What stands against these lines there, beside what else is added. `questions` are more that are kept to test."""
    found = []
    if len(lines) > MOST:
        found.append(Complaint(0, "many", {"n": MOST}))
    rest = len(added) - len(added.of(language, intent))
    if rest + len(lines) > MOST_IN_ALL:
        found.append(Complaint(0, "many_in_all", {"n": MOST_IN_ALL}))
    told, trials = _told(), {_same(text) for text in questions} | _tried()
    elsewhere = {_same(line): i for code, i, line in added.all() if (code, i) != (language, intent)}
    for number, line in enumerate(lines, 1):
        same = _same(line)
        if len(line) > LONGEST:
            found.append(Complaint(number, "long", {"n": LONGEST}))
        elif not same:
            found.append(Complaint(number, "empty"))
        elif mask(line) != line:
            found.append(Complaint(number, "personal"))
        elif same in trials:
            found.append(Complaint(number, "trial"))
        elif (other := told.get(same, elsewhere.get(same))) is not None:
            found.append(Complaint(number, "known" if other == intent else "elsewhere", {"intent": other}))
    return found


def _same(line: str) -> str:
    """Two spellings of the same words (or emoji) are one example; "" where there are none."""
    return " ".join(word.text for word in tokenise(line))


@lru_cache(maxsize=1)
def _shipped() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    read = {code: read_examples(LANGUAGES_DIR / code / "examples.yml") for code in TAUGHT}
    return {
        code: {intent: tuple(unmarked(line) for line in lines) for intent, lines in intents.items()}
        for code, intents in read.items()
    }


@lru_cache(maxsize=1)
def _told() -> Mapping[str, str]:
    """What ships, in every language: the intent of a text must not depend on who wrote it where."""
    return {
        _same(line): intent for intents in _shipped().values() for intent, lines in intents.items() for line in lines
    }


@lru_cache(maxsize=1)
def _tried() -> frozenset[str]:
    return frozenset(_same(trial.text) for trial in read_trials(LANGUAGES_DIR))

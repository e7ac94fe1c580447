"""Do questions about the same come together? `python -m tests.evaluation gaps` measures, `… gaps fit` sets thresholds.

A question's label is the entry that would answer it. Labels are split by a keyed hash: the threshold is chosen on one
half and reported on the other. The entries that would answer are not in the corpus beside, as in a gap.
"""

import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bot.settings import project_root
from faq.encoder import Encoder, Vectors
from faq.entry import LEICHT, Revision
from faq.gaps.grouping import FITTED, grouped, thresholds
from faq.gaps.likeness import apart, by_letters
from faq.gaps.words import bare
from faq.measure import Trial
from faq.vectors import VectorCache
from tests.evaluation.sets import FOREIGN, OTHERS, foreign, town_revisions, town_trials

KEY = b"gaps"
TRIED = np.arange(0.15, 0.6, 0.03)
PRECISION_COUNTS = 0.3
"""F's beta: two clusters for one thing are joined with one click, two things in one cluster mislead."""

MARKS = ("<!-- figures -->", "<!-- /figures -->")


@dataclass(frozen=True)
class Asked:
    """Half of a set: vectors as they are compared, and each question's right entries."""

    name: str
    vectors: Vectors
    labels: Sequence[frozenset[str]]


@dataclass(frozen=True)
class Score:
    """Of all pairs of questions: `precision` of those that came together, `recall` of those that should; `rand` is
    the adjusted Rand index (Hubert and Arabie 1985), each question's label being its first entry."""

    precision: float
    recall: float
    rand: float

    @property
    def f(self) -> float:
        """F with beta PRECISION_COUNTS."""
        weight = PRECISION_COUNTS**2
        below = weight * self.precision + self.recall
        return (1 + weight) * self.precision * self.recall / below if below else 0.0


def run(encoder: Encoder, cache: VectorCache, words: Sequence[str]) -> int:
    """0; prints a table and puts it into docs/gaps.md."""
    found: dict[str, dict[str, dict[str, Score]]] = {}
    for kind in ("meaning", "letters"):
        halves = [list(_halves(kind, half, encoder, cache)) for half in (0, 1)]
        chosen = max(TRIED, key=lambda t: np.mean([score(one, float(t)).f for one in halves[0]]))
        print(f"{kind}: {chosen:.2f} on the half for fitting, {thresholds()[kind]} in force", flush=True)
        if words[:1] == ["fit"]:
            _set(kind, round(float(chosen), 2))
        threshold = thresholds()[kind]
        found[kind] = {
            name: {one.name: score(one, threshold) for one in some}
            for name, some in zip(("fitted", "held out"), halves, strict=True)
        }
    told = table(found)
    print(told)
    path = project_root() / "docs" / "gaps.md"
    before, _, rest = path.read_text("utf-8").partition(MARKS[0])
    path.write_text(f"{before}{MARKS[0]}\n{told}{MARKS[1]}{rest.partition(MARKS[1])[2]}", "utf-8")
    return 0


def score(asked: Asked, threshold: float) -> Score:
    """How well a clustering at that threshold agrees with the labels."""
    groups = grouped(asked.vectors, [-1] * len(asked.labels), threshold)
    same = np.array([[bool(a & b) for b in asked.labels] for a in asked.labels])
    joined = groups[:, None] == groups[None, :]
    above = np.triu_indices(len(groups), 1)
    hits, told, right = (int(x[above].sum()) for x in (same & joined, joined, same))
    first = np.unique([min(label) for label in asked.labels], return_inverse=True)[1]
    return Score(hits / told if told else 1.0, hits / right if right else 1.0, rand(first, groups))


def rand(a: "np.ndarray[tuple[int], np.dtype[np.int64]]", b: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> float:
    """The adjusted Rand index of two partitions: 0 by chance, 1 when they are the same."""

    def pairs(counts: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> float:
        return float((counts * (counts - 1) / 2).sum())

    both = np.unique(np.stack([a, b]), axis=1, return_counts=True)[1]
    one, other = (pairs(np.unique(x, return_counts=True)[1]) for x in (a, b))
    chance = one * other / (len(a) * (len(a) - 1) / 2)
    return (pairs(both) - chance) / ((one + other) / 2 - chance) if one + other > 2 * chance else 1.0


def table(found: dict[str, dict[str, dict[str, Score]]]) -> str:
    """The figures of the halves that were held out, as Markdown."""
    lines = ["| questions | by | pairs right | pairs found | adjusted Rand |", "|---|---|---|---|---|"]
    for kind, halves in found.items():
        for name, one in halves["held out"].items():
            lines.append(f"| {name} | {kind} | {one.precision:.0%} | {one.recall:.0%} | {one.rand:.2f} |")
    return "\n".join(lines) + "\n"


def _halves(kind: str, half: int, encoder: Encoder, cache: VectorCache) -> Iterator[Asked]:
    for name, trials, revisions in _sets():
        mine = [t for t in trials if _half(min(t.relevant)) == half]
        right = {entry for trial in mine for entry in trial.relevant}
        texts = [bare(trial.query) for trial in mine]
        wordings = [
            (word, code)
            for r in revisions
            if r.entry not in right
            for code, text in r.texts.items()
            if code != LEICHT
            for word in (text.question, *text.variants)
        ]
        beside = [word for word, _ in wordings]
        if kind == "meaning":
            vectors, others = cache.queries(encoder, texts), cache.queries(encoder, beside)
        elif len({trial.language for trial in mine}) > 1 and name.startswith(FOREIGN[0]):
            continue  # the same question in five languages: letters cannot know
        else:
            vectors, others = by_letters(texts), by_letters(beside)
        languages = [trial.language for trial in mine]
        yield Asked(name, apart(vectors, languages, others, [code for _, code in wordings]), [t.relevant for t in mine])


def _sets() -> Iterator[tuple[str, list[Trial], Sequence[Revision]]]:
    for name in FOREIGN:
        some = list(foreign(name))
        if not some:
            continue
        yield name, list(some[0].trials), some[0].revisions
        if len(some) > 1:
            yield f"{name}, five languages", [t for one in some for t in one.trials], some[0].revisions
    yield "lindenfurt", _few([t for code in ("de", *OTHERS) for t in town_trials(code)]), town_revisions()


def _few(trials: Sequence[Trial]) -> list[Trial]:
    """As many about each entry as citizens might ask, three of four in German."""
    chance, by_entry = random.Random(5), dict[str, list[Trial]]()
    for trial in trials:
        by_entry.setdefault(min(trial.relevant), []).append(trial)
    found = []
    for entry in sorted(by_entry):
        some = sorted(by_entry[entry], key=lambda t: t.query)
        chance.shuffle(some)
        count = 1 + int(chance.expovariate(1 / 4))
        german = [t for t in some if t.language == "de"][: max(1, count * 3 // 4)]
        found += (german + [t for t in some if t.language != "de"])[:count]
    return found


def _half(entry: str) -> int:
    return hashlib.blake2b(entry.encode(), key=KEY, digest_size=1).digest()[0] % 2


def _set(kind: str, threshold: float) -> None:
    plain = json.loads(FITTED.read_text("utf-8")) | {kind: threshold}
    FITTED.write_text(json.dumps(plain) + "\n", "utf-8")
    thresholds.cache_clear()

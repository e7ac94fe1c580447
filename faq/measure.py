"""How good retrieval is, on questions with known answers, with the shipped settings and blind to the labels."""

import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from faq.encoder import Encoder
from faq.entry import Revision, revision_of
from faq.policy import Decision, Thresholds, decide, options
from faq.retrieval.index import Index
from faq.sources import jsonl
from faq.sources.rows import RowError, Unreadable
from faq.trust import Fit, fit_for, judged
from faq.vectors import VectorCache

_DEPTH = 10
NEVER = datetime(2000, 1, 1, tzinfo=UTC)  # when a revision was made that is only measured


class BadQuestions(ValueError):
    """A file of questions or entries cannot be used; the message names file and line."""


@dataclass(frozen=True)
class Trial:
    """A question held out to test. `relevant` is empty for one that nothing answers."""

    query: str
    relevant: frozenset[str]
    language: str


def evaluate(
    faq_path: Path | str,
    queries_path: Path | str,
    oos_path: Path | str | None = None,
    *,
    encoder: Encoder | None,
    cache: VectorCache | None = None,
    thresholds: Thresholds | None = None,
    fits: Sequence[Fit] = (),
    progress: Callable[[str, float], None] = lambda step, share: None,
) -> dict[str, Any]:
    """Builds an index of just that FAQ and asks it all the questions; nothing but the result is kept.

    Decisions are by `thresholds` where given, else by that of the `fits` which was made for this very corpus, else by
    the shipped ones; "thresholds" says which.

    FAQ lines are {id, question, answer, variants?, lang?}, questions {query, relevant_ids, lang?}, those out of
    scope {query, lang?}. Shares are of the questions: `answered_right` those answered with a relevant entry,
    `clarified_with_right` those asked back with a relevant entry among the options. Raises BadQuestions,
    and EncoderUnavailable where an encoder was given and fails.
    """
    revisions = read_revisions(Path(faq_path))
    known = {revision.entry for revision in revisions}
    trials = list(read_trials(Path(queries_path), known))
    outside = list(read_trials(Path(oos_path), known)) if oos_path else []
    if not trials:
        raise BadQuestions(f"{queries_path} holds no questions")
    with tempfile.TemporaryDirectory() as folder:
        index = Index.build(
            revisions, encoder, cache or VectorCache(Path(folder) / "vectors.sqlite"), progress, strict=True
        )
        fit = None if thresholds else fit_for(fits, revisions, encoder.name if encoder else "")
        asked = ask(index, trials, thresholds, fit, progress)
        stray = ask(index, outside, thresholds, fit, progress)
    return figures(asked, stray) | {
        "words_only": index.words_only,
        "thresholds": "given" if thresholds else "the corpus' own" if fit else "general",
    }


@dataclass(frozen=True)
class Asked:
    """What became of one question: the first relevant entry's `rank`, the decision, the first match's probability."""

    trial: Trial
    rank: float
    decision: Decision
    offered: bool
    milliseconds: float
    probability: float

    @property
    def answered(self) -> bool:
        return self.decision == "answer"

    @property
    def right(self) -> bool:
        """A relevant entry is first."""
        return self.rank == 1


def ask(
    index: Index,
    trials: Sequence[Trial],
    thresholds: Thresholds | None = None,
    fit: Fit | None = None,
    progress: Callable[[str, float], None] = lambda step, share: None,
) -> list[Asked]:
    """Asks the index every question; `thresholds` count before those of the `fit`."""
    if trials:
        index.search(trials[0].query)  # the first run of a model is slower and nobody waits for it
    found: list[Asked] = []
    for place, trial in enumerate(trials, 1):
        started = time.perf_counter()
        search, own = judged(index.search(trial.query, trial.language, limit=_DEPTH), fit)
        limits = thresholds or own
        decision = decide(search, limits)
        spent = (time.perf_counter() - started) * 1000
        entries = [match.revision.entry for match in search.matches]
        ranks = [number for number, entry in enumerate(entries, 1) if entry in trial.relevant]
        offered = any(match.revision.entry in trial.relevant for match in options(search, limits))
        sure = search.matches[0].score if search.matches else 0.0
        found.append(Asked(trial, float(ranks[0]) if ranks else float("inf"), decision, offered, spent, sure))
        progress("measure.ask", place / len(trials))
    return found


def figures(asked: Sequence[Asked], stray: Sequence[Asked] = ()) -> dict[str, Any]:
    """The shares that are reported of questions with answers, and of those without."""
    ranks = np.array([one.rank for one in asked], float)
    times = [one.milliseconds for one in (*asked, *stray)]
    clarified = [one for one in asked if one.decision == "clarify"]
    count = len(asked)
    return {
        "n": count,
        "recall@1": _share(ranks <= 1),
        "recall@3": _share(ranks <= 3),
        "recall@5": _share(ranks <= 5),
        "mrr@10": round(float(np.where(ranks <= _DEPTH, 1 / ranks, 0).mean()), 4),
        "answered": round(sum(one.answered for one in asked) / count, 4),
        "answered_right": round(sum(one.answered and one.right for one in asked) / count, 4),
        "clarified": round(len(clarified) / count, 4),
        "clarified_with_right": round(sum(one.offered for one in clarified) / count, 4),
        "withheld": round(sum(one.decision == "withhold" for one in asked) / count, 4),
        "oos_answered": round(sum(one.answered for one in stray) / len(stray), 4) if stray else None,
        "latency_ms": {
            "p50": round(float(np.percentile(times, 50)), 2),
            "p95": round(float(np.percentile(times, 95)), 2),
        },
    }


def _share(of: "np.ndarray[Any, np.dtype[np.bool_]]") -> float:
    return round(float(of.mean()), 4)


def read_revisions(path: Path) -> list[Revision]:
    """A JSONL file's entries as revisions, ids as they are. Raises BadQuestions at the first bad line."""
    found: list[Revision] = []
    for draft in _opened(path, lambda: jsonl.read(path, str)):
        if isinstance(draft, RowError):
            raise BadQuestions(str(draft))
        found.append(revision_of(draft.entry, 1, draft.content, "measure", NEVER))
    return found


def read_trials(path: Path, known: set[str]) -> Iterator[Trial]:
    """A JSONL file's questions. Raises BadQuestions for a bad line, or ids that no entry has."""
    for number, line in enumerate(_opened(path, lambda: _lines(path)), 1):
        if not line.strip():
            continue
        try:
            plain = json.loads(line)
            relevant = frozenset(str(one) for one in plain.get("relevant_ids", ()))
            trial = Trial(str(plain["query"]), relevant, str(plain.get("lang") or "de"))
        except (json.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
            raise BadQuestions(f'{path}:{number}: is no {{"query": …, "relevant_ids": […]}} line ({error})') from None
        if relevant and not relevant & known:
            raise BadQuestions(f"{path}:{number}: none of {sorted(relevant)} is an entry of the FAQ")
        yield trial


def _lines(path: Path) -> Iterator[str]:
    """Lines end with a line feed and nowhere else: U+2028 and its like may stand in a question. Raises BadQuestions."""
    for number, raw in enumerate(path.read_bytes().split(b"\n"), 1):
        try:
            yield raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            where, byte = error.start + 1, raw[error.start]
            raise BadQuestions(
                f"{path}:{number}: is not UTF-8 (byte {where} is 0x{byte:02x}); save the file as UTF-8"
            ) from None


def _opened(path: Path, read: Callable[[], Sequence[Any] | Iterator[Any]]) -> Iterator[Any]:
    try:
        yield from read()
    except OSError as error:
        raise BadQuestions(f"{path}: cannot be read ({error.strerror})") from error
    except Unreadable as error:
        raise BadQuestions(f"{path}: {error.message}") from None

"""`make eval`: how good the answers are, on the question sets beside the checkout and on the sample town's trials.

Writes var/reports/eval.json and prints a table. Sets that are not there are named and left out.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from bot.composition import SAMPLE_TOWN
from bot.processes.models import encoder_loader
from bot.settings import project_root, read
from faq.entry import Draft
from faq.measure import evaluate
from faq.sources import export
from faq.sources.yaml_corpus import read as read_corpus

DATA = project_root().parent / "shared" / "data"
SETS = ("omos-muenchen", "munich-services")
SHOWN = ("n", "recall@1", "recall@3", "mrr@10", "answered", "answered_right", "clarified", "withheld", "oos_answered")


def main() -> int:
    """Measure, print, write."""
    settings = read()
    encoder, cache = encoder_loader(settings)
    figures: dict[str, Any] = {}
    for name, faq, queries, oos in places():
        figures[name] = evaluate(faq, queries, oos, encoder=encoder, cache=cache, progress=tell)
    with TemporaryDirectory() as folder:
        for name, faq, queries, oos in town(Path(folder)):
            figures[name] = evaluate(faq, queries, oos, encoder=encoder, cache=cache, progress=tell)
    report = project_root() / "var" / "reports" / "eval.json"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(json.dumps(figures, indent=1), "utf-8")
    print(f"{'':<18}" + "".join(f"{name:>15}" for name in SHOWN))
    for name, found in figures.items():
        print(f"{name:<18}" + "".join(f"{found.get(column, ''):>15}" for column in SHOWN))
    print(f"Written to {report.relative_to(project_root())}")
    return 0


def places() -> Iterator[tuple[str, Path, Path, Path | None]]:
    """Sets of the workplace, where they are there."""
    for name in SETS:
        if not (DATA / name).is_dir():
            print(f"{name}: not there ({DATA / name}), left out")
            continue
        outside = DATA / "out-of-scope" / "oos.jsonl"
        yield name, DATA / name / "faq.jsonl", DATA / name / "queries.jsonl", outside if outside.is_file() else None


def town(folder: Path) -> Iterator[tuple[str, Path, Path, Path]]:
    """The sample town's entries and trials as JSON lines."""
    faq = folder / "faq.jsonl"
    export(faq, [d for d in read_corpus(SAMPLE_TOWN) if isinstance(d, Draft)])
    outside = folder / "oos.jsonl"
    kinds = yaml.safe_load((SAMPLE_TOWN / "trials" / "out_of_scope.yml").read_text("utf-8"))["kinds"]
    lines(outside, [{"query": q, "lang": "de"} for kind in kinds.values() for q in kind["trials"]])
    for language in ("de", "en"):
        trials = yaml.safe_load((SAMPLE_TOWN / "trials" / f"{language}.yml").read_text("utf-8"))["trials"]
        queries = folder / f"{language}.jsonl"
        lines(
            queries,
            [{"query": q, "relevant_ids": [e], "lang": language} for e, some in trials.items() for q in some],
        )
        yield f"lindenfurt {language}", faq, queries, outside


def lines(path: Path, rows: list[dict[str, Any]]) -> None:
    """Write JSON lines."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


def tell(step: str, share: float) -> None:
    """Progress where a person watches."""
    if sys.stderr.isatty():
        print(f"\r{step:<24} {share:4.0%}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())

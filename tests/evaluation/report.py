"""How it is told: a table on the terminal, eval.json, eval.html with the plots, and a block in docs/evaluation.md."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from bot.settings import project_root
from faq.fitting.observe import LEFT_OUT, STRANGERS
from nlu.measure import lines as understood

REPORTS = project_root() / "var" / "reports"
DOCS = project_root() / "docs" / "evaluation.md"
SHOWN = (
    "n", "recall@1", "recall@3", "mrr@10", "answered", "precision", "bound", "clarified", "clarified_with_right",
    "withheld",
)  # fmt: skip
NEGATIVE = ("stray_n", "oos_answered", "outside_answered", "strangers_answered", "left_out_n", "left_out_answered")
UNSEEN = ("n", "answered", "precision", f"{STRANGERS} answered", f"{LEFT_OUT} answered")
_BEGIN, _END = "<!-- made by `make eval`, from here -->", "<!-- to here -->"


def write(found: Mapping[str, Any], plots: Sequence[str]) -> list[Path]:
    """eval.json and eval.html."""
    REPORTS.mkdir(parents=True, exist_ok=True)
    plain, page = REPORTS / "eval.json", REPORTS / "eval.html"
    plain.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
    told = "".join(f"<pre>{escape(block)}</pre>" for block in blocks(found))
    drawn = "".join(f"<figure>{plot}</figure>" for plot in plots)
    page.write_text(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>How good the answers are</title>'
        "<style>body{font:15px sans-serif;max-width:1100px;margin:2em auto}pre{overflow-x:auto}"
        "figure{display:inline-block;margin:0 1em 1em 0}</style>"
        f"<h1>How good the answers are</h1>{drawn}{told}</html>",
        "utf-8",
    )
    return [plain, page]


def write_docs(found: Mapping[str, Any]) -> None:
    """The block of docs/evaluation.md, between its two marks."""
    text = DOCS.read_text("utf-8")
    told = "\n\n".join(markdown(found))
    fresh = re.sub(
        f"{re.escape(_BEGIN)}.*{re.escape(_END)}", lambda _: f"{_BEGIN}\n\n{told}\n\n{_END}", text, flags=re.S
    )
    DOCS.write_text(fresh, "utf-8")


def blocks(found: Mapping[str, Any]) -> Iterator[str]:
    """The tables as text."""
    yield _columns("Questions with an answer", found["sets"], SHOWN)
    yield _columns("Questions without one: share answered", _strays(found), NEGATIVE)
    yield "Goals\n" + "\n".join(found["goals"])


def markdown(found: Mapping[str, Any]) -> Iterator[str]:
    """The same for the documentation."""
    yield _table(found["sets"], SHOWN)
    yield _table(_strays(found), NEGATIVE)
    if found.get("kept_apart"):
        yield from _kept_apart(found["kept_apart"])
    if found.get("unseen"):
        yield "By the general thresholds and a probability fitted without the set:"
        yield _table({name: _unseen(name, kinds) for name, kinds in found["unseen"].items()}, UNSEEN)
    if found.get("ablation"):
        yield "\n".join(found["ablation_lines"])
    if found.get("nlu"):
        yield "\n".join(understood(found["nlu"]))
    latency = found["latency"]
    yield f"A whole answer, encoding included, one thread: p50 {latency['p50']:.0f} ms, p95 {latency['p95']:.0f} ms."
    yield "```\n" + "\n".join(found["goals"]) + "\n```"


def _kept_apart(told: Mapping[str, Any]) -> Iterator[str]:
    entries = told["by_entry"]
    yield (
        f"The sample town's certificate, on the half of its German and English trials that no fit has seen: "
        f"{told['right']} of {told['answered']} answers right ({told['precision']:.3f}; proved at 95 %: at least "
        f"{told['bound']:.3f}), {told['coverage']:.1%} of {told['asked']} questions answered. They are about "
        f"{entries['entries']} entries, {entries['faultless']} of them without a wrong answer; with entries drawn "
        f"instead of questions it is at least {entries['bound']:.3f}."
    )
    yield "Questions without an answer, of the half that was kept apart:"
    yield _table(told["stray"], ("n", "answered"))


def _unseen(name: str, kinds: Mapping[str, Any]) -> dict[str, Any]:
    own = kinds[name]
    stray = {f"{kind} answered": kinds[kind]["answered"] if kind in kinds else None for kind in (STRANGERS, LEFT_OUT)}
    return {"n": own["n"], "answered": own["answered"], "precision": own["precision"], **stray}


def _strays(found: Mapping[str, Any]) -> dict[str, Any]:
    return {name: figures for name, figures in found["sets"].items() if figures["stray_n"] or figures["left_out_n"]}


def _shown(value: object) -> str:
    return "" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)


def _columns(title: str, rows: Mapping[str, Mapping[str, Any]], names: Sequence[str]) -> str:
    width = max(len(name) for name in (*rows, title)) + 2
    lines = [f"{title:<{width}}" + "".join(f"{name:>22}" if len(name) > 14 else f"{name:>14}" for name in names)]
    for name, row in rows.items():
        cells = [(22 if len(column) > 14 else 14, _shown(row[column])) for column in names]
        lines.append(f"{name:<{width}}" + "".join(f"{cell:>{wide}}" for wide, cell in cells))
    return "\n".join(lines)


def _table(rows: Mapping[str, Mapping[str, Any]], names: Sequence[str]) -> str:
    lines = ["| | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    lines += [f"| {name} | " + " | ".join(_shown(row[column]) for column in names) + " |" for name, row in rows.items()]
    return "\n".join(lines)

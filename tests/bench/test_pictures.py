"""Plots are well-formed pictures with everything inside the frame; the report names what was measured."""

import copy
import math
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench import report
from tests.bench.plot import HEIGHT, WIDTH, Axis, Band, Series, plot

numbers = st.floats(-10, 1e6).map(lambda value: round(value, 2))  # as they are measured
points = st.lists(st.tuples(numbers, numbers), max_size=60)
SUMS = {"n": 2, "p50": 40.0, "p95": 90.0, "p99": 95.0, "max": 99.0}
LOAD = {"asked": 2, "ack_ms": SUMS, "reply_ms": SUMS, "errors": 0, "unanswered": 0, "refused_sends": 0}
LOAD |= {"machine_busy": 0.5, "offered_per_s": 10.0, "replies_per_s": 9.9, "seconds": 19.0}
BURST = {"drained_s": 21.0, "replied_at": [1.0, 2.0], "chats": 1, "recognised": 2, "out_of_order": 0, "said_twice": 0}
RESULTS: dict[str, Any] = {
    "about": {"at": "today", "machine": "2 cores", "commit": "abc", "questions": "two", "short": False},
    "scenarios": {
        "steady": LOAD | {"latencies_ms": [40.0, 90.0], "cpu_ms_per_message": {"all": 50.0}},
        "burst": LOAD | BURST,
        "faq": {"failed": "RuntimeError: no"},
        "ratio": {"skipped": "no Rasa"},
    },
    "faults": [],
}


@given(points, points, st.booleans(), st.booleans())
def test_a_plot_is_well_formed_and_inside_its_frame(
    one: list[tuple[float, float]], two: list[tuple[float, float]], log_x: bool, log_y: bool
) -> None:
    drawn = [Series("<one> & more", one), Series("two", two, dots=True)]
    root = ET.fromstring(plot("a < b", Axis("x", log_x), Axis("y", log_y), drawn, limit=500.0))
    for dot in root.iter("{http://www.w3.org/2000/svg}circle"):
        assert 0 <= float(dot.attrib["cx"]) <= WIDTH
        assert 0 <= float(dot.attrib["cy"]) <= HEIGHT


def test_what_a_logarithm_cannot_show_is_left_out() -> None:
    svg = plot("t", Axis("x", True), Axis("y", True), [Series("s", [(0, 1), (1, 0), (10, math.nan), (100, 10)], True)])
    assert svg.count("<circle") == 1
    assert "nothing measured" in plot("t", Axis("x"), Axis("y"), [])
    assert "Rasa stopped" in plot(
        "t", Axis("x"), Axis("y"), [Series("s", [(0, 1), (9, 2)])], [Band(1, 2, "Rasa stopped")]
    )


def test_the_report_sets_figures_beside_their_aims(tmp_path: Path) -> None:
    report.write(RESULTS, tmp_path)
    told = (tmp_path / "report.md").read_text("utf-8")
    assert "| reply p50 at 10 messages/s, ms | ≤ 80 | 40.0 | met |" in told
    assert "| a burst of 500 drained, s | ≤ 20 | 21.0 | missed |" in told
    widths = {line.count("|") for line in told.splitlines() if line.startswith("| ") and "steady" in line}
    assert widths == {next(line for line in told.splitlines() if line.startswith("| scenario")).count("|")}
    assert "- **faq** failed: RuntimeError: no" in told
    assert "- **ratio** left out: no Rasa" in told
    assert {p.name for p in tmp_path.iterdir()} == {"report.md", "results.json", "steady.svg", "burst.svg"}


def test_a_short_run_claims_nothing(tmp_path: Path) -> None:
    short = copy.deepcopy(RESULTS)
    short["about"]["short"] = True
    report.write(short, tmp_path)
    told = (tmp_path / "report.md").read_text("utf-8")
    assert "mean nothing" in told
    assert "met" not in told.split()


def test_a_run_is_published_into_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page, images = tmp_path / "bench.md", tmp_path / "images"
    before = report.PAGE.read_text("utf-8")
    assert before.count(report.MARK) == before.count(report.END) == 1
    page.write_text(before, "utf-8")
    monkeypatch.setattr(report, "PAGE", page)
    monkeypatch.setattr(report, "IMAGES", images)
    report.write(RESULTS, tmp_path / "out")
    for _ in range(2):  # again and again
        report.publish(tmp_path / "out")
        told = page.read_text("utf-8")
        assert told.startswith(before.partition(report.MARK)[0])
        assert told.endswith(before.partition(report.END)[2])
        assert told.count("(images/bench/steady.svg)") == 1
    assert {p.name for p in images.iterdir()} == {"steady.svg", "burst.svg"}

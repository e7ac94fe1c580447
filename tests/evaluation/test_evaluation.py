"""What the evaluation tells of its figures, on a handful made up."""

import xml.etree.ElementTree as ET
from typing import Any

import pytest

from faq.measure import Asked, Trial
from tests.evaluation import plots, report
from tests.evaluation.goals import Goal, goals
from tests.evaluation.measures import Measured, kept_apart, reliability, risk_coverage, told


def asked(count: int, right: int, answered: int) -> list[Asked]:
    """Surest first; the first `right` are right, the first `answered` answered."""
    return [
        Asked(
            Trial(f"q{n}", frozenset([f"e{n}"]), "de"),
            1.0 if n < right else 2.0,
            "answer" if n < answered else "withhold",
            False,
            1.0,
            1 - n / count,
        )
        for n in range(count)
    ]


def test_figures_of_a_set() -> None:
    one = Measured("x", False, asked(100, 90, 80), asked(10, 0, 1), asked(10, 0, 0), asked(20, 0, 5))
    found = told(one)
    assert (found["answered"], found["precision"], found["recall@1"]) == (0.8, 1.0, 0.9)
    assert found["bound"] == pytest.approx(0.9632, abs=1e-4)
    assert (found["outside_answered"], found["oos_answered"], found["left_out_answered"]) == (0.1, 0.05, 0.25)


def test_the_certificate_counts_only_what_was_kept_apart() -> None:
    every = Measured("x", True, asked(1000, 1000, 1000), (), asked(400, 0, 400), asked(600, 0, 0))
    found = kept_apart([every], {})
    assert 400 < found["asked"] < 600
    assert found["by_entry"]["entries"] == found["answered"] == found["asked"]
    assert 150 < found["stray"]["strangers"]["n"] < 250
    assert found["stray"]["strangers"]["answered"] == 1
    assert 250 < found["stray"]["left out"]["n"] < 350
    assert "outside" not in found["stray"]


def test_stray_questions_are_told_by_kind() -> None:
    outside = asked(400, 0, 100)
    kinds = {"near": [one.trial for one in outside[:200]], "nonsense": [one.trial for one in outside[200:]]}
    stray = kept_apart([Measured("x", True, asked(100, 90, 80), outside, asked(50, 0, 0), ())], kinds)["stray"]
    assert stray["near"]["n"] + stray["nonsense"]["n"] == stray["outside"]["n"]
    assert stray["nonsense"]["answered"] == stray["strangers"]["answered"] == 0
    assert stray["near"]["answered"] > stray["outside"]["answered"] > stray["outside and strangers"]["answered"] > 0


def test_risk_falls_with_coverage_where_the_probability_is_good() -> None:
    curve = risk_coverage(asked(200, 150, 0))
    assert curve[0][1] == 0
    assert curve[-1] == (1.0, 0.25)
    assert sum(count for _, _, count in reliability(asked(200, 150, 0))) == 200


def test_goals_are_judged_one_by_one() -> None:
    assert Goal("share", 0.6, 0.6).met
    assert not Goal("strangers", 0.02, 0.021, most=True).met
    assert str(Goal("strangers", 0.02, 0.021, most=True)).startswith("MISSED")
    ablation: dict[str, Any] = {"fused": {"a": (0.8, 0.9)}, "-title": {"a": (0.9, 0.9)}, "title": {"a": (0.81, 0.9)}}
    (one,) = goals({}, None, ablation, {})
    assert "(title)" in one.name
    assert not one.met


def test_near_a_goal_four_digits_are_told() -> None:
    assert ": 0.9197 (≥ 0.92)" in str(Goal("recall", 0.92, 0.91968))
    assert ": 0.850 (≥ 0.92)" in str(Goal("recall", 0.92, 0.85))


def test_goals_are_judged_by_what_no_fit_has_seen() -> None:
    name = "omos-muenchen"
    sets: dict[str, Any] = {name: {"recall@1": 0.93, "recall@3": 0.99}}
    seen = [goal for goal in goals(sets, None, {}, {}) if "recall" in goal.name]
    assert [(goal.met, "fitted with it" in goal.name) for goal in seen] == [(True, True)] * 2
    ablation: dict[str, Any] = {"fused": {name: (0.91, 0.98)}, "title": {name: (0.5, 0.6)}}
    unseen = [goal for goal in goals(sets, None, ablation, {}) if "recall" in goal.name]
    assert [(goal.met, "fitted without it" in goal.name) for goal in unseen] == [(False, True)] * 2
    kinds: dict[str, Any] = {
        name: {"precision": 0.89, "answered": 0.3, "n": 189},
        "strangers": {"precision": 0.0, "answered": 0.01, "n": 846},
        "left out": {"precision": 0.0, "answered": 0.2, "n": 100},
    }
    assert [goal.met for goal in goals({}, None, {}, {name: kinds})] == [False, True, True, False]


def test_near_misses_have_a_goal_that_strangers_cannot_hide() -> None:
    stray = {"outside": {"n": 200, "answered": 0.04}, "strangers": {"n": 800, "answered": 0.005}}
    stray["outside and strangers"] = {"n": 1000, "answered": 0.012}
    found = {goal.name: goal.met for goal in goals({}, {"coverage": 0.6, "bound": 0.96, "stray": stray}, {}, {})}
    assert [name for name, met in found.items() if not met] == ["lindenfurt: outside answered (of 200)"]
    assert len(found) == 5


def test_plots_are_well_formed() -> None:
    for plot in (
        plots.curves("a & b", "x", "y", {"<one>": [(0, 0), (1, 1)]}),
        plots.reliability("r", {"one": [(0.5, 0.5, 3)]}),
        plots.bars("b", {"topic": (0.5, 3)}),
        plots.histogram("h", "ms", [1.0, 2.0, 3.0]),
    ):
        assert ET.fromstring(plot).tag.endswith("svg")


def test_only_the_block_of_the_documentation_is_made_anew(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "evaluation.md"
    page.write_text(f"before\n{report._BEGIN}\nstale words\n{report._END}\nafter\n", "utf-8")
    monkeypatch.setattr(report, "DOCS", page)
    apart = kept_apart([Measured("x", True, asked(100, 90, 80), asked(50, 0, 1), (), ())], {})
    kinds = {"omos": {"n": 9, "answered": 0.5, "precision": None}, "left out": {"n": 3, "answered": 0.125}}
    found: dict[str, Any] = {"sets": {}, "goals": ["met    x"], "latency": {"p50": 1, "p95": 2}}
    report.write_docs(found | {"kept_apart": apart, "unseen": {"omos": kinds}})
    text = page.read_text("utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "stale words" not in text
    assert f"{apart['right']} of {apart['answered']} answers right" in text
    assert f"about {apart['by_entry']['entries']} entries" in text
    assert f"| outside | {apart['stray']['outside']['n']} | " in text
    assert "| omos | 9 | 0.500 |  |  | 0.125 |" in text
    assert "met    x" in text

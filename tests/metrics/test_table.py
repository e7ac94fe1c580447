"""The table of metrics: everything on a page is documented, named by Prometheus' conventions, and about nobody."""

import re
from pathlib import Path

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from bot.metrics.kinds import EVERY, Known
from bot.metrics.metrics import PROCESS, Metrics

PAGE = Path(__file__).resolve().parents[2] / "docs" / "metrics.md"
TABLE = Metrics().table


def on_the_page(metrics: Metrics) -> set[str]:
    """Names of the families as Prometheus would read them, counters with their _total."""
    families = text_string_to_metric_families(generate_latest(metrics.registry).decode())
    return {f.name + ("_total" if f.type == "counter" else "") for f in families}


def everything_told(metrics: Metrics) -> Metrics:
    """Every gauge knows something."""
    for gauge in vars(metrics).values():
        if isinstance(gauge, Known):
            (family,) = gauge.describe()
            (row,) = (row for row in TABLE if row.name == family.name)
            gauge.set(1, *("x" for _ in row.labels))
    return metrics


@pytest.mark.parametrize("process", EVERY)
def test_a_page_has_what_the_table_says_of_its_process_and_nothing_else(process: str) -> None:
    metrics = everything_told(Metrics(process, ("telegram",), "1.2.3"))
    assert on_the_page(metrics) == {row.name for row in TABLE if process in row.where} | set(PROCESS)


def test_the_documentation_names_every_metric_with_its_labels() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", PAGE.read_text("utf-8"), re.MULTILINE))
    assert set(rows) == {row.name for row in TABLE} | set(PROCESS)
    for row in TABLE:
        assert row.about in rows[row.name]
        for label, values in row.labels.items():
            assert f"`{label}`" in rows[row.name]
            assert all(value in rows[row.name] for value in values)


def test_names_and_units_follow_the_conventions() -> None:
    assert len({row.name for row in TABLE}) == len(TABLE)
    for row in TABLE:
        assert re.fullmatch(r"stadtbote_[a-z]+(_[a-z]+)*", row.name), row.name
        assert row.name.endswith("_total") == (row.kind == "counter"), row.name
        assert row.name.endswith("_seconds") or row.kind != "histogram", row.name
        assert not re.search(r"_(ms|milliseconds|minutes|mb|kb|percent)(_|$)", row.name), row.name
        assert row.about.endswith("."), row.name


def test_labels_are_a_few_fixed_words() -> None:
    for row in TABLE:
        for label, values in row.labels.items():
            assert label not in {"id", "chat", "conversation", "part_id", "user", "clerk", "text", "intent", "lane"}
            if (row.name, label) not in {("stadtbote_info", "version")} and label != "channel":
                assert 1 <= len(values) <= 8, (row.name, label)


def test_every_known_series_is_there_from_the_start() -> None:
    registry = Metrics("web", ("telegram", "web")).registry
    for channel in ("telegram", "web"):
        for outcome in ("accepted", "duplicate", "refused", "unavailable"):
            labels = {"channel": channel, "outcome": outcome}
            assert registry.get_sample_value("stadtbote_arrivals_total", labels) == 0


def test_what_nobody_measured_is_absent_and_not_zero() -> None:
    metrics = Metrics("clock")
    age = "stadtbote_oldest_unhandled_seconds"
    assert metrics.registry.get_sample_value(age) is None
    metrics.oldest_unhandled.set(0)
    assert metrics.registry.get_sample_value(age) == 0
    metrics.oldest_unhandled.forget()
    assert metrics.registry.get_sample_value(age) is None


def test_two_processes_share_no_numbers() -> None:
    one, other = Metrics("worker"), Metrics("worker")
    one.conflicts.inc()
    assert one.registry.get_sample_value("stadtbote_conflicts_total") == 1
    assert other.registry.get_sample_value("stadtbote_conflicts_total") == 0


def test_a_gauge_refuses_labels_it_does_not_have() -> None:
    with pytest.raises(ValueError, match="stadtbote_part_up"):
        Metrics().parts.set(1)

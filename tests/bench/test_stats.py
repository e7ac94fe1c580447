"""Percentiles are values that were measured, and as many lie at or below them as they say."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench.stats import latencies, percentile


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=200), st.floats(0.01, 1.0))
def test_the_smallest_value_that_enough_do_not_exceed(values: list[float], share: float) -> None:
    found = percentile(values, share)
    needed = share * len(values) - 1e-6
    assert found in values
    assert sum(v <= found for v in values) >= needed
    smaller = [v for v in values if v < found]
    assert len(smaller) < needed


def test_known_percentiles() -> None:
    hundred = [n / 1000 for n in range(100, 0, -1)]
    assert latencies(hundred) == {"n": 100, "p50": 50.0, "p95": 95.0, "p99": 99.0, "max": 100.0}
    assert percentile([n / 20 for n in range(1, 21)], 0.95) == 0.95  # 0.95 * 20 is a little above 19 in binary


def test_nothing_measured_is_no_number() -> None:
    assert latencies([]) == {"n": 0, "p50": None, "p95": None, "p99": None, "max": None}
    assert math.isnan(percentile([], 0.5))
    with pytest.raises(ValueError, match="share"):
        percentile([1.0], 0.0)

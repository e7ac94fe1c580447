"""Percentiles and small summaries of latencies. Seconds in, milliseconds out."""

import math
import statistics
from collections.abc import Sequence
from typing import Any

SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that is not exceeded by that share of them (nearest rank); NaN of nothing.

    No interpolation: a p99 of 100 values is one that was measured.
    """
    if not 0 < share <= 1:
        raise ValueError("share is above 0 and at most 1")
    if not values:
        return math.nan
    ordered = sorted(values)
    # A hair of tolerance: 0.95 * 20 is a little more than 19 in binary.
    return ordered[max(0, math.ceil(share * len(ordered) - 1e-9) - 1)]


def latencies(seconds: Sequence[float]) -> dict[str, Any]:
    """n, p50, p95, p99 and max in milliseconds; None where nothing was measured."""
    found: dict[str, Any] = {"n": len(seconds)}
    for name, share in SHARES.items():
        found[name] = _ms(percentile(seconds, share))
    found["max"] = _ms(max(seconds, default=math.nan))
    return found


def middle(values: Sequence[float]) -> float | None:
    """The median, None of nothing."""
    return round(statistics.median(values), 3) if values else None


def _ms(seconds: float) -> float | None:
    return None if math.isnan(seconds) else round(seconds * 1000, 2)

"""Which pictures a run's results make: name of the file and SVG."""

from collections.abc import Iterator
from typing import Any

from tests.bench.plot import Axis, Band, Series, plot

SECONDS = Axis("seconds since the start")
REPLY = Axis("milliseconds until the reply", log=True)


def pictures(results: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Those of the scenarios that were measured."""
    if found := _measured(results, "steady"):
        some = found["latencies_ms"]
        share = [(ms, 100 * (n + 1) / len(some)) for n, ms in enumerate(some)]
        axes = Axis("milliseconds until the reply", log=True), Axis("% of the replies")
        yield "steady", plot("Reply latency at an ordinary load", *axes, [Series("replies", share)])
    if found := _measured(results, "sustained"):
        yield "sustained", plot("Sustained load", SECONDS, REPLY, [Series("a message", found["timeline"], True)])
    if found := _measured(results, "burst"):
        points = [(at, float(n + 1)) for n, at in enumerate(found["replied_at"])]
        yield "burst", plot("A burst drains", SECONDS, Axis("replies seen"), [Series("replies", points)])
    if found := _measured(results, "rasa"):
        band = Band(found["stopped_at"], found["continued_at"], "Rasa stopped")
        series = [Series("a message", found["timeline"], True)]
        yield "rasa-stopped", plot("Rasa stops and goes on", SECONDS, REPLY, series, [band], 500.0)
    if found := _measured(results, "faq"):
        yield from _faq(found["rows"])
    if found := _measured(results, "conversations"):
        yield "conversations", _conversations(found["rows"])


def _measured(results: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = results["scenarios"].get(name) or {}
    return {} if "failed" in found or "skipped" in found else found


def _faq(rows: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    entries = Axis("entries", log=True)
    lines = [Series(f"search {p}", [(r["entries"], r["search_ms"][p]) for r in rows]) for p in ("p50", "p95")]
    yield "faq-search", plot("Search by size of the FAQ", entries, Axis("milliseconds", log=True), lines)
    lines = [
        Series("seconds to build", [(r["entries"], r["build_s"]) for r in rows]),
        Series("MiB of the index", [(r["entries"], r["index_mib"]) for r in rows]),
    ]
    yield "faq-index", plot("The index by size of the FAQ", entries, Axis("seconds, MiB", log=True), lines)


def _conversations(rows: list[dict[str, Any]]) -> str:
    lines = [
        Series("turn p50", [(r["conversations"], r["turn_ms"]["p50"] or 0) for r in rows]),
        Series("handoff p50", [(r["conversations"], r["handoff_ms"]["p50"] or 0) for r in rows]),
        Series("queue page p50", [(r["conversations"], r["page_ms"]["p50"]) for r in rows if r["page_ms"]]),
        Series("clock, ms of CPU a second", [(r["conversations"], 1000 * r["clock_share"]) for r in rows]),
    ]
    x, y = Axis("open conversations", log=True), Axis("milliseconds", log=True)
    return plot("Cost by open conversations", x, y, lines)

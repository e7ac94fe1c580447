"""A run's results in words: figures beside their aims, tables, pictures. Markdown; numbers as in results.json."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.settings import project_root
from tests.bench.pictures import pictures

MARK, END = "<!-- results: python -m tests.bench --publish -->", "<!-- end of results -->"
PAGE = project_root() / "docs" / "bench.md"
IMAGES = project_root() / "docs" / "images" / "bench"


def write(results: dict[str, Any], out: Path) -> None:
    """results.json, report.md and the pictures; may be called after each scenario."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "results.json").write_text(json.dumps(results, indent=1), "utf-8")
    drawn = []
    for name, svg in pictures(results):
        (out / f"{name}.svg").write_text(svg, "utf-8")
        drawn.append(name)
    (out / "report.md").write_text("# Bench\n\n" + "\n".join(body(results, drawn, "")) + "\n", "utf-8")


def publish(out: Path) -> None:
    """Put a run's report and pictures into docs/bench.md."""
    results = json.loads((out / "results.json").read_text("utf-8"))
    shutil.rmtree(IMAGES, ignore_errors=True)
    IMAGES.mkdir(parents=True)
    drawn = []
    for name, svg in pictures(results):
        (IMAGES / f"{name}.svg").write_text(svg, "utf-8")
        drawn.append(name)
    before, _, rest = PAGE.read_text("utf-8").partition(MARK)
    after = rest.partition(END)[2]
    told = "\n".join(body(results, drawn, "images/bench/"))
    PAGE.write_text(f"{before}{MARK}\n\n{told}\n{END}{after}", "utf-8")


def body(results: dict[str, Any], drawn: list[str], images: str) -> Iterator[str]:
    """The lines of the report."""
    about, done = results["about"], results["scenarios"]
    yield f"Measured {about['at']} on {about['machine']}, commit {about['commit']}."
    yield f"Questions: {about['questions']}."
    if about["short"]:
        yield "\nA short run: it shows that the machinery works; its figures mean nothing."
    yield ""
    if not about["short"]:
        yield from aims(done)
    for name, found in done.items():
        if "failed" in found or "skipped" in found:
            what = "failed" if "failed" in found else "left out"
            yield f"- **{name}** {what}: {found.get('failed') or found['skipped']}"
    loads = {n: f for n, f in done.items() if "reply_ms" in f}
    if loads:
        yield from _loads(loads)
    if "ratio" in done and "blocks" in done["ratio"]:
        yield from _ratio(done["ratio"])
    if "memory" in done and "processes" in done["memory"]:
        yield from _memory(done["memory"])
    if "rows" in done.get("faq", {}):
        yield from _faq(done["faq"]["rows"])
    if "rows" in done.get("conversations", {}):
        yield from _conversations(done["conversations"]["rows"])
    if "talk_ms" in done.get("consoles", {}):
        yield from _consoles(done["consoles"])
    if "p95_ratio" in done.get("edits", {}):
        yield from _edits(done["edits"])
    for fault in results["faults"]:
        yield f"- **Fault:** {fault}"
    for name in drawn:
        yield f"\n![{name.replace('-', ' ')}]({images}{name}.svg)"


def aims(done: dict[str, Any]) -> Iterator[str]:
    """The figures that were asked for, beside what was measured."""
    rows = [row for row in _aims(done) if row[2] is not None]
    if rows:
        yield from table(("figure", "aim", "measured", ""), [(*row[:3], "met" if row[3] else "missed") for row in rows])


def _aims(done: dict[str, Any]) -> Iterator[tuple[str, str, Any, bool]]:
    def of(name: str, *path: str) -> Any:
        found = done.get(name, {})
        for step in path:
            found = found.get(step) if isinstance(found, dict) else None
        return found

    def most(label: str, limit: float, unit: str, value: Any) -> tuple[str, str, Any, bool]:
        return label, f"≤ {limit:g}{unit}", value, value is not None and value <= limit

    yield most("acknowledgement p99 at 100 updates/s, workers saturated, ms", 50, "", of("ack", "ack_ms", "p99"))
    yield most("errors there", 0, "", of("ack", "errors"))
    yield most("reply p50 at 10 messages/s, ms", 80, "", of("steady", "reply_ms", "p50"))
    yield most("reply p95 at 10 messages/s, ms", 200, "", of("steady", "reply_ms", "p95"))
    yield most("errors at 25 messages/s for five minutes", 0, "", of("sustained", "errors"))
    yield most("messages without a reply there", 0, "", of("sustained", "unanswered"))
    yield most("a burst of 500 drained, s", 20, "", of("burst", "drained_s"))
    yield most("messages without a reply there", 0, "", of("burst", "unanswered"))
    yield most("chats out of order there", 0, "", of("burst", "out_of_order"))
    ratio = of("ratio", "ratio")
    yield "turns per CPU second against a stock Rasa", "≥ 1.5", ratio, ratio is not None and ratio >= 1.5
    yield most("Rasa stopped: p95 after two seconds, ms", 500, "", of("rasa", "after_two_seconds_ms", "p95"))
    yield most("late replies when it goes on", 0, "", of("rasa", "late_replies"))
    yield most(
        "a word on the clerk's screen, 50 consoles, 10 messages/s: p95, ms", 300, "", of("consoles", "talk_ms", "p95")
    )
    yield most("words and handoffs that no screen showed", 0, "", of("consoles", "not_shown"))
    yield most("editing 10,000 entries: reply p95, times its usual", 1.5, "", of("edits", "p95_ratio"))
    yield most("answers of two releases there", 0, "", of("edits", "mixed"))
    yield most("messages without a reply there", 0, "", of("edits", "unanswered"))
    memory = of("memory", "web_worker_clock_valkey_mib")
    yield most("web, worker, clock and Valkey together, MiB (PSS)", 1331.2, "", memory)
    holding = of("memory", "holding_the_encoder")
    yield "processes that hold the encoder", "1", holding, holding == 1


def table(head: tuple[str, ...], rows: list[tuple[Any, ...]]) -> Iterator[str]:
    """A Markdown table and an empty line."""
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join("" if cell is None else str(cell) for cell in row) + " |"
    yield ""


def _loads(loads: dict[str, dict[str, Any]]) -> Iterator[str]:
    yield "### Load\n"
    head = (
        "scenario",
        "asked",
        "offered/s",
        "replies/s",
        "machine busy",
        "ack p50",
        "p95",
        "p99",
        "reply p50",
        "p95",
        "p99",
        "errors",
        "without a reply",
        "sends refused",
    )
    shares = ("p50", "p95", "p99")
    rows = [
        (
            name,
            f["asked"],
            f["offered_per_s"],
            f["replies_per_s"],
            f"{100 * f['machine_busy']:.0f} %",
            *(f["ack_ms"][p] for p in shares),
            *(f["reply_ms"][p] for p in shares),
            f["errors"],
            f["unanswered"],
            f["refused_sends"],
        )
        for name, f in loads.items()
    ]
    yield from table(head, rows)
    yield "Latencies in milliseconds from the planned arrival. `ack` offers more than can be answered in its time.\n"
    if per := loads.get("steady", {}).get("cpu_ms_per_message"):
        yield "### CPU per message\n"
        yield from table(("process", "milliseconds"), sorted(per.items(), key=lambda item: -item[1]))
    if "burst" in loads and "chats" in loads["burst"]:
        b = loads["burst"]
        yield (
            f"Burst: {b['asked']} messages in {b['chats']} chats, drained in {b['drained_s']} s; {b['recognised']} "
            f"answers known by their words, {b['out_of_order']} chats out of order, {b['said_twice']} said twice.\n"
        )


def _ratio(found: dict[str, Any]) -> Iterator[str]:
    yield "### Turns per CPU second\n"
    rows: list[tuple[Any, ...]] = [
        (
            n + 1,
            b["ours"]["turns_per_cpu_s"],
            b["theirs"]["turns_per_cpu_s"],
            b["ratio"],
            b["ours"]["reply_ms"]["p50"],
            b["theirs"]["reply_ms"]["p50"],
        )
        for n, b in enumerate(found["blocks"])
    ]
    rows.append(("median", found["ours"], found["theirs"], found["ratio"], None, None))
    yield from table(("block", "ours", "stock Rasa", "ratio", "our reply p50, ms", "its reply p50, ms"), rows)
    free = found.get("stock_rasa_as_it_comes")
    if free:
        per = free["turns_per_cpu_s"]
        yield f"The stock Rasa with as many threads as it takes by itself: {per} turns per CPU second.\n"


def _memory(found: dict[str, Any]) -> Iterator[str]:
    yield "### Memory\n"
    rows: list[tuple[Any, ...]] = [(r["name"], r["pss_mib"], "yes" if r["encoder"] else "") for r in found["processes"]]
    rows.append(("**web, worker, clock, Valkey**", found["web_worker_clock_valkey_mib"], None))
    rows.append(("**all but Rasa**", found["without_rasa_mib"], None))
    yield from table(("process", "MiB (PSS)", "holds the encoder"), rows)


def _faq(rows: list[dict[str, Any]]) -> Iterator[str]:
    yield "### By size of the FAQ\n"
    yield "Entries and vectors are made up; the question's own vector is not in these times.\n"
    head = ("entries", "search p50, ms", "p95, ms", "building, s", "index, MiB")
    yield from table(
        head,
        [(r["entries"], r["search_ms"]["p50"], r["search_ms"]["p95"], r["build_s"], r["index_mib"]) for r in rows],
    )


def _conversations(rows: list[dict[str, Any]]) -> Iterator[str]:
    yield "### By open conversations\n"
    head = (
        "open",
        "turn p50, ms",
        "CPU, ms",
        "handoff p50, ms",
        "CPU, ms",
        "page p50, ms",
        "kB",
        "clock, % of a core",
    )
    yield from table(
        head,
        [
            (
                r["conversations"],
                r["turn_ms"]["p50"],
                r["turn_cpu_ms"],
                r["handoff_ms"]["p50"],
                r["handoff_cpu_ms"],
                r["page_ms"]["p50"] if r["page_ms"] else r["page_says"],
                r.get("page_kb"),
                round(100 * r["clock_share"], 1),
            )
            for r in rows
        ],
    )


def _edits(found: dict[str, Any]) -> Iterator[str]:
    yield "### Editing\n"
    yield (
        f"{found['edits']} edits in {found['releases']} releases and all {found['entries']} entries anew, at "
        f"{found['offered_per_s']:g} messages a second: reply p50 {found['reply_ms']['p50']} ms and "
        f"p95 {found['reply_ms']['p95']} ms; without "
        f"editors {found['usual_reply_ms']['p50']} ms and {found['usual_reply_ms']['p95']} ms. Of {found['answers']} "
        f"answers by {found['releases_seen']} releases {found['mixed']} were mixed. Saving a draft took "
        f"{found['save_ms']['p50']} ms, publishing a release "
        f"{found['publish_ms']['p50']} ms, the import of all entries {found['import_s']} s; the last one was in "
        f"force after {found['in_force_after_the_last_s']} s.\n"
    )


def _consoles(found: dict[str, Any]) -> Iterator[str]:
    yield "### Consoles\n"
    yield (
        f"{found['consoles']} consoles, {found['offered_per_s']:g} messages a second, {found['listed']} waiting in "
        f"every list in the end. The web process took {100 * found['web_share_of_a_core']:.0f} % of a core, "
        f"{found['cpu_ms_per_message'].get('web')} ms a message; the consoles fetched {found['fetches_per_s']} times "
        f"a second, {found['kb_per_fetch']} kB each.\n"
    )
    shares = ("n", "p50", "p95", "p99", "max")
    rows = [
        ("the messenger's acknowledgement", found["ack_ms"]),
        ("a word in the open conversation: the page is told", found["told_ms"]),
        ("a word in the open conversation: its words are there", found["talk_ms"]),
        ("somebody new, in every list", found["new_waiting_ms"]),
        ("a word of somebody who waits, in every list", found["words_in_lists_ms"]),
    ]
    if "witness" in found:
        rows.append(("the first in a real Chromium", found["witness"]["dom_ms"]))
    rows += [
        ("opening the inbox", found["pages_ms"]["inbox"]),
        ("opening a conversation of 500 lines", found["pages_ms"]["long_conversation"]),
        ("a search", found["pages_ms"]["search"]),
    ]
    yield from table(("milliseconds until it is there", *shares), [(name, *(f[s] for s in shares)) for name, f in rows])
    if "witness" in found:
        seen = found["witness"]
        yield f"Chromium: {seen['long_tasks']} tasks of more than 50 ms, the longest {seen['longest_ms']} ms.\n"

"""Makes docs/settings.md, status.md, metrics.md and the table in docs/lint.md from the code; `--check` compares."""

import sys
from dataclasses import fields
from pathlib import Path

from bot.console.words import texts
from bot.conversation import TRANSITIONS
from bot.metrics.metrics import PROCESS, Metrics
from bot.numbers.metric import METRICS, SPREADS, Take
from bot.settings import PREFIX, Settings
from faq.lint.lint import RULES

DOCS = Path(__file__).parent


def settings_page() -> str:
    """Every setting with its default."""
    rows = [
        "# Settings",
        "",
        "Read once at the start from the environment and from a file `.env` in the working directory; the environment",
        "wins. A wrong value stops the start with one sentence that says what to do. Made by `make docs` from",
        "`bot/settings.py`.",
        "",
        "| setting | default | what it does |",
        "|---|---|---|",
    ]
    for f in fields(Settings):
        # Not by equality: 1 is no "on".
        default = ("on" if f.default else "off") if isinstance(f.default, bool) else f.default
        secret = " *Secret: never in a log.*" if f.metadata["secret"] else ""
        shown = f"`{default}`" if default != "" else ""
        rows.append(f"| `{PREFIX}{f.name.upper()}` | {shown} | {f.metadata['about']}{secret} |")
    rows += [
        "",
        f"`{PREFIX}PYTHON310` names a Python 3.10 for Rasa's environment; `make run` reads it before anything else.",
        "",
    ]
    return "\n".join(rows)


def status_page() -> str:
    """The status diagram."""
    rows = [
        "# Who is acting: the status of a conversation",
        "",
        "Drawn from `TRANSITIONS` in `bot/status.py` by `make docs`. What is not drawn is refused.",
        "",
        "```mermaid",
        "stateDiagram-v2",
        "    [*] --> bot",
    ]
    for status, changes in TRANSITIONS.items():
        rows += [f"    {status} --> {target}: {change}" for change, target in changes.items()]
    return "\n".join([*rows, "```", ""])


def metrics_page() -> str:
    """Every metric with its labels."""
    rows = [
        "# Metrics",
        "",
        "Every web, worker and clock process serves `/metrics` and `/health` on a listener of its own, at",
        "`STADTBOTE_METRICS_HOST` and `STADTBOTE_METRICS_PORT`; under `stadtbote up` the first web process has that",
        "port, and the others count on from it. Never make it public. Times are in seconds, labels are a few fixed",
        "words, and nothing tells of one citizen. What has not been measured is absent, not zero. Dashboard and alarms",
        "are in `deploy/grafana/` and `deploy/prometheus/`. Made by `make docs` from `bot/metrics/metrics.py`.",
        "",
        "| metric | kind | told by | labels | what it says |",
        "|---|---|---|---|---|",
    ]
    for m in Metrics().table:
        labels = "; ".join(f"`{name}`" + (f" ({', '.join(v)})" if any(v) else "") for name, v in m.labels.items())
        rows.append(f"| `{m.name}` | {m.kind} | {', '.join(m.where)} | {labels} | {m.about} |")
    for name, (kind, about) in PROCESS.items():
        rows.append(f"| `{name}` | {kind} | web, worker, clock |  | {about} |")
    return "\n".join([*rows, ""])


def lint_page() -> str:
    """The page on the lint as it is, with its table of rules."""
    words = texts("en")
    rows = ["| rule | at worst | at once | finds | why it matters |", "|---|---|---|---|---|"]
    for name, rule in RULES.items():
        told = words[f"lint.rule.{name}.title"], words[f"lint.rule.{name}.why"]
        rows.append(f"| `{name}` | {rule.worst} | {'yes' if rule.alone else ''} | {told[0]} | {told[1]} |")
    before, _, rest = (DOCS / "lint.md").read_text("utf-8").partition("<!-- rules -->\n")
    return before + "\n".join(["<!-- rules -->", *rows, "<!-- end -->"]) + rest.partition("<!-- end -->")[2]


def numbers_page() -> str:
    """The page on figures as it is, with what each counts and when the drift alarm comes."""
    english, german = texts("en"), texts("de")
    rows = ["| figure | auf Deutsch | what it counts | in facts |", "|---|---|---|---|"]
    for key, metric in METRICS.items():
        takes = ", ".join(_take(take) for take in metric.takes)
        share = f"; share of `{metric.of}`" if metric.of else ""
        values = "the values of " if metric.values else ""
        name, words = english[f"number.{key}.name"], english[f"number.{key}.what"]
        rows.append(f"| {name} (`{key}`) | {german[f'number.{key}.name']} | {words} | {values}{takes}{share} |")
    for key, kind in SPREADS.items():
        name, words = english[f"number.{key}.name"], english[f"number.{key}.what"]
        told = f"{german[f'number.{key}.name']} | {words} | the values of `{kind}`, p50 and p90"
        rows.append(f"| {name} (`{key}`) | {told} |")
    page = (DOCS / "numbers.md").read_text("utf-8")
    return _between(_between(page, "metrics", rows), "drift", [english["numbers.drift_what"]])


def _take(take: Take) -> str:
    ways = [*sorted(take.by or ()), *(f"not {way}" for way in sorted(take.but))]
    return f"`{take.kind}`" + (f" ({', '.join(ways)})" if ways else "")


def _between(page: str, mark: str, rows: list[str]) -> str:
    before, _, rest = page.partition(f"<!-- {mark} -->\n")
    return before + "\n".join([f"<!-- {mark} -->", *rows, "<!-- end -->"]) + rest.partition("<!-- end -->")[2]


PAGES = {
    "settings.md": settings_page,
    "status.md": status_page,
    "metrics.md": metrics_page,
    "lint.md": lint_page,
    "numbers.md": numbers_page,
}


def stale() -> list[str]:
    """The pages that differ from what the code says."""
    return [
        name
        for name, make in PAGES.items()
        if not (DOCS / name).is_file() or (DOCS / name).read_text("utf-8") != make()
    ]


if __name__ == "__main__":
    if "--check" in sys.argv:
        if stale():
            sys.exit(f"docs are out of date ({', '.join(stale())}): run `make docs`")
    else:
        for page, make in PAGES.items():
            (DOCS / page).write_text(make(), "utf-8")

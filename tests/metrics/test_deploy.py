"""Dashboard, scrape example and alarms: they use metrics that exist, with labels these have; quiet on a quiet day,
and each alarm is heard when its trouble comes."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.metrics.metrics import PROCESS, Metrics
from tests.metrics.promql import Expression, Snapshot

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
DASHBOARD = json.loads((DEPLOY / "grafana" / "stadtbote.json").read_text("utf-8"))
RULES: list[dict[str, Any]] = [
    {**rule, "group": group["name"]}
    for group in yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text("utf-8"))["groups"]
    for rule in group["rules"]
]
TARGET = {"job", "instance"}  # what Prometheus itself adds
LABELS = {row.name: set(row.labels) for row in Metrics().table} | {name: set[str]() for name in PROCESS} | {"up": set()}
HISTOGRAMS = {row.name for row in Metrics().table if row.kind == "histogram"}
RUNBOOK = {
    heading.strip().lower().replace(" ", "-")
    for heading in re.findall(r"^#+ (.+)$", (DEPLOY / "runbook.md").read_text("utf-8"), re.MULTILINE)
}
PANELS = [p for p in DASHBOARD["panels"] if p["type"] != "row"]


@dataclass
class Installation:
    """One web, one worker and one clock, as Prometheus sees them; samples are taken at moments."""

    web: Metrics = field(default_factory=lambda: Metrics("web", ("telegram", "whatsapp"), "1"))
    worker: Metrics = field(default_factory=lambda: Metrics("worker", ("telegram", "whatsapp"), "1"))
    clock: Metrics = field(default_factory=lambda: Metrics("clock", ("telegram", "whatsapp"), "1"))
    up: dict[str, int] = field(default_factory=lambda: {"web": 1, "worker": 1, "clock": 1})
    started: float = 1000.0

    def __post_init__(self) -> None:
        self.snapshots: list[Snapshot] = []
        self.quiet()
        self.sample()

    def quiet(self) -> None:
        """All parts are up, nobody waits long, the town hall is open."""
        for metrics in (self.web, self.worker, self.clock):
            metrics.parts.set(1, "store")
            metrics.lanes_total.set(16)
        self.worker.parts.set(1, "encoder")
        self.worker.parts.set(1, "nlu")
        self.worker.rasa_servers.set(1, "closed")
        self.worker.lanes.set(16)
        self.clock.oldest_unhandled.set(0.2)
        self.clock.oldest_unsent.set(3)
        self.clock.oldest_waiting.set(600)
        self.clock.town_hall_open.set(1)
        self.clock.backlog.set(12, "facts")
        self.clock.answers_worse.set(0, "all", "share")

    def work(self) -> None:
        """A busy quarter of an hour without trouble; one repeat, one refusal, one part nobody knows of."""
        for channel in ("telegram", "whatsapp"):
            self.web.arrivals.labels(channel, "accepted").inc(500)
            for _ in range(500):
                self.web.acknowledged.labels(channel).observe(0.008)
                self.worker.replies.labels(channel).observe(0.12)
            self.worker.deliveries.labels(channel, "sent").inc(500)
        self.web.arrivals.labels("whatsapp", "duplicate").inc()
        self.web.arrivals.labels("whatsapp", "refused").inc()
        self.worker.deliveries.labels("telegram", "unknown").inc()
        self.worker.deliveries.labels("telegram", "failed").inc(5)
        self.worker.throttled.labels("telegram").inc(20)
        self.clock.lease_expiries.labels("lease_expired").inc()
        self.worker.log_lines.labels("error").inc()

    def sample(self) -> None:
        """Prometheus comes by."""
        seen: dict[str, dict[frozenset[tuple[str, str]], float]] = {}
        for name, metrics in (("web", self.web), ("worker", self.worker), ("clock", self.clock)):
            target = {"job": "stadtbote", "instance": name}
            seen.setdefault("up", {})[frozenset(target.items())] = self.up[name]
            if not self.up[name]:
                continue
            for family in metrics.registry.collect():
                for sample in family.samples:
                    value = self.started if sample.name == "process_start_time_seconds" else sample.value
                    seen.setdefault(sample.name, {})[frozenset({**sample.labels, **target}.items())] = value
        self.snapshots.append(seen)


def many_slow(histogram: str, seconds: float) -> Callable[[Installation], None]:
    def happen(town: Installation) -> None:
        for _ in range(200):
            owner = town.web if histogram == "acknowledged" else town.worker
            getattr(owner, histogram).labels("telegram").observe(seconds)

    return happen


def fallen_often(town: Installation) -> None:
    for _ in range(5):
        town.started += 60
        town.sample()


def files_used(town: Installation) -> None:
    # ProcessCollector tells the truth about this test; the alarm is asked about another process.
    town.sample()
    target = frozenset({("job", "stadtbote"), ("instance", "web")})
    town.snapshots.append({"process_open_fds": {target: 900.0}, "process_max_fds": {target: 1024.0}})


def no_worker(town: Installation) -> None:
    town.up["worker"] = 0


TROUBLE: dict[str, Callable[[Installation], None]] = {
    "StadtboteDown": no_worker,
    "OldestUnhandledMessage": lambda town: town.clock.oldest_unhandled.set(31),
    "OldestUnsentReply": lambda town: town.clock.oldest_unsent.set(121),
    "NobodyMeasures": lambda town: town.clock.oldest_unhandled.forget(),
    "SlowReplies": many_slow("replies", 3.0),
    "SlowAcknowledgements": many_slow("acknowledged", 0.9),
    "DeadLetters": lambda town: town.worker.dead_letters.labels("telegram", "failed").inc(),
    "RefusedUpdates": lambda town: town.web.arrivals.labels("whatsapp", "refused").inc(100),
    "UnknownDeliveries": lambda town: town.worker.deliveries.labels("telegram", "unknown").inc(10),
    "FailedDeliveries": lambda town: town.worker.deliveries.labels("whatsapp", "failed").inc(200),
    "Throttled": lambda town: town.worker.throttled.labels("telegram").inc(500),
    "OldestWaitingCitizen": lambda town: town.clock.oldest_waiting.set(1801),
    "ClaimsTakenBack": lambda town: town.clock.lease_expiries.labels("clerk_fell_silent").inc(6),
    "StoreDown": lambda town: town.worker.parts.set(0, "store"),
    "StoreErrors": lambda town: town.worker.store_errors.labels("timeout").inc(100),
    "LanesWithoutWorker": no_worker,
    "RasaDown": lambda town: (town.worker.rasa_servers.set(0, "closed"), town.worker.rasa_servers.set(1, "open"))[0],
    "EncoderDown": lambda town: town.worker.parts.set(0, "encoder"),
    "Restarts": fallen_often,
    "FaultsInTheLog": lambda town: town.worker.log_lines.labels("error").inc(6),
    "FilesRunOut": files_used,
    "FactsWait": lambda town: town.clock.backlog.set(1001, "facts"),
    "AnswersWorse": lambda town: town.clock.answers_worse.set(1, "tr", "share"),
}


def named(expression: str) -> dict[str, set[str]]:
    """Metrics of an expression with the labels that it uses of each, over an empty installation."""
    asked = Expression(expression)
    asked.run([{}])
    return asked.selected


def unknown(selected: dict[str, set[str]]) -> list[str]:
    """What does not exist."""
    wrong = []
    for metric, labels in selected.items():
        base = re.sub(r"_(bucket|sum|count)$", "", metric)
        name = base if base in HISTOGRAMS else metric
        if name not in LABELS or (name in HISTOGRAMS and metric == name):
            wrong.append(metric)
        elif labels - LABELS[name] - TARGET - ({"le"} if metric.endswith("_bucket") else set()):
            wrong.append(f"{metric}{sorted(labels)}")
    return wrong


def filled_in(expression: str) -> str:
    """As Grafana asks it."""
    return expression.replace("$__rate_interval", "5m").replace("$job", ".*")


def test_a_wrong_name_or_label_would_be_found() -> None:
    assert unknown(named("sum(stadtbote_arrival_total)")) == ["stadtbote_arrival_total"]
    assert unknown(named("sum by (chat) (stadtbote_arrivals_total)")) == ["stadtbote_arrivals_total['chat']"]
    assert unknown(named("rate(stadtbote_reply_seconds[5m])")) == ["stadtbote_reply_seconds"]
    assert unknown(named('sum by (le) (rate(stadtbote_reply_seconds_bucket{job="x"}[5m]))')) == []


# --- alarms ---


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alarm_is_complete_and_asks_for_what_exists(rule: dict[str, Any]) -> None:
    assert set(rule) == {"alert", "expr", "for", "labels", "annotations", "group"}
    assert re.fullmatch(r"\d+[smh]", rule["for"])
    assert rule["labels"]["severity"] in {"critical", "warning"}
    notes = rule["annotations"]
    assert set(notes) == {"summary", "description", "runbook"}
    assert len(notes["summary"]) < 60
    assert notes["description"].count("{{") == notes["description"].count("}}")
    anchor = re.sub(r"(?<!^)(?=[A-Z])", "-", rule["alert"]).lower()
    assert notes["runbook"] == f"deploy/runbook.md#{anchor}"
    assert anchor in RUNBOOK
    assert unknown(named(rule["expr"])) == []


def test_every_alarm_has_its_trouble() -> None:
    assert sorted(rule["alert"] for rule in RULES) == sorted(TROUBLE)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alarm_is_silent_on_a_quiet_day_and_heard_in_its_trouble(rule: dict[str, Any]) -> None:
    town = Installation()
    town.work()
    town.sample()
    assert Expression(rule["expr"]).run(town.snapshots) == {}
    TROUBLE[rule["alert"]](town)
    if rule["alert"] != "FilesRunOut":
        town.sample()
    assert Expression(rule["expr"]).run(town.snapshots) != {}


def test_nobody_is_woken_for_the_queue_while_the_town_hall_is_closed() -> None:
    (rule,) = (r for r in RULES if r["alert"] == "OldestWaitingCitizen")
    town = Installation()
    town.clock.oldest_waiting.set(40_000)
    town.clock.town_hall_open.set(0)
    town.sample()
    assert Expression(rule["expr"]).run(town.snapshots) == {}


# --- scrape example ---


def test_the_scrape_example_fits_what_up_starts() -> None:
    config = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text("utf-8"))
    assert config["rule_files"] == ["alerts.yml"]
    (job,) = config["scrape_configs"]
    assert job["job_name"] == "stadtbote"  # the alarms ask for this name
    assert job["static_configs"][0]["targets"] == [f"127.0.0.1:{port}" for port in (9464, 9465, 9466)]


# --- dashboard ---


def test_the_dashboard_is_whole() -> None:
    assert {"title", "uid", "schemaVersion", "panels", "templating", "time", "refresh"} <= set(DASHBOARD)
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(ids)) == len(ids)
    assert [p["title"] for p in DASHBOARD["panels"] if p["type"] == "row"] == [
        "Citizens",
        "Delivery",
        "Handoff",
        "Understanding",
        "Store and processes",
    ]
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24, panel["title"]
        assert not cells & taken, panel["title"]
        taken |= cells
    variables = {v["name"] for v in DASHBOARD["templating"]["list"]}
    used = set(re.findall(r"\$\{?(\w+)", json.dumps(DASHBOARD))) - {"__rate_interval", "__all"}
    assert used == variables


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_a_panel_says_what_it_shows_and_asks_for_what_exists(panel: dict[str, Any]) -> None:
    assert panel["type"] in {"timeseries", "stat"}
    assert panel["description"].endswith((".", "?"))
    assert panel["fieldConfig"]["defaults"]["unit"] in {"s", "short", "reqps", "bytes", "percentunit"}
    assert panel["targets"]
    for target in panel["targets"]:
        assert target["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        assert unknown(named(filled_in(target["expr"]))) == []
        for label in re.findall(r"{{(\w+)}}", target["legendFormat"]):
            assert re.search(rf"by \([^)]*\b{label}\b", target["expr"]) or label in TARGET


def test_the_dashboard_shows_every_metric_but_the_plain_ones() -> None:
    shown: set[str] = set()
    for panel in PANELS:
        for target in panel["targets"]:
            shown |= {re.sub(r"_(bucket|count|sum)$", "", name) for name in named(filled_in(target["expr"]))}
    left_out = {"stadtbote_info", "stadtbote_turn_seconds", *PROCESS}
    assert {row.name for row in Metrics().table} - left_out <= shown


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_a_panel_has_something_to_show_after_a_busy_day(panel: dict[str, Any]) -> None:
    town = Installation()
    town.work()
    w = town.worker
    w.answers.labels("answer").inc()
    for histogram in (w.searches, w.rasa, w.sends.labels("telegram"), w.waits.labels("telegram")):
        histogram.observe(0.02)
    w.entries.set(95)
    w.working.set(0, "inbox")
    w.capacity.set(8, "inbox")
    town.clock.backlog.set(0, "inbox")
    town.clock.conversations.set(1, "waiting")
    town.sample()
    for target in panel["targets"]:
        assert Expression(filled_in(target["expr"])).run(town.snapshots), target["expr"]

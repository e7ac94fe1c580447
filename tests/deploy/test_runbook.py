"""The runbook names what there is: files, units, services, alarms, addresses of servers. (Commands, settings and links:
tests/docs/test_readme.py.)"""

import re
from pathlib import Path

import pytest
import yaml

from bot.settings import PREFIX
from tests.deploy.files import DEPLOY, ROOT, compose, kind, settled

TEXT = (DEPLOY / "runbook.md").read_text("utf-8")
ALERTS = DEPLOY / "prometheus" / "alerts.yml"


def anchors(text: str) -> set[str]:
    """As GitHub and GitLab make them of headings."""
    titles = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.S | re.M), re.M)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def rules() -> list[dict[str, str]]:
    groups = yaml.safe_load(ALERTS.read_text("utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


@pytest.mark.parametrize("alert", [rule["alert"] for rule in rules()])
def test_every_alarm_leads_to_its_paragraph(alert: str) -> None:
    (rule,) = [rule for rule in rules() if rule["alert"] == alert]
    page, _, anchor = rule["annotations"]["runbook"].partition("#")  # type: ignore[index]
    assert page == "deploy/runbook.md"
    assert anchor in anchors(TEXT)


def test_every_paragraph_of_the_alarms_is_led_to() -> None:
    led = {rule["annotations"]["runbook"].partition("#")[2] for rule in rules()}  # type: ignore[index]
    told = set(re.findall(r"^### (.+)$", TEXT.split("\n# Alarms\n")[1], re.M))
    assert anchors("\n".join(f"### {title}" for title in told)) <= led


def test_metrics_that_it_names_are_told() -> None:
    known = set(re.findall(r"^\| `(\w+)` \|", (ROOT / "docs" / "metrics.md").read_text("utf-8"), re.M))
    assert set(re.findall(r"`(stadtbote_\w+)`", TEXT)) - {"stadtbote_valkey", "stadtbote_files"} <= known


def test_units_services_and_files_that_it_names_are_there() -> None:
    units = set(re.findall(r"\bstadtbote-(?:web@|worker@|clock|valkey|rasa|chat|console)(?=[\s\d.`])", TEXT))
    there = {path.name.rsplit(".", 1)[0] for path in (DEPLOY / "systemd").iterdir()}
    assert units
    assert units <= there | {"stadtbote-rasa"}
    for path in re.findall(r"\bdeploy/[\w./-]+\w(?![\w-]*\*)", TEXT):
        made = path.startswith(("deploy/secrets", "deploy/stadtbote.env")) and not path.endswith(".example")
        assert made or (ROOT / path).exists() or path == "deploy/web", path  # that one is kubectl's
    for words in re.findall(
        r"docker compose -f deploy/compose\.yaml (?:exec|stop|logs(?: --since \w+)?|run --rm) (\w+)", TEXT
    ):
        assert words in compose()["services"], words
    deployments = {one["metadata"]["name"] for one in kind("Deployment")}
    for words in re.findall(r"rollout restart deployment ([a-z ]+)", TEXT):
        assert set(words.split()) <= deployments


def test_addresses_of_servers_are_understood(tmp_path: Path) -> None:
    addresses = re.findall(r"\bredis\+\w+://[^\s`]+", TEXT)
    assert len(addresses) == 2
    for address in addresses:
        assert settled({PREFIX + "REDIS_URL": address}, tmp_path).redis_url == address

"""compose.yaml and the images it is built from."""

import re
from typing import Any

import pytest

from bot.commands.parser import parser
from bot.processes.life import DRAIN_SECONDS
from nlu.rasa_training import rasa_environment
from tests.deploy.files import DEPLOY, ROOT, compose

SERVICES: dict[str, Any] = compose()["services"]
RUNNING = {name: service for name, service in SERVICES.items() if "profiles" not in service}
APPS = {name: service for name, service in RUNNING.items() if service["image"] == "stadtbote:local"}


def instructions(name: str) -> list[tuple[str, str]]:
    """The instructions of a Dockerfile: word and rest, continued lines joined."""
    text = re.sub(r"^\s*#.*\n", "", (DEPLOY / name).read_text("utf-8"), flags=re.MULTILINE)
    lines = [line.split(None, 1) for line in text.replace("\\\n", " ").splitlines() if line.strip()]
    return [(word, rest.strip()) for word, rest in lines]


def seconds(text: str) -> int:
    return int(text.removesuffix("s"))


@pytest.mark.parametrize("name", sorted(RUNNING))
def test_services_are_bound_as_tightly_as_they_can_be(name: str) -> None:
    service = RUNNING[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    limits = service["deploy"]["resources"]["limits"]
    assert set(limits) == {"cpus", "memory", "pids"}
    assert not {"privileged", "network_mode", "pid", "cap_add", "devices"} & set(service)
    assert name == "prepare" or service["healthcheck"]["test"]


@pytest.mark.parametrize("name", ["Dockerfile", "Dockerfile.rasa"])
def test_images_run_as_a_user_of_their_own(name: str) -> None:
    users = [rest for word, rest in instructions(name) if word == "USER"]
    assert re.fullmatch(r"[1-9]\d{4}:[1-9]\d{4}", users[-1])
    assert all(SERVICES[other]["user"] for other in ("valkey", "postgres"))


def test_the_two_images_have_two_users() -> None:
    first, second = (
        [rest for word, rest in instructions(n) if word == "USER"][-1] for n in ("Dockerfile", "Dockerfile.rasa")
    )
    assert first != second


def test_nothing_is_published_beyond_this_machine_and_metrics_nowhere() -> None:
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert sorted(published) == sorted(set(published))
    assert all(re.fullmatch(r"127\.0\.0\.1:\d+:(8080|8081)", port) for port in published)
    assert {port.rsplit(":", 1)[1] for port in published} == {"8080", "8081"}
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"web1", "web2"}


def test_rasa_is_on_one_network_that_leads_nowhere() -> None:
    networks = compose()["networks"]
    assert SERVICES["rasa"]["networks"] == ["understanding"]
    assert networks["understanding"]["internal"] is True
    assert networks["data"]["internal"] is True
    assert [n for n, s in RUNNING.items() if "understanding" in s["networks"]] == ["worker", "rasa"]
    assert SERVICES["rasa"]["env_file"] == ["secrets/rasa.env"]
    assert "environment" not in SERVICES["rasa"]


def test_rasa_is_started_as_it_is_tested() -> None:
    (said,) = [rest for word, rest in instructions("Dockerfile.rasa") if word == "ENV" and "RASA_TELEMETRY" in rest]
    given = dict(word.split("=", 1) for word in said.split())
    wanted = rasa_environment() | {"PYTHONPATH": "/opt/rasa/project"}
    assert {name: given.get(name) for name in wanted} == wanted


def test_every_process_is_there_and_has_time_to_drain() -> None:
    commands = [parser().parse_args(service["command"]).command for service in APPS.values()]
    assert sorted(commands) == ["clock", "prepare", "web", "web", "worker"]
    assert all(seconds(service["stop_grace_period"]) > DRAIN_SECONDS for service in APPS.values())


def test_the_proxy_is_believed_and_nobody_else() -> None:
    (edge,) = compose()["networks"]["edge"]["ipam"]["config"]
    for service in APPS.values():
        assert service["environment"]["STADTBOTE_TRUSTED_PROXIES"] == edge["gateway"]


def test_what_is_named_is_there() -> None:
    whole = compose()
    for service in SERVICES.values():
        assert set(service.get("depends_on", ())) <= set(RUNNING)
        assert set(service.get("networks", ())) <= set(whole["networks"])
        assert set(service.get("secrets", ())) <= set(whole["secrets"])
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert source in whole["volumes"] or (DEPLOY / source).is_file(), volume
        if build := service.get("build"):
            assert (DEPLOY / build["context"]).resolve() == ROOT
            assert (ROOT / build["dockerfile"]).is_file()


@pytest.mark.parametrize("name", ["Dockerfile", "Dockerfile.rasa"])
def test_images_copy_what_is_there_and_may_be_seen(name: str) -> None:
    ignored = (DEPLOY / f"{name}.dockerignore").read_text("utf-8").splitlines()
    seen = {line[1:] for line in ignored if line.startswith("!")}
    assert "*" in ignored
    for word, rest in instructions(name):
        if word == "COPY" and "--from" not in rest:
            for source in rest.split()[:-1]:
                path = source.replace("${CORPUS}", "faq/corpora/lindenfurt")
                assert (ROOT / path).exists(), path
                assert path.split("/")[0] in seen, path

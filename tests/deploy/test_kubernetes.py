"""The manifests fit Kubernetes' schemas, its "restricted" profile, and what the product needs of them."""

from typing import Any

import kubernetes_validate
import pytest
import yaml

from bot.commands.parser import parser
from bot.processes.life import DRAIN_SECONDS
from tests.deploy.files import DEPLOY, documents, kind, manifests, named, pods

NEWEST = kubernetes_validate.latest_version()
OLDEST = "1.30"  # the first with the sleep action of preStop on by default
PROCESSES = ("web", "worker", "clock")


def containers(pod: dict[str, Any]) -> list[dict[str, Any]]:
    """All of a pod's, the first ones included."""
    return [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]


def selects(policy: dict[str, Any], labels: dict[str, str]) -> bool:
    """Does the policy speak about pods with these labels?"""
    selector = policy["spec"]["podSelector"]
    plain = all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())
    assert all(one["operator"] == "In" for one in selector.get("matchExpressions", []))
    return plain and all(labels.get(one["key"]) in one["values"] for one in selector.get("matchExpressions", []))


def rules(name: str, direction: str) -> list[dict[str, Any]]:
    """What pods of that name may do in one direction: the sum of all policies. Nothing said at all would be: all."""
    labels = pods()[name]["metadata"]["labels"]
    about = [one for one in kind("NetworkPolicy") if selects(one, labels)]
    assert any(direction in one["spec"]["policyTypes"] for one in about), f"{name} is not bound at all"
    return [
        rule
        for one in about
        if direction in one["spec"]["policyTypes"]
        for rule in one["spec"].get(direction.lower(), [])
    ]


def heard(name: str, port: int) -> list[dict[str, Any]]:
    """Who may reach that port of these pods."""
    found = [
        rule for rule in rules(name, "Ingress") if any(p["port"] == port for p in rule.get("ports", [{"port": port}]))
    ]
    assert all("from" in rule for rule in found), "a rule without `from` lets everybody in"
    return [peer for rule in found for peer in rule["from"]]


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
def test_every_object_fits_its_schema(version: str) -> None:
    assert len(manifests()) > 20
    for one in manifests():
        kubernetes_validate.validate(one, version, strict=True)


def test_a_wrong_object_would_be_found() -> None:
    wrong = yaml.safe_load(yaml.safe_dump(named("Deployment", "web")))
    wrong["spec"]["template"]["spec"]["containers"][0]["readinesProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, NEWEST, strict=True)


def test_every_file_is_applied_but_the_example_of_the_secrets() -> None:
    (listed,) = documents("kubernetes/kustomization.yaml")
    there = {path.name for path in (DEPLOY / "kubernetes").glob("*.yaml")}
    assert set(listed["resources"]) == there - {"kustomization.yaml", "secret.example.yaml"}
    ours = {c["image"] for pod in pods().values() for c in containers(pod) if c["image"].startswith("stadtbote")}
    assert {one["name"] for one in listed["images"]} == ours


@pytest.mark.parametrize("name", sorted(pods()))
def test_pods_fit_the_restricted_profile(name: str) -> None:
    pod = pods()[name]["spec"]
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] > 0
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    allowed = {
        "configMap",
        "emptyDir",
        "secret",
        "persistentVolumeClaim",
        "projected",
        "downwardAPI",
        "ephemeral",
        "csi",
    }
    assert all(set(volume) - {"name"} <= allowed for volume in pod.get("volumes", []))
    for container in containers(pods()[name]):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["resources"]["limits"]["memory"]
        assert container["resources"]["requests"]["cpu"]
    labels = named("Namespace", "stadtbote")["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


@pytest.mark.parametrize("name", sorted(pods()))
def test_kubernetes_adds_no_settings_of_its_own(name: str) -> None:
    assert pods()[name]["spec"]["enableServiceLinks"] is False


def test_pods_run_commands_that_there_are() -> None:
    ran = set()
    for pod in pods().values():
        for container in pod["spec"]["containers"]:
            if container["image"] == "stadtbote":
                ran.add(parser().parse_args(container["args"]).command)
    assert ran == {*PROCESSES, "prepare"}


def test_rasa_has_no_way_out_and_only_workers_in() -> None:
    assert rules("rasa", "Egress") == []
    (peer,) = heard("rasa", 5005)
    assert peer["podSelector"]["matchLabels"]["app.kubernetes.io/name"] == "worker"
    (source,) = pods()["rasa"]["spec"]["containers"][0]["envFrom"]
    assert source == {"secretRef": {"name": "stadtbote-rasa"}}
    users = {name: pod["spec"]["securityContext"]["runAsUser"] for name, pod in pods().items()}
    assert [name for name, user in users.items() if user == users["rasa"]] == ["rasa"]


def test_only_the_application_reaches_the_store_which_reaches_nobody() -> None:
    assert rules("valkey", "Egress") == []
    (peer,) = heard("valkey", 6379)
    (expression,) = peer["podSelector"]["matchExpressions"]
    assert set(expression["values"]) == set(PROCESSES)


@pytest.mark.parametrize("name", PROCESSES)
def test_metrics_are_for_prometheus_alone(name: str) -> None:
    port = int(named("ConfigMap", "stadtbote")["data"]["STADTBOTE_METRICS_PORT"])
    (peer,) = heard(name, port)
    assert peer == {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}
    assert all(
        p["targetPort"] != "metrics" and p["port"] != port for s in kind("Service") for p in s["spec"].get("ports", [])
    )


def test_chat_and_console_have_entrances_of_their_own() -> None:
    ports = {p["name"]: p["containerPort"] for p in pods()["web"]["spec"]["containers"][0]["ports"]}
    told = named("ConfigMap", "stadtbote")["data"]
    assert (ports["http"], ports["console"]) == (int(told["STADTBOTE_PORT"]), int(told["STADTBOTE_CONSOLE_PORT"]))
    hosts, leads = {}, {}
    for ingress in kind("Ingress"):
        (rule,) = ingress["spec"]["rules"]
        backend = rule["http"]["paths"][0]["backend"]["service"]
        (port,) = named("Service", backend["name"])["spec"]["ports"]
        hosts[ingress["metadata"]["name"]] = rule["host"]
        leads[ingress["metadata"]["name"]] = port["targetPort"]
        assert ingress["spec"]["tls"][0]["hosts"] == [rule["host"]]
    assert leads == {"chat": "http", "console": "console"}
    assert told["STADTBOTE_PUBLIC_URL"] == f"https://{hosts['chat']}"
    assert told["STADTBOTE_CONSOLE_URL"] == f"https://{hosts['console']}"
    assert hosts["chat"] != hosts["console"]


def test_addresses_in_the_settings_are_services() -> None:
    services = {one["metadata"]["name"] for one in kind("Service")}
    assert {"valkey", "postgres", "rasa"} <= services
    assert named("ConfigMap", "stadtbote")["data"]["STADTBOTE_NLU_URL"] == "http://rasa:5005"


def test_one_is_replaced_before_it_goes_and_has_time_to_drain() -> None:
    for name in PROCESSES:
        deployment = named("Deployment", name)
        assert deployment["spec"]["replicas"] >= 2
        assert deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
        pod = deployment["spec"]["template"]["spec"]
        waits = pod["containers"][0].get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        assert pod["terminationGracePeriodSeconds"] > DRAIN_SECONDS + waits
        assert waits or name != "web", "proxies need a moment to notice"
    assert {one["metadata"]["name"] for one in kind("PodDisruptionBudget")} == {"web", "worker"}


def test_an_outage_of_all_does_not_take_web_out_of_service() -> None:
    """/ready is 503 while the database is away, for every pod at once; /health only says that this one lives."""
    probes = pods()["web"]["spec"]["containers"][0]
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert probes[probe]["httpGet"] == {"path": "/health", "port": "http"}


def test_the_store_is_configured_as_everywhere() -> None:
    def directives(text: str) -> list[str]:
        return [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]

    held = named("ConfigMap", "valkey")["data"]["valkey.conf"]
    assert directives(held) == directives((DEPLOY / "valkey.conf").read_text("utf-8"))
    assert named("StatefulSet", "valkey")["spec"]["volumeClaimTemplates"]


def test_volumes_are_there() -> None:
    for name, pod in pods().items():
        there = {volume["name"] for volume in pod["spec"].get("volumes", [])}
        there |= {claim["metadata"]["name"] for one in kind("StatefulSet") if one["metadata"]["name"] == name
                  for claim in one["spec"]["volumeClaimTemplates"]}  # fmt: skip
        for container in containers(pod):
            assert {mount["name"] for mount in container.get("volumeMounts", [])} <= there

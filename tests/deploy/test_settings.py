"""Every setting that deploy/ names is one, and a process that gets what deploy/ gives it would start."""

import os
import re
import stat
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis

from bot.durability import Fsync, durability
from bot.settings import PREFIX, Settings, SettingsError
from bot.valkey import embedded
from tests.deploy.files import (
    DEPLOY,
    RASA,
    compose,
    documents,
    dotenv,
    environment,
    named,
    secrets,
    settings,
    settled,
    texts,
)
from tests.patience import patient
from tests.valkey import wait_for

EXAMPLE = (DEPLOY / "stadtbote.env.example").read_text("utf-8")
APPS = [name for name, service in compose()["services"].items() if service["image"].startswith("stadtbote:")]
UNITS = ["stadtbote.service", "stadtbote-web@.service", "stadtbote-worker@.service", "stadtbote-clock.service"]


def test_every_name_is_a_setting() -> None:
    for path, text in texts().items():
        named_ = set(re.findall(PREFIX + r"[A-Z0-9_]*[A-Z0-9]", text))
        assert named_ <= settings() | RASA, path


def test_the_example_is_accepted_as_it_is(tmp_path: Path) -> None:
    chosen = settled(dotenv(tmp_path, EXAMPLE), tmp_path)
    assert (chosen.console_port, chosen.whatsapp_enabled) == (8081, False)


def test_every_value_that_the_example_offers_is_accepted(tmp_path: Path) -> None:
    offered = re.findall(rf"^#({PREFIX}\w+)=(.+)$", EXAMPLE, re.MULTILINE)
    assert len(offered) > 4
    for name, value in offered:
        given = {name: value}
        if name == PREFIX + "TELEGRAM_MODE":
            given |= {PREFIX + "TELEGRAM_TOKEN": "1:a", PREFIX + "TELEGRAM_SECRET": "0123456789abcdef"}
        settled(given, tmp_path)


def test_no_example_holds_a_secret() -> None:
    hidden = {PREFIX + n.upper() for n, f in Settings.__dataclass_fields__.items() if f.metadata["secret"]} | {
        PREFIX + "RASA_TOKEN"
    }
    for path, text in texts().items():
        for name, value in re.findall(rf"^\s*#?\s*({PREFIX}\w+)\s*[=:] *(\S+)", text, re.MULTILINE):
            assert name not in hidden or re.search(r"REPLACE|\$|^unix:///[\w/.-]+$", value), (path, name)
        assert not re.search(r"-----BEGIN|\d{6,}:[A-Za-z0-9_-]{30,}|[0-9a-f]{40,}", text), path


def test_made_secrets_are_random_fit_together_and_are_guarded(tmp_path: Path) -> None:
    first = secrets(tmp_path)
    (tmp_path / "again").mkdir()
    second = secrets(tmp_path / "again")
    assert set(first) == {"app.env", "rasa.env", "valkey-auth.conf", "postgres-password"}
    assert all(first[name] != second[name] for name in first)
    app, rasa = dotenv(tmp_path, first["app.env"]), dotenv(tmp_path, first["rasa.env"])
    assert urlsplit(app[PREFIX + "REDIS_URL"]).password == first["valkey-auth.conf"].split()[1]
    assert urlsplit(app[PREFIX + "DATABASE_URL"]).password == first["postgres-password"]
    assert app[PREFIX + "NLU_TOKEN"] == rasa[PREFIX + "RASA_TOKEN"]
    place = tmp_path / "secrets"
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert stat.S_IMODE((place / "app.env").stat().st_mode) == 0o600


def test_made_secrets_are_never_overwritten(tmp_path: Path) -> None:
    before = secrets(tmp_path)
    with pytest.raises(subprocess.CalledProcessError):
        secrets(tmp_path)
    assert {p.name: p.read_text("utf-8") for p in (tmp_path / "secrets").iterdir()} == before


@pytest.mark.parametrize("service", [name for name in APPS if name != "app"])
def test_a_service_of_compose_would_start(service: str, tmp_path: Path) -> None:
    made = secrets(tmp_path)
    given = (
        dotenv(tmp_path, EXAMPLE) | dotenv(tmp_path, made["app.env"]) | compose()["services"][service]["environment"]
    )
    chosen = settled(given, tmp_path)
    servers = compose()["services"]
    assert urlsplit(chosen.redis_url).hostname in servers
    assert urlsplit(chosen.database_url).hostname in servers
    assert urlsplit(chosen.nlu_url).hostname in servers
    assert chosen.secret
    assert chosen.console_port not in (0, chosen.port)


def test_pods_would_start(tmp_path: Path) -> None:
    given = named("ConfigMap", "stadtbote")["data"] | dotenv(tmp_path, secrets(tmp_path)["app.env"])
    assert all(isinstance(value, str) for value in given.values())
    chosen = settled(given, tmp_path)
    assert chosen.console_port not in (0, chosen.port)
    assert chosen.trusted_proxies


def test_the_example_of_the_secrets_is_refused_as_it_is(tmp_path: Path) -> None:
    example = documents("kubernetes/secret.example.yaml")
    app, rasa, valkey = (one["stringData"] for one in example)
    made = secrets(tmp_path)
    assert set(app) == set(dotenv(tmp_path, made["app.env"]))
    assert set(rasa) == set(dotenv(tmp_path, made["rasa.env"]))
    assert set(valkey) == {"valkey-auth.conf"}
    with pytest.raises(SettingsError, match="32 characters"):
        settled(named("ConfigMap", "stadtbote")["data"] | app, tmp_path)


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_would_start(name: str, tmp_path: Path) -> None:
    chosen = settled(dotenv(tmp_path, EXAMPLE) | environment(name), tmp_path)
    assert chosen.metrics_port


async def test_a_real_server_takes_the_configuration_and_keeps_what_it_acknowledges(tmp_path: Path) -> None:
    """As compose.yaml starts it: the file, the password beside it, a port; asked as `stadtbote doctor` asks."""
    made, folder = secrets(tmp_path), tmp_path / "data"
    folder.mkdir()
    with redis.Redis(unix_socket_path=str(tmp_path / "s")) as client:
        service = compose()["services"]["valkey"]["command"]
        places = {"/etc/valkey.conf": DEPLOY / "valkey.conf", "/data": folder}
        places["/run/secrets/valkey-auth.conf"] = tmp_path / "secrets" / "valkey-auth.conf"
        command = [embedded(tmp_path).command[0], *(str(places.get(word, word)) for word in service[1:])]
        with subprocess.Popen(
            [*command, "--port", "0", "--unixsocket", str(tmp_path / "s")], stdout=subprocess.DEVNULL
        ) as server:
            try:
                password = made["valkey-auth.conf"].split()[1]
                url = f"unix://:{password}@{tmp_path / 's'}"
                wait_for(url)
                with pytest.raises(redis.AuthenticationError):
                    client.ping()
                asked = patient(url)
                held = await durability(asked)
                assert held.fsync is Fsync.ALWAYS
                assert held.complaints == ()
                with redis.Redis.from_url(url) as known:
                    assert known.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"
                    assert int(known.config_get("maxmemory")["maxmemory"]) > 0
                await asked.aclose()
            finally:
                server.terminate()
                server.wait(60)
    assert os.listdir(folder) == ["appendonlydir"]

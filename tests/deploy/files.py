"""What deploy/ holds, read as its users' tools would read it."""

import os
import re
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.settings import OTHERS, PREFIX, Settings, read, read_dotenv

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
RASA = set(re.findall(PREFIX + r"RASA_\w+", (ROOT / "nlu" / "rasa" / "serve.py").read_text("utf-8")))
"""The settings of the Rasa process, which is not Stadtbote's: see nlu/rasa/serve.py."""

MADE = ("deploy/secrets/", "deploy/stadtbote.env")
"""What an installation writes there; not ours to judge."""


def texts() -> dict[str, str]:
    """Every text file of deploy/, by its path from the root."""
    found = {str(path.relative_to(ROOT)): path for path in sorted(DEPLOY.rglob("*")) if path.is_file()}
    ours = {name: path for name, path in found.items() if not name.startswith(MADE[0]) and name != MADE[1]}
    return {name: path.read_text("utf-8") for name, path in ours.items()}


@cache
def documents(path: str) -> list[Any]:
    """The documents of a YAML file, in order: read once, so to be left as they are."""
    return [document for document in yaml.safe_load_all((DEPLOY / path).read_text("utf-8")) if document]


def manifests() -> list[dict[str, Any]]:
    """Every Kubernetes object, the example of the secrets included; kustomization.yaml is none."""
    names = sorted(path.name for path in (DEPLOY / "kubernetes").glob("*.yaml") if path.name != "kustomization.yaml")
    return [document for name in names for document in documents(f"kubernetes/{name}")]


def kind(name: str) -> list[dict[str, Any]]:
    """The objects of that kind."""
    return [one for one in manifests() if one["kind"] == name]


def named(kind_: str, name: str) -> dict[str, Any]:
    """The one object of that kind and name."""
    (found,) = [one for one in kind(kind_) if one["metadata"]["name"] == name]
    return found


def pods() -> dict[str, dict[str, Any]]:
    """Every pod template, by the name of what makes it."""
    made = [one for one in manifests() if "template" in one.get("spec", {})]
    return {one["metadata"]["name"]: one["spec"]["template"] for one in made}


def compose() -> dict[str, Any]:
    """compose.yaml, its anchors filled in."""
    (found,) = documents("compose.yaml")
    return dict(found)


def unit(name: str) -> dict[str, list[str]]:
    """The directives of a systemd unit with their values, in order; continued lines joined."""
    text = (DEPLOY / "systemd" / name).read_text("utf-8").replace("\\\n", " ")
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith(("#", ";")):
            found.setdefault(key.strip(), []).append(value.strip())
    return found


def environment(name: str, instance: str = "1") -> dict[str, str]:
    """What a unit adds to the environment."""
    words = [word for line in unit(name).get("Environment", []) for word in line.replace("%i", instance).split()]
    return dict(word.split("=", 1) for word in words)


def secrets(folder: Path) -> dict[str, str]:
    """deploy/make-secrets.sh, run for real: the files it wrote, by name."""
    place = folder / "secrets"
    subprocess.run(
        [DEPLOY / "make-secrets.sh", place], check=True, capture_output=True, env={"PATH": os.environ["PATH"]}
    )
    return {path.name: path.read_text("utf-8") for path in sorted(place.iterdir())}


def dotenv(folder: Path, text: str) -> dict[str, str]:
    """Names and values of a file of settings, as Stadtbote reads them."""
    path = folder / "given.env"
    path.write_text(text, "utf-8")
    return read_dotenv(path)


def settled(environ: Mapping[str, str], folder: Path) -> Settings:
    """The settings of a process with this environment; raises SettingsError where it would not start."""
    return read(environ, folder)


def settings() -> set[str]:
    """Every name that Stadtbote knows."""
    return {PREFIX + name.upper() for name in Settings.__dataclass_fields__} | OTHERS

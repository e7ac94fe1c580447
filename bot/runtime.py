"""What a running `stadtbote up` tells the other commands on this machine: where its Rasa answers.

A file in the state directory that only its owner may read; gone when nothing runs.
"""

import json
from dataclasses import replace
from pathlib import Path

from bot.settings import Settings


def write(settings: Settings) -> None:
    """Tell it."""
    path = _path(settings)
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps({"nlu_url": settings.nlu_url, "nlu_token": settings.nlu_token}), "utf-8")


def forget(settings: Settings) -> None:
    """Nothing runs any more."""
    _path(settings).unlink(missing_ok=True)


def joined(settings: Settings) -> Settings:
    """The settings with what runs beside us; keywords alone when nothing does."""
    if settings.nlu_url:
        return settings
    try:
        told = json.loads(_path(settings).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return replace(settings, nlu_url="off")
    return replace(settings, nlu_url=told["nlu_url"], nlu_token=told["nlu_token"])


def _path(settings: Settings) -> Path:
    return settings.home / "runtime.json"

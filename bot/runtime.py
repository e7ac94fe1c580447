"""What a running `stadtbote up` tells the other commands on this machine: its process, and where its Rasa answers.

A file in the state directory that only its owner may read; gone when nothing runs.
"""

import json
import os
from dataclasses import replace
from pathlib import Path

from bot.settings import Settings


def write(settings: Settings) -> None:
    """Tell it."""
    path = _path(settings)
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    told = {"pid": os.getpid(), "nlu_url": settings.nlu_url, "nlu_token": settings.nlu_token}
    path.write_text(json.dumps(told), "utf-8")


def forget(settings: Settings) -> None:
    """Nothing runs any more."""
    _path(settings).unlink(missing_ok=True)


def supervisor(settings: Settings) -> int:
    """The process of `stadtbote up`, as it told; 0 when it told nothing. One that was killed may still be named."""
    try:
        return int(json.loads(_path(settings).read_text("utf-8")).get("pid", 0))
    except (FileNotFoundError, ValueError):
        return 0


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

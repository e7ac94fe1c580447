"""What a job's process learns of its worker's environment and settings: it computes, and needs no channel's token."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from bot.settings import PREFIX, Settings
from nlu.surroundings import FETCHING, usual

READ = frozenset(
    ("home", "cache", "database_url", "nlu_url", "rasa_python", "encoder", "corpus", "log_level", "log_format")
)
"""The settings that jobs get; all others are withheld."""
DATABASE = "PG*"
"""What PostgreSQL's client library reads beside STADTBOTE_DATABASE_URL."""
_WITHHELD = frozenset(one.name for one in fields(Settings)) - READ


class Withheld(Exception):
    """A job reads a setting that jobs are not given."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Jobs are not given {PREFIX}{name.upper()}. One that needs it is named in {__name__}.READ.")


class Given(Settings):
    """The settings in READ; reading another raises Withheld, so that nobody takes its default for what was set."""

    def __getattribute__(self, name: str) -> Any:
        """Its value."""
        if name in _WITHHELD:
            raise Withheld(name)
        return super().__getattribute__(name)


def given(settings: Settings) -> Given:
    """What a job may know of them."""
    return Given(**{name: getattr(settings, name) for name in READ})


def environment(ours: Mapping[str, str]) -> dict[str, str]:
    """The environment of a job's process. What is withheld is set and empty, or it would be read from .env."""
    read = {PREFIX + name.upper() for name in READ}
    found = usual(ours, *FETCHING, DATABASE, *read)
    return found | {PREFIX + name.upper(): "" for name in _WITHHELD}

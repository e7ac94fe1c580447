"""The town: its offices with their hours, districts, topics, teams and places, read from one town.yml."""

from faq.town.load import load_town
from faq.town.model import (
    District,
    Holiday,
    Kind,
    Office,
    Place,
    Route,
    Slot,
    SpecialDay,
    Team,
    Topic,
    Town,
)

__all__ = [
    "District",
    "Holiday",
    "Kind",
    "Office",
    "Place",
    "Route",
    "Slot",
    "SpecialDay",
    "Team",
    "Topic",
    "Town",
    "load_town",
]

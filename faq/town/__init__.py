"""The town: its offices with their hours, districts, topics, teams and places, read from one town.yml."""

from faq.town.load import load_town, read_town
from faq.town.model import (
    Canned,
    District,
    Form,
    Holiday,
    Kind,
    Notice,
    Office,
    Pinned,
    Place,
    Promise,
    Question,
    Route,
    Slot,
    SpecialDay,
    Team,
    Topic,
    Town,
)

__all__ = [
    "Canned",
    "District",
    "Form",
    "Holiday",
    "Kind",
    "Notice",
    "Office",
    "Pinned",
    "Place",
    "Promise",
    "Question",
    "Route",
    "Slot",
    "SpecialDay",
    "Team",
    "Topic",
    "Town",
    "load_town",
    "read_town",
]

"""What a rule found, and what can be done about it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Level(StrEnum):
    """How much it matters. Errors make `stadtbote faq lint` fail."""

    ERROR = "error"  # citizens are told something wrong
    WARNING = "warning"  # they may be, or are not told at all
    HINT = "hint"  # it could be better


@dataclass(frozen=True)
class OpenEntry:
    """To be mended by hand, at this field (as faq.entry.Problem calls it; "" where it is not one field's)."""

    entry: str
    field: str = ""


@dataclass(frozen=True)
class SideBySide:
    """Two entries, to be read beside one another."""

    one: str
    other: str


@dataclass(frozen=True)
class DropWording:
    """Take a wording out of an entry."""

    entry: str
    language: str
    wording: str


@dataclass(frozen=True)
class MergeWordings:
    """Give an entry the wordings of another one, which then can be archived."""

    entry: str
    source: str


@dataclass(frozen=True)
class ReplaceLink:
    """Put the address to which a page moved in the place of the old one, wherever the entry names it."""

    entry: str
    old: str
    new: str


@dataclass(frozen=True)
class Reviewed:
    """Somebody looked, and it is right: as of today, to be looked at again on `until`."""

    entry: str
    on: date
    until: date


Fix = OpenEntry | SideBySide | DropWording | MergeWordings | ReplaceLink | Reviewed


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong. `key` chooses its words (lint.found.<key>), `values` fill them; `entries` are those that
    it is about, the first one to be mended.

    `of` is what else it was judged by, such as two answers: when that changes it is another finding.
    """

    rule: str
    level: Level
    entries: tuple[str, ...]
    key: str
    fixes: tuple[Fix, ...]
    values: Mapping[str, str] = field(default_factory=dict)
    of: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The same for the same finding in the same texts, in every run and on every machine."""
        told = json.dumps([self.rule, self.entries, self.key, sorted(self.values.items()), self.of])
        return hashlib.sha256(told.encode()).hexdigest()[:16]

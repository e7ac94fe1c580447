"""Two people for what everybody is told: a crisis notice and a pinned answer hold once a second person confirmed them.

Who writes one signs it. While it waits, what two people put in force before holds on. Ending one sooner or taking it
back needs one person: nothing wrong may stay for want of a second.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.console.settings.keyed import Keyed
from faq.marked import FileError, marked
from faq.town.notices import SIGNATURE, span

Item = Mapping[str, Any]
_ENDS = ("until", "open_ended")


class NotYours(Exception):
    """Whoever wrote it cannot be the second person."""


class NothingWaits(Exception):
    """There is nothing to confirm: somebody was quicker, or took it back."""


@dataclass(frozen=True)
class Signing(Keyed):
    """`levels` are those that need two people; empty: all."""

    levels: tuple[str, ...] = ()

    def signed(self, document: Any, before: Any, who: str, at: datetime, four_eyes: bool) -> Any:
        """The document with who stands for each item; `at` in local time."""
        known = {item["id"]: item for item in before}
        return [self._signed(item, known.get(item["id"]), who, at, four_eyes) for item in document]

    def confirmed(self, document: Any, key: str, who: str, four_eyes: bool) -> Any:
        """The document with that item confirmed. Raises NotYours, NothingWaits."""
        item = next((item for item in document if item["id"] == key and item.get("waits")), None)
        if item is None:
            raise NothingWaits
        if four_eyes and item.get("by") == who:
            raise NotYours
        said = {name: value for name, value in item.items() if name not in ("waits", "former")} | {"confirmed": who}
        return [said if other is item else other for other in document]

    def _signed(self, item: Item, old: Item | None, who: str, at: datetime, four_eyes: bool) -> Item:
        bare = _bare(item)
        if old and _bare(old) == bare:
            return old
        former: Item | None = old.get("former") if old and old.get("waits") else None
        if former and _bare(former) == bare:
            return former  # what holds all the while: only the change that waits is taken back
        if old and _ends_sooner(_bare(old), bare):
            ends = {name: bare[name] for name in _ENDS if name in bare}
            # What is to end is what citizens are told now, and that is the former one while this waits.
            if former and _ends_sooner(_bare(former), {**_endless(_bare(former)), **ends}):
                return {**_endless(old), **ends, "former": {**_endless(former), **ends}}
            return {**_endless(old), **ends}
        signed = {**bare, "by": who, "at": at.isoformat(" ", "minutes")}
        if not four_eyes or (self.levels and bare.get("level") not in self.levels):
            return signed
        held = former if old and old.get("waits") else old
        return {
            **signed,
            "waits": True,
            **({"former": {k: v for k, v in held.items() if k != "former"}} if held else {}),
        }


def _bare(item: Item) -> dict[str, Any]:
    """What people typed of it."""
    return {name: value for name, value in item.items() if name not in SIGNATURE}


def _endless(item: Item) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name not in _ENDS}


def _ends_sooner(old: Item, new: Item) -> bool:
    """Is its end all that changed, and the new one before the old? Compared as moments: "2026-12-02" lasts longer than
    "2026-12-02 18:00", and one moment may be written in several ways."""
    if {k: v for k, v in old.items() if k not in _ENDS} != {k: v for k, v in new.items() if k not in _ENDS}:
        return False
    try:
        (_, was), (_, now) = (span(Path(), marked(dict(item))) for item in (old, new))
    except FileError:
        return False
    return now is not None and (was is None or now < was)

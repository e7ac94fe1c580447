"""A release and its story as frozen values: its name, its manifest on disk, its differences. Pure."""

import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Step(StrEnum):
    """What somebody did with a release, or what became of it. Steps are appended and never changed."""

    PROPOSED = "proposed"
    PROVING = "proving"  # its trials are running
    PROVED = "proved"
    FAILED = "failed"  # they could not be run to their end
    SIGNED = "signed"
    REFUSED = "refused"  # a reviewer sent it back
    FORCED = "forced"  # published against its verdict, for a stated reason
    LOADING = "loading"  # published; its NLU data are being loaded
    LIVE = "live"
    WITHDRAWN = "withdrawn"
    ROLLED_BACK = "rolled_back"  # taken out of force in favour of an earlier one


class State(StrEnum):
    """Where a release stands."""

    PROPOSED = "proposed"
    PROVING = "proving"
    PROVED = "proved"
    FAILED = "failed"
    REFUSED = "refused"
    LOADING = "loading"
    LIVE = "live"
    REPLACED = "replaced"  # was live; a later one took its place
    WITHDRAWN = "withdrawn"
    ROLLED_BACK = "rolled_back"


OPEN = frozenset({State.PROPOSED, State.PROVING, State.PROVED, State.FAILED})
"""States of a proposal that may still become live."""

ASIDE = (Step.SIGNED, Step.FORCED)
"""Steps that do not move a release to another state."""


@dataclass(frozen=True)
class Release:
    """`number` is for people, `id` for machines: 16 hex digits of what it holds. `base` is the release that was live
    when it was proposed ("" none). `nlu` names NLU data ("" what ships), `fit` the thresholds ("" whichever belong to
    the corpus), `encoder` what made the vectors ("" not known). `entries`: how many it holds. `at` is aware UTC."""

    id: str
    number: int
    title: str
    base: str
    nlu: str
    fit: str
    encoder: str
    entries: int
    by: str
    at: datetime


@dataclass(frozen=True)
class Changed:
    """An entry that two releases hold differently: ids of its revision before and after, None where it is not in."""

    entry: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Noted:
    """One step of a release, as it was kept; `at` is aware UTC, `detail` whatever its writer knows more (JSON)."""

    step: Step
    by: str
    at: datetime
    why: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Activation:
    """From `serial` on this release answered; `back`: it had been live before and was gone back to."""

    serial: int
    release: str
    by: str
    at: datetime
    why: str = ""
    back: bool = False


def name_of(manifest: Mapping[str, str], nlu: str, fit: str, encoder: str) -> str:
    """The release's id: 16 hex digits of the SHA-256 over its canonical JSON."""
    told = [_sorted(manifest), nlu, fit, encoder]
    canonical = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def packed(manifest: Mapping[str, str]) -> bytes:
    """The manifest as it is kept: ten thousand entries are some 150 kB."""
    return zlib.compress(json.dumps(_sorted(manifest), separators=(",", ":")).encode(), 1)


def _sorted(manifest: Mapping[str, str]) -> dict[str, str]:
    """Mostly it is sorted already, which `sort_keys` would not notice."""
    return dict(sorted(manifest.items()))


def unpacked(kept: bytes) -> dict[str, str]:
    """The inverse of `packed`."""
    found: dict[str, str] = json.loads(zlib.decompress(kept))
    return found


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Changed, ...]:
    """What is not the same in both, by entry."""
    touched = {entry for entry, _ in before.items() ^ after.items()}
    return tuple(Changed(entry, before.get(entry), after.get(entry)) for entry in sorted(touched))

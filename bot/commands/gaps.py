"""`stadtbote faq gaps`: clusters of what citizens asked in vain, as they stood at the last look. Reads only."""

import argparse
import json
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from bot.composition import corpus_folder
from bot.gaps.gap import Cluster
from bot.gaps.kept import Filter, Gaps
from bot.settings import Settings
from faq.schema import open_database
from faq.town import load_town


def run(settings: Settings, args: argparse.Namespace) -> int:
    """A line a cluster, or JSON."""
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = open_database(settings.database)
    try:
        zone = ZoneInfo(load_town(corpus_folder(settings) / "town.yml").timezone)
        found = Gaps(engine, zone).list(Filter("" if args.state == "all" else args.state))
    finally:
        engine.dispose()
    if args.json:
        print(json.dumps([_plain(one) for one in found], ensure_ascii=False, indent=1))
    else:
        _print(found)
    return 0


def _print(found: Sequence[Cluster]) -> None:
    if not found:
        print("No gaps in that state. The worker looks for new ones every quarter of an hour.")
        return
    print(f"{'week':>5} {'usual':>6} {'all':>5} {'person':>6}  id                state     what was asked")
    for one in found:
        figures = f"{one.recent:>5} {one.usual:>6.1f} {one.count:>5} {one.handed:>6}"
        print(f"{figures}  {one.id:<16}  {one.state:<8}  {(one.name or '(deleted)')[:80]}")


def _plain(one: Cluster) -> dict[str, object]:
    return {
        "id": one.id,
        "state": str(one.state),
        "name": one.name,
        "words": one.words,
        "weight": round(one.weight, 2),
        "count": one.count,
        "weekly": one.weekly,
        "trend": one.trend,
        "handed": one.handed,
        "kinds": dict(one.kinds),
        "languages": dict(one.languages),
        "channels": dict(one.channels),
        "topics": dict(one.topics),
        "first": one.first.isoformat() if one.first else None,
        "last": one.last.isoformat() if one.last else None,
        "entry": one.entry,
        "release": one.release,
        "since": one.since,
        "trials": {"asked": one.tried, "answered": one.right, "offered": one.offered},
    }

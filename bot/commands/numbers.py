"""`stadtbote numbers`: the figures of a period, by day or as open data, to standard output."""

import argparse
import json
import sys
from datetime import UTC, date, datetime

from bot.composition import corpus_folder
from bot.console.asked_for import AskedFor, asked_for
from bot.console.words import Words
from bot.livetown import live_town
from bot.numbers import open_data, table
from bot.numbers.metric import METRICS
from bot.numbers.read import Numbers
from bot.settings import Settings, SettingsError
from faq.catalogue import Catalogue


def run(settings: Settings, args: argparse.Namespace) -> int:
    """In German, as they are published. Raises SettingsError for a period that cannot be."""
    catalogue = Catalogue.open(settings.database)
    try:
        live = live_town(corpus_folder(settings), catalogue.engine)
        now = datetime.now(UTC)
        t = Words("de", live.calendar.zone, now)
        today = t.local(now).date()
        asked = asked_for({"from": args.since, "until": args.until}, today, frozenset())
        if asked.trouble:
            raise SettingsError(_WHY[asked.trouble])
        numbers = Numbers(catalogue.engine)
        told = _open(numbers, asked, today, args.json, t, live.town.full_name) if args.open_data else ""
        sys.stdout.write(told or _table(numbers, asked, args.json, t))
        return 0
    finally:
        catalogue.close()


_WHY = {
    "numbers.bad_day": "Write a day as 2026-11-23.",
    "numbers.bad_order": "The period ends before it begins.",
    "numbers.too_long": "Nothing is kept for longer than 800 days.",
}


def _open(numbers: Numbers, asked: AskedFor, today: date, as_json: bool, t: Words, town: str) -> str:
    cells = open_data.cells(numbers, asked.period, today)
    if not as_json:
        return open_data.as_csv(cells)
    what = {key: t(f"number.{key}.what") for key in open_data.OPEN}
    return open_data.as_json(cells, town, t.now, what, t("numbers.open_note")) + "\n"


def _table(numbers: Numbers, asked: AskedFor, as_json: bool, t: Words) -> str:
    lines = table.by_day(numbers.read(asked.period, asked.cut, ()).days, asked.period)
    if as_json:
        rows = [{"day": day} | dict(zip(METRICS, counts, strict=True)) for day, counts in lines]
        return json.dumps(rows, indent=1) + "\n"
    return table.as_csv(lines, t("numbers.when"), {key: t(f"number.{key}.name") for key in METRICS})

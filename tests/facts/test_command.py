"""`stadtbote numbers` on a real installation's database."""

import argparse
import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.commands import numbers
from bot.commands.parser import parser
from bot.facts.fact import Fact, FactKind
from bot.facts.kept import Facts
from bot.settings import Settings, SettingsError
from faq.schema import open_database
from tests.facts.test_metrics import BERLIN, HAND, log


def args(*words: str) -> argparse.Namespace:
    return parser().parse_args(["numbers", *words])


def test_figures_open_data_and_what_cannot_be(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = replace(Settings(), home=tmp_path)
    engine = open_database(settings.database)
    october = Fact("o", datetime(2026, 10, 1, 9, tzinfo=UTC), FactKind.BEGUN, "c", "telegram", "de", count=7)
    Facts(engine, BERLIN).take([*log(), october])
    engine.dispose()

    assert numbers.run(settings, args("--from", "2026-11-23", "--until", "2026-11-24")) == 0
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out.removeprefix("\ufeff")), delimiter=";"))
    assert rows[1] == ["2026-11-23", *(str(by[1]) for by in HAND.values())]

    assert numbers.run(settings, args("--from", "2026-11-23", "--until", "2026-11-24", "--json")) == 0
    told = json.loads(capsys.readouterr().out)
    assert told[1] == {"day": "2026-11-24"} | {key: by[2] for key, by in HAND.items()}

    period = ("--from", "2026-10-01", "--until", "2026-10-31")
    assert numbers.run(settings, args(*period, "--open-data")) == 0
    assert "2026-10,conversations,language,de,7" in capsys.readouterr().out
    assert numbers.run(settings, args(*period, "--open-data", "--json")) == 0
    assert json.loads(capsys.readouterr().out)["rows"][0] == ["2026-10", "conversations", "", "", 7]

    for wrong, why in (("heute", "2026-11-23"), ("2026-11-01", "before it begins")):
        with pytest.raises(SettingsError, match=why):
            numbers.run(settings, args("--from", wrong, "--until", "2026-10-01"))

"""`stadtbote faq lint`: what is wrong with the entries, for people or as JSON. Status 1 where anything is an error."""

import argparse
import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.composition import corpus_folder
from bot.console.lint_view import said, sentence
from bot.console.words import Words
from bot.linting import corpus_of
from bot.livetown import live_town
from bot.settings import Settings, SettingsError
from faq.catalogue import Catalogue
from faq.lint.dismissed import Dismissals
from faq.lint.finding import Finding, Level
from faq.lint.lint import RULES, lint
from faq.lint.told import to_json


def run(settings: Settings, args: argparse.Namespace) -> int:
    """Findings that editors dismissed do not count, and are told with --all only."""
    if strange := set(args.rule) - set(RULES):
        raise SettingsError(f"there is no rule {', '.join(sorted(strange))}; there are {', '.join(RULES)}.")
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    catalogue, now = Catalogue.open(settings.database), datetime.now(UTC)
    try:
        town = live_town(corpus_folder(settings), catalogue.engine).town
        found = lint(corpus_of(catalogue, town, now), args.rule or tuple(RULES))
        dismissed = Dismissals(catalogue.engine).all()
    finally:
        catalogue.close()
    shown = [finding for finding in found if args.all or finding.id not in dismissed]
    t = Words("en", ZoneInfo(town.timezone), now)
    if args.json:
        told = [_told(finding, t) | {"dismissed": finding.id in dismissed} for finding in shown]
        print(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        _print(shown, t)
    return int(any(finding.level is Level.ERROR and finding.id not in dismissed for finding in shown))


def _told(finding: Finding, t: Words) -> dict[str, object]:
    told = to_json(finding)
    del told["of"]  # whole answers, which only the id needs
    return told | {"says": sentence(finding, t), "why": t(f"lint.rule.{finding.rule}.why")}


def _print(findings: list[Finding], t: Words) -> None:
    rule = ""
    for finding in findings:
        if finding.rule != rule:
            rule = finding.rule
            print(f"{rule}: {t(f'lint.rule.{rule}.title')}. {t(f'lint.rule.{rule}.why')}")
        print(f"  {finding.level}  {', '.join(finding.entries)}  {sentence(finding, t)}  [{finding.id}]")
        if fixes := said(finding, {}, None, {}, t).fixes:
            print(f"    in the console: {', or '.join(fix.label for fix in fixes)}")
    print(t.count("lint.found", len(findings)) if findings else t("lint.nothing"))

"""`stadtbote ask`: what would be answered, and why; by a running worker, else by an encoder loaded for it."""

import argparse
import asyncio
import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot import ask, runtime
from bot.ask import AskClient, AskUnavailable
from bot.composition import build_core, fits, redis_of
from bot.console.whynot_view import not_said
from bot.console.words import Words
from bot.parts import Parts
from bot.privacy.masking import mask
from bot.settings import Settings
from bot.state import nothing_published, prepare_state
from bot.store.memory import MemoryStore
from bot.valkey import embedded
from faq.catalogue import Catalogue

_FITTED = {
    "general": "the general ones; `stadtbote faq calibrate` fits this corpus",
    "own": "proved for this corpus{on}",
    "outdated": "proved{on}, when this corpus was another in good part; `stadtbote faq calibrate` does it again",
}


def run(settings: Settings, args: argparse.Namespace) -> int:
    """Print it, for people or as JSON."""
    found = asyncio.run(answered(settings, args.question, args.language, args.draft, args.why_not))
    empty = "" if found["ranking"] else _nothing_published(settings)
    print(json.dumps(found, ensure_ascii=False, indent=2) if args.json else readable(found, empty))
    if empty and args.json:
        print(f"stadtbote: {empty}", file=sys.stderr)
    return 0


def _nothing_published(settings: Settings) -> str:
    catalogue = Catalogue.open(settings.database)
    try:
        return nothing_published(catalogue)
    finally:
        catalogue.close()


async def answered(settings: Settings, question: str, language: str, draft: bool, expected: str = "") -> dict[str, Any]:
    """bot.ask.Examiner.describe()."""
    try:
        return await _by_worker(settings, mask(question), language, draft, expected)
    except AskUnavailable:
        if sys.stderr.isatty():
            print("No worker is running: loading the encoder, which takes some seconds.", file=sys.stderr)
    return await _alone(settings, mask(question), language, draft, expected)


async def _by_worker(settings: Settings, question: str, language: str, draft: bool, expected: str) -> dict[str, Any]:
    """Raises AskUnavailable, at once where no worker says that it is there."""
    if not settings.redis_url:
        if runtime.supervisor(settings) == 0:
            raise AskUnavailable
        settings = replace(settings, redis_url=embedded(settings.home).url)
    redis = redis_of(settings, timeout=ask.WAITING)
    try:
        state = await Parts(redis, ("worker",)).state()
        if not state["worker"]:
            raise AskUnavailable
        return await AskClient(redis).ask(question, language, draft, expected)
    finally:
        await redis.aclose()


async def _alone(settings: Settings, question: str, language: str, draft: bool, expected: str) -> dict[str, Any]:
    from bot.answers import Answers
    from bot.drafts import Drafts
    from bot.processes.models import build_nlu, encoder_loader
    from faq.encoder import EncoderUnavailable

    settings = runtime.joined(settings)
    prepare_state(settings, lambda _: None)
    held: list[Answers] = []
    core = build_core(
        settings,
        find=lambda _: lambda entry, revision: held[0].revision(entry, revision),
        store=MemoryStore(),
        channels={},
    )
    answers = Answers(core.catalogue, core.town, fits=fits(settings))
    held.append(answers)
    nlu = build_nlu(settings, answers.meaning)
    drafts = Drafts(core.catalogue, answers, patience=None)
    try:
        try:
            await answers.attach(lambda: encoder_loader(settings))
        except EncoderUnavailable as error:
            print(f"Words alone: {error}", file=sys.stderr)
        return await ask.Examiner(core.turns, nlu, answers, drafts).describe(question, language, draft, expected)
    finally:
        await nlu.close()
        drafts.close()
        answers.close()
        await core.close()


def readable(found: Mapping[str, Any], empty: str = "") -> str:
    """The answer as text, the live corpus first; `empty` says so where nothing is published."""
    understood, release = found["understanding"], found.get("release", {})
    lines = [
        *([f"release    {release['number']} ({release['id']})"] if release.get("id") else []),
        *_finding(found, empty),
        f"intent     {understood['intent']} {understood['confidence']:.2f} ({understood['source']})",
    ]
    if understood.get("emergency"):
        lines.append(f"emergency  {understood['emergency']}")
    drafts = found.get("drafts")
    if drafts:
        lines += ["", f"drafts     {drafts['state']}, {drafts['pending']} pending"]
        lines += _finding(drafts) if "ranking" in drafts else []
    return "\n".join(lines)


def _finding(finding: Mapping[str, Any], empty: str = "") -> list[str]:
    limits, reply = finding["thresholds"], finding.get("reply")
    lines = [
        f"decision   {finding['decision']}   (answer from {limits['answer']:.2f}, clarify from {limits['clarify']:.2f})"
    ]
    if fitted := finding.get("fitted"):
        lines.append(f"thresholds {_FITTED[fitted['by']].format(on=' on ' + fitted['on'] if fitted['on'] else '')}")
    if reply and reply["deed"] != finding["decision"]:
        lines.append(f"does       {reply['deed']}   ({reply['key'] or reply['reason']})")
    if empty:
        lines.append(f"corpus     {empty}")
    elif finding["words_only"]:
        lines.append("search     words only: there is no encoder")
    for place, match in enumerate(finding["ranking"], 1):
        why = "  ".join(f"{name} {share:.2f}" for name, share in match["why"].items())
        draft = "  (draft)" if match.get("draft") else ""
        lines.append(f"{place}. {match['score']:.3f}  {match['title']}  [{match['entry']}]{draft}")
        lines.append(f"          {why}")
    return [*lines, *_why_not(finding["why_not"])] if finding.get("why_not") else lines


def _why_not(told: Mapping[str, Any]) -> list[str]:
    """Where the expected entry stands, and why, in the console's English words."""
    t = Words("en", ZoneInfo("UTC"), datetime.now(UTC))
    shown = not_said(told, t)
    lines = [f"why not    {shown['title'] or told['entry']}  [{told['entry']}]"]
    if shown["place"]:
        lines.append(f"           {shown['place']}")
    return [*lines, *(f"           - {reason}" for reason in shown["reasons"])]

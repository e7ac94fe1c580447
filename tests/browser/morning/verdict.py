"""What must be true when the morning is over, judged from citizens' screens, transcripts and clerks' screens. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.conversation import Line
from bot.message import DeliveryState
from tests.browser.morning.script import Script

TAKES = {"claimed", "reopened"}
LEAVES = {"resolved", "handed_back", "transferred", "clerk_released", "lease_expired", "clerk_fell_silent"}
BESIDE_A_CLERK = {"handoff.joined"}
"""All that the bot may say while a clerk is in charge: who that is."""


@dataclass(frozen=True, slots=True)
class Story:
    """One citizen's morning. `screen` are the words of each message on the telephone, oldest first."""

    script: Script
    status: str
    lines: tuple[Line, ...]
    deliveries: Mapping[str, DeliveryState]
    screen: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Glance:
    """What a clerk's page showed of a conversation at some moment: ids of its lines; `rows` of the list."""

    clerk: str
    citizen: str
    lines: tuple[str, ...]
    rows: tuple[str, ...] = ()


def verdict(stories: Sequence[Story], glances: Iterable[Glance]) -> list[str]:
    """Everything that is wrong, in words; nothing when all is well."""
    wrong = [f"{s.script.name} ({s.script.kind}): {what}" for s in stories for what in _story(s)]
    known = {s.script.name: tuple(line.id for line in s.lines) for s in stories}
    return wrong + [f"{g.clerk} sees {g.citizen}: {what}" for g in glances for what in _glance(g, known[g.citizen])]


def _story(s: Story) -> list[str]:
    return [*_forgotten(s), *_answers(s), *_screen(s), *_one_voice(s)]


def _forgotten(s: Story) -> list[str]:
    return [] if s.status == s.script.end else [f"ends as {s.status}, not {s.script.end}"]


def _answers(s: Story) -> list[str]:
    wrong = []
    for question in s.script.questions:
        count = sum(question.answer in words for words in s.screen)
        if count != 1:
            wrong.append(f"{question.answer!r} stands on the screen {count} times")
        speakers = {line.by for line in s.lines if question.answer in line.text and line.by in ("bot", "clerk")}
        if speakers - {question.by}:
            wrong.append(f"{question.answer!r} was said by {sorted(speakers)}")
    return wrong


def _screen(s: Story) -> list[str]:
    """The screen shows what was said, each part once and in that order."""
    dropped = {part for part, state in s.deliveries.items() if state is DeliveryState.DROPPED}
    said = [(line, n) for line in s.lines for n, part in enumerate(line.parts) if part not in dropped]
    if len(said) != len(s.screen):
        return [f"{len(said)} messages were said, {len(s.screen)} are on the screen"]
    pairs = zip(said, s.screen, strict=True)
    return [
        f"{_tidy(line.text)!r} is not in its place" for (line, n), seen in pairs if n == 0 and not _begins(line, seen)
    ]


def _one_voice(s: Story) -> list[str]:
    """Who speaks is in charge at that moment; the bot is silent while somebody is."""
    wrong, owner, before, lapses, told = [], "", "", 0, 0
    for line in s.lines:
        if line.by == "event":
            now = _owner(line, owner, before)
            before, owner = (owner, now) if now != owner else (before, owner)
            lapses += line.what == "lease_expired"
        elif line.by == "clerk" and line.name != owner:
            wrong.append(f"{line.name} writes while {owner or 'nobody'} is in charge")
        elif line.by == "bot" and owner and line.what not in BESIDE_A_CLERK:
            wrong.append(f"the bot says {line.what} while {owner} is in charge")
        told += line.what == "handoff.requeued"
    if lapses != told:
        wrong.append(f"{lapses} leases ran out, and that was told {told} times")
    ids = [line.id for line in s.lines]
    return wrong + [f"the line {ident} is there twice" for ident in sorted(set(ids)) if ids.count(ident) > 1]


def _owner(line: Line, owner: str, before: str) -> str:
    if line.what in TAKES:
        return line.name
    if line.what == "passed_on":
        return line.text
    if line.what == "undone":
        return before
    return "" if line.what in LEAVES else owner


def _glance(g: Glance, known: tuple[str, ...]) -> list[str]:
    wrong = [f"the line {ident} twice" for ident in sorted(set(g.lines)) if g.lines.count(ident) > 1]
    wrong += [f"the row {ident} twice" for ident in sorted(set(g.rows)) if g.rows.count(ident) > 1]
    wrong += [f"a line that is not there: {ident}" for ident in g.lines if ident not in known]
    places = [known.index(ident) for ident in g.lines if ident in known]
    return wrong + ["lines out of order"] * any(b < a for a, b in pairwise(places))


def _begins(line: Line, seen: str) -> bool:
    return _tidy(seen).startswith(_tidy(line.text)[:40])


def _tidy(text: str) -> str:
    """Letters and digits alone: channels set lines and marks in their own ways."""
    return " ".join("".join(c if c.isalnum() else " " for c in text).split())

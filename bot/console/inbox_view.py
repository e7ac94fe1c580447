"""What the inbox shows, made of conversations: rows and groups, the transcript, what the bot understood."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from markupsafe import Markup

from bot.console.attachments import FileShown, shown
from bot.console.summaries import Summary
from bot.console.words import Words
from bot.conversation import Conversation, Line, Outcome, Status
from bot.document import from_json
from bot.handoff.desk import Opened, withdrawn
from bot.message import DeliveryState, Kind
from bot.render import web_html
from faq.town import Town

GROUPS = ("waiting", "mine", "team", "bot", "recent")
TICKS: Mapping[DeliveryState, str] = {
    DeliveryState.QUEUED: "…",
    DeliveryState.SENDING: "…",
    DeliveryState.SENT: "✓",
    DeliveryState.DELIVERED: "✓✓",
    DeliveryState.READ: "✓✓",
}
"""A sign for what goes well; trouble is said in words."""
PLAIN_STATES = frozenset(TICKS)
WORTH = 0.05  # below that probability a match is a guess
_NAMED = {"resolved": "outcome", "undone": "verb"}  # events whose text is a key of these texts


@dataclass(frozen=True, slots=True)
class Row:
    """One conversation in the list."""

    id: str
    group: str
    number: int
    subject: str
    reason: str
    channel: str
    language: str
    team: str
    owner: str
    at: datetime | None  # waiting since, or the last word
    late: bool
    unanswered: bool
    due: datetime | None = None  # while it waits: when somebody promised to read it
    fresh: bool = False  # a colleague gave it to its owner, who has not looked yet
    name: str = ""  # the citizen's, for the clerk in charge
    since: datetime | None = None  # the citizen has waited
    call: bool = False  # and wants to be called


@dataclass(frozen=True, slots=True)
class Said:
    """One line of the transcript. `html` is safe; `heard` is what the machine saw where that is something else."""

    id: str
    by: str
    who: str
    at: datetime
    text: str = ""
    html: Markup = Markup()
    heard: str = ""
    hidden: bool = False  # personal data is masked here; the clerk in charge sees it
    footer: str = ""
    buttons: tuple[str, ...] = ()
    edited: bool = False
    replaced: bool = False  # the citizen wrote it anew below
    state: str = ""
    tick: str = ""
    outcome: str = ""  # the delivery state by its name
    trouble: bool = False
    mine: bool = False  # a note that its reader wrote, and may take back
    files: tuple[FileShown, ...] = ()
    own: bool = False  # a clerk's own words, which may become a proposal for the FAQ
    release: int = 0  # the number of the one by which the bot answered


def group_of(c: Conversation, user: str) -> str:
    """Where it stands in the list."""
    if c.status is Status.WAITING:
        return "waiting"
    if c.status is Status.ASSIGNED:
        return "mine" if c.owner == user else "team"
    return "bot" if c.status is Status.BOT else "recent"


def row(
    c: Conversation, user: str, summary: Summary, t: Words, town: Town, names: Mapping[str, str], channel: str = ""
) -> Row:
    """A conversation as its line in the list."""
    team, group = town.teams.get(c.team), group_of(c, user)
    subject = summary.subject
    if not subject:
        subject = t.maybe(f"kind.{summary.kind}", t("inbox.no_words"))
    return Row(
        c.id,
        group,
        c.number,
        subject,
        t(f"reason.{c.reason}") if c.reason else "",
        channel or t.maybe(f"channel.{c.channel}", c.channel),
        t.maybe(f"language.{c.language}", c.language) if c.language else "",
        team.name if team else c.team,
        names.get(c.owner, c.owner),
        waits_since(c) or c.last_citizen,
        is_late(c, t.now),
        summary.unanswered,
        c.due if c.status is Status.WAITING else None,
        c.unseen,
        c.sender if group == "mine" else "",
        waits_since(c),
        c.is_open and c.callback is not None and not c.callback.done,
    )


def waits_since(c: Conversation) -> datetime | None:
    """Since when the citizen waits: for anybody, or for the next word of the clerk in charge; None: for nobody."""
    return c.clerk_owes if c.status is Status.ASSIGNED else c.waiting_since


def is_late(c: Conversation, now: datetime) -> bool:
    """Was it promised for an earlier time?"""
    return c.status is Status.WAITING and c.due is not None and c.due <= now


NONE: Mapping[str, int] = MappingProxyType({})


def transcript(
    opened: Opened, in_charge: bool, t: Words, town: Town, user: str = "", releases: Mapping[str, int] = NONE
) -> list[Said]:
    """The lines as they are shown. Who is not in charge sees what is masked, as the machine does; what was taken
    back nobody sees. `releases`: their numbers by id."""
    labels: dict[str, str] = {}
    found, gone = [], withdrawn(opened.lines)
    edited = {line.edits for line in opened.lines if line.edits}
    for line in opened.lines:
        if line.id in gone:
            continue
        said = _said(opened.conversation, line, opened.deliveries.get(line.id), in_charge, labels, t, town)
        mine = line.by == "note" and bool(user) and line.user == user
        files, own = shown(opened, line, in_charge, t), is_own_words(line)
        said = replace(said, mine=mine, files=files, own=own, replaced=line.id in edited)
        found.append(replace(said, release=releases.get(line.release, 0)))
        labels |= dict(line.buttons)
    return found


def undelivered(opened: Opened, line: str) -> str:
    """The words of a clerk's line that did not arrive, or may not have; "" for any other."""
    found = (x for x in opened.lines if x.id == line and x.by == "clerk" and _failed(opened.deliveries.get(line)))
    return next((x.text for x in found), "")


def _failed(state: DeliveryState | None) -> bool:
    return state is not None and state not in PLAIN_STATES


def _said(
    c: Conversation,
    line: Line,
    state: DeliveryState | None,
    in_charge: bool,
    labels: Mapping[str, str],
    t: Words,
    town: Town,
) -> Said:
    if line.by == "event":
        return Said(line.id, "event", "", line.at, _event(line, t, town))
    if line.by == "citizen":
        who = c.sender if in_charge and c.sender else t("said.citizen")
        text, heard, hidden = _citizen(line, in_charge, labels, t)
        return Said(line.id, "citizen", who, line.at, text, heard=heard, hidden=hidden, edited=bool(line.edits))
    if line.by == "note":
        text = line.text if in_charge else line.masked or line.text
        return Said(line.id, "note", line.name, line.at, text, hidden=text != line.text)
    ours = in_charge or not line.masked or line.masked == line.text
    return Said(
        line.id,
        line.by,
        line.name or t("said.bot"),
        line.at,
        line.text if ours else line.masked,
        Markup(web_html(from_json(line.document))) if ours and line.document else Markup(),  # noqa: S704 - escaped there
        hidden=not ours,
        footer=line.footer,
        buttons=tuple(label for _, label in line.buttons),
        state=t(f"delivery.{state}") if state else "",
        tick=TICKS.get(state, "") if state else "",
        outcome=str(state or ""),
        trouble=_failed(state),
    )


def _citizen(line: Line, in_charge: bool, labels: Mapping[str, str], t: Words) -> tuple[str, str, bool]:
    """What is shown, what the machine saw if that differs, and whether something is hidden."""
    if line.what == Kind.CHOICE:
        return t("said.pressed", label=labels.get(line.text, line.text)), "", False
    if line.what == Kind.COMMAND:
        return line.text if in_charge else f"/{line.masked}", "", False
    if line.what and line.what != Kind.EDIT:
        kind = t.maybe(f"kind.{line.what}", t("kind.other"))
        return f"{kind}\n{line.text if in_charge else line.masked}".strip(), "", False
    differs = line.masked != line.text
    if in_charge:
        return line.text, line.masked if differs else "", False
    return line.masked, "", differs


def _event(line: Line, t: Words, town: Town) -> str:
    team = town.teams.get(line.text)
    about = team.name if team else line.text
    if line.what in _NAMED:
        about = t.maybe(f"{_NAMED[line.what]}.{line.text}", line.text)
    what = "resolved_as" if line.what == "resolved" and line.text in set(Outcome) else line.what
    return t.maybe(f"event.{what}", t("event.other"), name=line.name or t("event.somebody"), about=about)


def is_own_words(line: Line) -> bool:
    """Did a clerk write it, rather than send an entry's answer or a file?"""
    return line.by == "clerk" and line.what == "clerk" and bool(line.text.strip())


def understood(lines: Sequence[Line]) -> Mapping[str, Any]:
    """The last understanding of something the citizen said, else empty."""
    return next((line.understanding for line in reversed(lines) if line.by == "citizen" and line.understanding), {})


def best(lines: Sequence[Line]) -> tuple[Mapping[str, Any], ...]:
    """The matches of the last question that had any worth reading: after "hier mein Bescheid" still those of the
    question before."""
    for line in reversed(lines):
        worth = tuple(m for m in line.matches if float(m.get("score", 0)) >= WORTH) if line.by == "citizen" else ()
        if worth:
            return worth
    return ()

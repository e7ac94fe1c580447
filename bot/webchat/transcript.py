"""What a visitor sees of a conversation, and what is new since they last looked.

A reply is seen once the outbox let it go: one that was dropped because somebody else took over never shows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.attachments.attachment import Attachment
from bot.conversation import Conversation, Line
from bot.message import DeliveryState
from bot.store.protocol import Store

SPOKEN = ("bot", "clerk")
_LET_GO = {
    DeliveryState.SENDING,
    DeliveryState.SENT,
    DeliveryState.DELIVERED,
    DeliveryState.READ,
    DeliveryState.UNKNOWN,  # of sending, which for this channel is nothing: the line itself is safe
}


@dataclass(frozen=True, slots=True)
class Seen:
    """One line as it is shown; `place` is its place in the transcript."""

    place: int
    line: Line
    live: bool  # its buttons can be pressed
    label: str = ""  # of a pressed button: what it said


@dataclass(frozen=True, slots=True)
class View:
    """The conversation as its visitor sees it at one moment. `cursor`: nothing before it is still to come."""

    conversation: Conversation | None
    version: int
    lines: tuple[Seen, ...]
    cursor: str
    settled: bool  # no reply is still on its way through the outbox
    files: Mapping[str, Attachment] = field(default_factory=dict)  # by id


@dataclass(frozen=True, slots=True)
class News:
    """What a page must add; with `reset`, what it must show instead of all that it has."""

    lines: tuple[Seen, ...]
    reset: bool


async def look(store: Store, conversation: str) -> View:
    """Read the conversation. Raises StoreUnavailable."""
    held = await store.load(conversation)
    lines = await store.transcript(conversation)
    states = await store.deliveries(conversation) if lines else {}
    seen = view(held.conversation, held.version, lines, states)
    if any(line.attachments for line in lines):
        seen = replace(seen, files={file.id: file for file in await store.attachments(conversation)})
    return seen


def view(
    conversation: Conversation | None, version: int, lines: Sequence[Line], states: Mapping[str, DeliveryState]
) -> View:
    """The visible lines: the citizen's and those that were said; never notes, never events."""
    seen: list[Seen] = []
    cursor, settled = "", True
    pressable = _pressable(lines, states)
    for place, line in enumerate(lines):
        if line.by in SPOKEN:
            visible, pending = _fate(line, states)
            settled = settled and not pending
        else:
            visible = line.by == "citizen"
        if not visible:
            continue
        label = _label(line, lines[:place]) if line.what == "choice" else ""
        seen.append(Seen(place, line, line.id == pressable, label))
        if settled:
            cursor = line.id
    return View(conversation, version, tuple(seen), cursor, settled)


def since(view: View, has: frozenset[str]) -> News:
    """What a page with these lines lacks. Lines that are gone (erased, outlived) make it begin anew."""
    ids = {seen.line.id for seen in view.lines}
    if has - ids:
        return News(view.lines, reset=True)
    return News(tuple(seen for seen in view.lines if seen.line.id not in has), reset=False)


def up_to(view: View, cursor: str) -> frozenset[str]:
    """The lines that a page with this cursor has for sure; a cursor that is gone stands for itself."""
    if not cursor:
        return frozenset()
    ids = [seen.line.id for seen in view.lines]
    return frozenset(ids[: ids.index(cursor) + 1]) if cursor in ids else frozenset({cursor})


def _fate(line: Line, states: Mapping[str, DeliveryState]) -> tuple[bool, bool]:
    """(visible, still to be decided)."""
    found = [states.get(part, DeliveryState.SENT) for part in line.parts]
    visible = not found or any(state in _LET_GO for state in found)
    return visible, not visible and DeliveryState.QUEUED in found


def _pressable(lines: Sequence[Line], states: Mapping[str, DeliveryState]) -> str:
    """The line whose buttons count: the bot's last one, until one of them was pressed."""
    for line in reversed(lines):
        if line.by == "citizen" and line.what == "choice":
            return ""
        if line.by == "bot" and _fate(line, states)[0]:
            return line.id
    return ""


def _label(pressed: Line, before: Sequence[Line]) -> str:
    for line in reversed(before):
        for data, label in line.buttons:
            if data == pressed.text:
                return label
    return ""

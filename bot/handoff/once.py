"""What a page sends again because no answer came is said once: each sending has a name, which its line bears."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from bot.attachments.attachment import Attachment
from bot.conversation import Line
from bot.events import ClerkWrote

NAME = re.compile("[0-9a-f]{12}")


class SaidAlready(Exception):
    """This very sending stands in the transcript: nothing is left to do."""


def sent_once(event: ClerkWrote, lines: Iterable[Line], files: Mapping[str, Attachment]) -> ClerkWrote:
    """The event as it may be kept. Raises SaidAlready.

    A name that another line bears (of other words, of somebody else) is not used: nothing that was written is lost.
    """
    there = next((line for line in lines if line.id == event.line), None)
    if there is None:
        return event if NAME.fullmatch(event.line) else replace(event, line="")
    if there.by == "clerk" and there.name == event.name and _same(event, there, files):
        raise SaidAlready
    return replace(event, line="")


def _same(event: ClerkWrote, there: Line, files: Mapping[str, Attachment]) -> bool:
    if event.attachment:
        return [files[a].digest for a in there.attachments if a in files] == [event.attachment.digest]
    if event.revision:
        return there.revision == event.revision
    return event.text.split() == there.text.split()

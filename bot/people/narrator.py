"""Tells a play in a terminal: who says what on which channel, in columns, in colour where there is any."""

import os
import sys
import textwrap
from typing import TextIO

SPEAKER = 26  # columns
WIDTH = 110
BOLD, DIM, OFF = "1", "2", "0"
CITIZEN, BOT, CLERK = "36", "32", "33"


class Narrator:
    """Writes to a stream, in colour if it is a terminal that wants any."""

    def __init__(self, stream: TextIO = sys.stdout) -> None:
        self._stream = stream
        self._colour = stream.isatty() and "NO_COLOR" not in os.environ
        columns = os.get_terminal_size(stream.fileno()).columns if stream.isatty() else WIDTH
        self._width = min(WIDTH, max(60, columns))

    def title(self, text: str) -> None:
        """The name of the play."""
        self._line(self._in(text, BOLD))

    def scene(self, text: str) -> None:
        """A scene begins."""
        self._line("")
        self._line(self._in(f"── {text} ".ljust(self._width, "─"), BOLD))

    def aside(self, text: str) -> None:
        """A word of the narrator's own."""
        self._line(self._in(text, DIM))

    def says(self, speaker: str, text: str, colour: str, buttons: tuple[str, ...] = ()) -> None:
        """Somebody says something; buttons stand below."""
        if buttons:
            text += "\n" + "  ".join(f"[{label}]" for label in buttons)
        room = self._width - SPEAKER
        rows = [row for line in text.split("\n") for row in textwrap.wrap(line, room) or [""]]
        for place, row in enumerate(rows):
            head = "" if place else speaker[: SPEAKER - 1]
            self._line(self._in(head.ljust(SPEAKER), colour) + row)

    def fact(self, name: str, value: str) -> None:
        """A line of the summary."""
        self._line(f"{name:<44} {value:>8}")

    def _in(self, text: str, colour: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[{OFF}m" if self._colour else text

    def _line(self, text: str) -> None:
        print(text.rstrip(), file=self._stream, flush=True)

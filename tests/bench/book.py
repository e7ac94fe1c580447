"""Who was asked what when, and which reply came of it: pure bookkeeping over what the simulator's ledger tells.

A chat's replies belong to its messages in order. What comes while nothing is asked is extra: a second part of an
answer, or, if it comes late, a mistake that the scenarios look for.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Any

TO_PEOPLE = "h:cancel"  # the button of a handoff's one message
NOT_UNDERSTOOD = "h:no"  # the button of an offer of a person


@dataclass(slots=True)
class Asked:
    """One message; times in seconds since 1970, 0 while it has not happened."""

    chat: "Chat"
    text: str
    planned: float
    acknowledged: float = 0.0
    status: int = 0  # of the acknowledgement; 0: no answer at all
    refused: int = 0  # how often it was told to come again
    replied: float = 0.0
    reply: str = ""
    overlapped: bool = False  # the chat still waited for an earlier reply
    to_people: bool = False  # a person has the conversation: the bot says nothing, as it must


@dataclass(slots=True, eq=False)
class Chat:
    """One citizen on one platform."""

    platform: str
    key: str
    waiting: deque[Asked] = field(default_factory=deque)
    missed: bool = False  # the last question was not understood; a second one in a row brings a person
    to_people: bool = False
    seen: list[tuple[float, str]] = field(default_factory=list)
    extra: list[float] = field(default_factory=list)
    number: int = 0  # of the last message that was sent
    line: asyncio.Lock = field(default_factory=asyncio.Lock)  # platforms post a chat's messages one after the other


class Book:
    """All chats. `messages` are those of the scenario at hand."""

    def __init__(self) -> None:
        self.chats: dict[tuple[str, str], Chat] = {}
        self.messages: list[Asked] = []
        self.strangers = 0  # replies to nobody that we know
        self._turns: deque[Chat] = deque()

    def add(self, platform: str, keys: list[str]) -> None:
        """Citizens to ask as."""
        for key in keys:
            chat = self.chats[platform, key] = Chat(platform, key)
            self._turns.append(chat)

    def fresh(self) -> None:
        """Begin a scenario."""
        self.messages = []
        for chat in self.chats.values():
            chat.extra.clear()
            chat.seen.clear()

    def next_chat(self, platform: str = "") -> Chat:
        """The one that was asked longest ago and waits for nothing, else the one that was asked longest ago."""
        first: Chat | None = None
        for chat in self._turns:
            if chat.to_people or platform not in ("", chat.platform):
                continue
            first = first or chat
            if not chat.waiting:
                first = chat
                break
        if first is None:
            raise LookupError("every chat is in the hands of people: begin with more citizens")
        self._turns.remove(first)
        self._turns.append(first)
        return first

    def ask(self, chat: Chat, text: str, planned: float) -> Asked:
        """Write down that this is being asked."""
        asked = Asked(chat, text, planned, overlapped=bool(chat.waiting))
        chat.waiting.append(asked)
        self.messages.append(asked)
        return asked

    def saw(self, rows: list[list[Any]]) -> None:
        """What the citizens have seen: rows of /bench/seen."""
        for platform, key, at, text, buttons in rows:
            chat = self.chats.get((platform, key))
            if chat is None:
                self.strangers += 1
                continue
            chat.seen.append((at, text))
            if chat.waiting and at >= chat.waiting[0].planned:
                asked = chat.waiting.popleft()
                asked.replied, asked.reply = at, text
            else:
                chat.extra.append(at)
            chat.missed = NOT_UNDERSTOOD in buttons
            if TO_PEOPLE in buttons:
                chat.to_people = True
                for asked in chat.waiting:
                    asked.to_people = True
                chat.waiting.clear()

    @property
    def open(self) -> int:
        """Messages of this scenario that still wait for their reply."""
        return sum(not (asked.replied or asked.to_people) for asked in self.messages)

    def give_up(self) -> None:
        """What has not been answered will not be: nobody waits for it any more."""
        for chat in self.chats.values():
            chat.waiting.clear()

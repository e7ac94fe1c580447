"""Which reply belongs to which message, and what stays without one."""

from typing import Any

from tests.bench.book import NOT_UNDERSTOOD, TO_PEOPLE, Book
from tests.bench.messages import in_order, late


def row(key: str, at: float, text: str = "Antwort", *buttons: str) -> list[Any]:
    return ["telegram", key, at, text, list(buttons)]


def book(*keys: str) -> Book:
    found = Book()
    found.add("telegram", list(keys))
    return found


def test_replies_belong_to_a_chats_messages_in_order() -> None:
    b = book("1", "2")
    first, other = b.ask(b.chats["telegram", "1"], "a", 10.0), b.ask(b.chats["telegram", "2"], "b", 10.0)
    second = b.ask(b.chats["telegram", "1"], "c", 11.0)
    assert second.overlapped
    assert not other.overlapped
    assert b.open == 3
    b.saw([row("1", 12.0, "eins"), row("2", 12.5), row("1", 13.0, "zwei")])
    assert [(a.replied, a.reply) for a in (first, second)] == [(12.0, "eins"), (13.0, "zwei")]
    assert b.open == 0


def test_a_second_part_belongs_to_nobody_and_never_to_what_was_asked_after_it() -> None:
    b = book("1")
    chat = b.chats["telegram", "1"]
    b.ask(chat, "a", 10.0)
    b.saw([row("1", 11.0), row("1", 11.1)])
    assert chat.extra == [11.1]
    later = b.ask(chat, "b", 20.0)
    b.saw([row("1", 19.0)])
    assert not later.replied
    b.saw([["whatsapp", "9", 21.0, "wer", []]])
    assert b.strangers == 1


def test_who_is_with_people_is_asked_no_more() -> None:
    b = book("1", "2")
    chat = b.chats["telegram", "1"]
    b.ask(chat, "a", 10.0)
    waiting = b.ask(chat, "b", 10.5)
    b.saw([row("1", 11.0, "Ihre Nummer ist 1001", TO_PEOPLE)])
    assert waiting.to_people
    assert b.open == 0
    assert {b.next_chat().key for _ in range(4)} == {"2"}


def test_who_was_not_understood_is_known() -> None:
    b = book("1")
    chat = b.chats["telegram", "1"]
    b.ask(chat, "a", 10.0)
    b.saw([row("1", 11.0, "Das weiß ich nicht", "h:yes", NOT_UNDERSTOOD)])
    assert chat.missed
    b.ask(chat, "b", 12.0)
    b.saw([row("1", 13.0)])
    assert not chat.missed


def test_chats_take_turns_and_those_that_wait_come_last() -> None:
    b = book("1", "2", "3")
    assert [b.next_chat().key for _ in range(4)] == ["1", "2", "3", "1"]
    b.ask(b.chats["telegram", "2"], "a", 1.0)
    assert [b.next_chat().key for _ in range(2)] == ["3", "1"]


def test_order_is_judged_by_known_answers() -> None:
    expected = {"a?": "Antwort A", "b?": "Antwort B"}
    for said, wrong, twice in (("AB", 0, 0), ("BA", 1, 0), ("AAB", 0, 1)):
        b = book("1")
        for n, text in enumerate(expected):
            b.ask(b.chats["telegram", "1"], text, float(n))
        b.saw([row("1", 5.0 + n, f"Antwort {letter}!") for n, letter in enumerate(said)])
        found = in_order(b.messages, expected)
        assert found == {"chats": 1, "recognised": 2, "out_of_order": wrong, "said_twice": twice}, said


def test_late_replies_are_found() -> None:
    b = book("1", "2", "3")
    for key, planned in (("1", 10.0), ("2", 10.0), ("3", 29.5)):
        b.ask(b.chats["telegram", key], "a", planned)
    # Rasa goes on at 30: one answered in time, one late; the third was asked just before and may come after.
    b.saw([row("1", 11.0), row("2", 30.5), row("3", 30.2)])
    assert late(b.messages, 30.0) == 1
    b.saw([row("1", 31.0)])  # said again, to nobody's question
    assert late(b.messages, 30.0) == 2

"""The web chat announces; the terminal prints, counts its buttons and lets no escape code through."""

from datetime import UTC, datetime

import pytest

from bot.channels.channel import Unverified
from bot.channels.commands import ALIASES, command, is_stop, load_words
from bot.channels.parts import short
from bot.channels.telegram import Telegram
from bot.channels.terminal import Terminal
from bot.channels.webchat import WebChat, arrival
from bot.document import Document, Paragraph, Span, from_markdown
from bot.message import Button, File, Kind, Message, Spoken
from bot.render import utf16

NOW = datetime(2026, 11, 22, 9, 41, tzinfo=UTC)


async def test_the_web_chat_tells_who_watches() -> None:
    told: list[str] = []

    async def announce(chat: str) -> None:
        told.append(chat)

    web = WebChat(announce)
    spoken = Spoken(
        from_markdown("**Ja** <b>"), (Button("yes", "Ja"),), "Automatisch", file=File("d.json", "x/y", "{}")
    )
    (part,) = web.render(spoken)
    assert part["html"] == '<p dir="auto"><strong>Ja</strong> &lt;b&gt;</p>'
    assert (part["text"], part["buttons"], part["footer"]) == ("Ja <b>", [["yes", "Ja"]], "Automatisch")
    assert part["file"]["content"] == "{}"
    assert await web.send("c0ffee", part) != await web.send("c0ffee", part)
    assert told == ["c0ffee", "c0ffee"]


def test_a_form_sent_twice_is_one_message() -> None:
    first, again = (arrival("c0ffee", "f1", NOW, text="wo ist das amt") for _ in range(2))
    other = arrival("c0ffee", "f2", NOW, choice="yes", language="de")
    assert first.id == again.id != other.id
    message = WebChat().parse(other)
    assert isinstance(message, Message)
    assert (message.kind, message.choice, message.at) == (Kind.CHOICE, "yes", NOW)


@pytest.mark.parametrize("channel", [WebChat(), Terminal()])
def test_nobody_posts_to_our_own_channels(channel: WebChat | Terminal) -> None:
    with pytest.raises(Unverified):
        channel.accept(b"{}", {})


async def test_the_terminal_prints_and_counts() -> None:
    printed: list[str] = []
    terminal = Terminal(printed.append, colour=False)
    evil = Document((Paragraph((Span("Bitte\x1b[2J wählen"),)),))
    for part in terminal.render(
        Spoken(evil, (Button("a", "Reisepass"), Button("none", "Nichts davon")), "Stand heute")
    ):
        await terminal.send("me", part)
    assert printed == ["» Bitte[2J wählen\n  [1] Reisepass\n  [2] Nichts davon\nStand heute\n"]
    message = terminal.parse(terminal.arrival("2", NOW))
    assert isinstance(message, Message)
    assert (message.kind, message.choice) == (Kind.CHOICE, "none")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("/mensch", ("mensch", "")),
        (" /Human@Lindenfurt_Bot  jetzt bitte ", ("mensch", "jetzt bitte")),
        ("/löschen", ("loeschen", "")),
        ("/mydata", ("meinedaten", "")),
        ("/mensch@other_bot", None),
        ("/wetter", None),
        ("/", None),
        ("ich will /mensch", None),
        ("/start/x", None),
    ],
)
def test_commands(text: str, meant: tuple[str, str] | None) -> None:
    assert command(text, "lindenfurt_bot") == meant


@pytest.mark.parametrize(
    ("text", "stops"), [("STOP", True), ("Stopp!", True), (" stop. ", True), ("stop it", False), ("", False)]
)
def test_stop(text: str, stops: bool) -> None:
    assert is_stop(text) is stops


def test_menus_name_commands_that_exist() -> None:
    for words in load_words().values():
        assert set(words["menu"]) <= set(ALIASES)
        assert all(name.isascii() and len(about) <= 256 for name, about in words["menu"].items())
        assert len(words["choose"]) <= 20
    assert {ALIASES[name] for name in load_words()["de"]["menu"]} == set(ALIASES.values()) - {"start"}
    assert {ALIASES[name] for name in load_words()["en"]["menu"]} == set(ALIASES.values()) - {"start"}


def test_labels_are_cut_between_graphemes() -> None:
    assert short("👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 24) == "👩‍👩‍👧‍👦👩‍👩‍👧‍👦…"
    assert short("  Nichts \n davon ", 20) == "Nichts davon"
    assert short("", 20) == "…"
    assert utf16(short("x" * 99, 20)) == 20


def test_a_footer_stays_with_the_last_words() -> None:
    parts = Telegram("1:x").render(
        Spoken(from_markdown("Ein Satz. " * 600), (), "Automatische Antwort · Stand 1.10.2026")
    )
    assert len(parts) == 2
    assert "Automatische" not in parts[0]["html"]
    assert parts[1]["html"].endswith("Ein Satz.\n\n<i>Automatische Antwort · Stand 1.10.2026</i>")

"""Pieces that run against their line are isolated: in pairs, on every messenger, however a message is cut."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.bidi import FSI, PDI, RLM, disarmed, isolated, led
from bot.document import Document, Paragraph, Span, from_markdown
from bot.phrasebook import load_languages
from bot.render import split, telegram_html, telegram_length, web_html, whatsapp_length, whatsapp_text
from bot.split import MIN_LIMIT

PIECES = (
    "رقمكم",
    "هو",
    "لا",
    "،",
    "Bürgeramt",
    "Nord",
    "0800",
    "111",
    "8–12",
    "(",
    ")",
    ".",
    "/mensch",
    "46,00 €",
    "🙂",
)
HOSTILE = ("é", "https://stadt.example/a", "\u202e", "\u2069", "\n")
MIXED = st.lists(st.sampled_from(PIECES + HOSTILE), max_size=40).map(" ".join)


def said(text: str) -> str:
    return "".join(span.text for span in isolated((Span(text),)))


def shown(text: str) -> str:
    """The isolates as brackets, to be read."""
    return text.replace(FSI, "[").replace(PDI, "]")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("اتصلوا على 0800 111 0 111 أو 116 117.", "اتصلوا على [0800 111 0 111] أو [116 117]."),
        ("رقمكم هو 4711.", "رقمكم هو 4711."),
        ("الرسوم: 46,00 € (ab 24 Jahren)", "الرسوم: [46,00 € (ab 24 Jahren)]"),
        ("اكتبوا /mensch.", "اكتبوا [/mensch]."),
        ("يكتب الآن Kim B.، وهو إنسان.", "يكتب الآن [Kim B.]، وهو إنسان."),
        ("مغلق (Heiligabend).", "مغلق [(Heiligabend)]."),
        ("المصدر: https://stadt.example/a_b/", "المصدر: https://stadt.example/a_b/"),
        ("مفتوح 8–12, 13–18", "مفتوح [8–12, 13–18]"),
        ("Hier schreibt محمد علي, ein Mensch.", "Hier schreibt [محمد علي], ein Mensch."),
        ("Nur Deutsch, 46,00 €", "Nur Deutsch, 46,00 €"),
        ("نص\nBürgeramt Nord\nنص", "نص\nBürgeramt Nord\nنص"),
        (f"{RLM}Bürgeramt Nord، مغلق", f"{RLM}[Bürgeramt Nord]، مغلق"),
    ],
)
def test_what_runs_against_its_line_stays_together(text: str, expected: str) -> None:
    assert shown(said(text)) == expected


def test_a_piece_over_several_styles_is_one() -> None:
    spans = isolated((Span("مكتب "), Span("Bürgeramt "), Span("Nord", bold=True), Span(" 5، هنا")))
    assert shown("".join(span.text for span in spans)) == "مكتب [Bürgeramt Nord 5]، هنا"


@given(st.text(max_size=60) | MIXED)
def test_isolates_pair_in_every_line_and_nothing_else_changes(text: str) -> None:
    once = said(text)
    assert once.replace(FSI, "").replace(PDI, "") == disarmed(text)
    for line in once.splitlines():
        depth = 0
        for char in line:
            depth += (char == FSI) - (char == PDI)
            assert depth in (0, 1)
        assert depth == 0


@settings(max_examples=40)
@pytest.mark.parametrize(
    ("render", "measure"), [(telegram_html, telegram_length), (whatsapp_text, whatsapp_length), (web_html, len)]
)
@given(text=MIXED, limit=st.integers(MIN_LIMIT, MIN_LIMIT + 60))
def test_no_cut_parts_a_pair(render: Callable[[Document], str], measure: object, text: str, limit: int) -> None:
    document = Document((Paragraph((Span(text), Span(" Bürgeramt", bold=True), Span("، نعم"))),))
    counted = telegram_length if measure is len else measure
    for piece in split(document, limit, counted):  # type: ignore[arg-type]
        assert counted(piece) <= limit  # type: ignore[operator]
        out = render(piece)
        assert out.count(FSI) == out.count(PDI)


def test_every_arabic_line_begins_from_the_right() -> None:
    for key, text in load_languages()["ar"].replies.items():
        for block in from_markdown(text).blocks:
            runs = [block.spans] if isinstance(block, Paragraph) else list(block.items)
            for run in runs:
                line = "".join(span.text for span in run)
                first = next((char for char in line if char.isalpha() or char == RLM), RLM)
                assert first == RLM or "\u0600" <= first <= "\u06ff", (key, line)


def test_a_mark_leads_only_lines_that_need_one() -> None:
    assert led("- /mensch: مراسلة موظف\nنص Bürgeramt\nBürgeramt") == (
        f"- {RLM}/mensch: مراسلة موظف\nنص Bürgeramt\nBürgeramt"
    )

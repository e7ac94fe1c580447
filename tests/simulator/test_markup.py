"""Marked-up text is read as the messengers read it, and shown without danger."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.simulator.markup import CannotParse, Entity, parse_html, parse_marks, to_html, trim, utf16

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60)


@given(TEXT)
def test_escaped_text_arrives_as_it_was_written(text: str) -> None:
    assert parse_html(html.escape(text)) == (text, [])


@given(TEXT, TEXT.filter(bool), TEXT)
def test_offsets_count_utf16_units(before: str, bold: str, after: str) -> None:
    text, entities = parse_html(f"{html.escape(before)}<b>{html.escape(bold)}</b>{html.escape(after)}")
    assert text == before + bold + after
    assert entities == [Entity("bold", utf16(before), len(bold.encode("utf-16-le")) // 2)]


@given(st.text(alphabet="<>/=\"'&; abi#x1", max_size=40))
def test_whatever_is_sent_is_refused_or_shown_with_known_tags_only(source: str) -> None:
    try:
        text, entities = parse_html(source)
    except CannotParse:
        return
    shown = to_html(text, entities)
    assert html.unescape(re.sub(r"</?(b|i|u|s|code|pre|blockquote|a)( href=\"[^\"<>]*\")?>", "", shown)) == text


@given(
    TEXT, st.lists(st.tuples(st.sampled_from(["bold", "code", "text_link"]), st.integers(0, 60), st.integers(1, 60)))
)
def test_entities_that_cross_or_overrun_do_not_break_the_page(text: str, given_: list[tuple[str, int, int]]) -> None:
    entities = [Entity(kind, offset, length, "https://stadt.example") for kind, offset, length in given_]
    shown = to_html(text, entities)
    opened = re.findall(r"<(b|code|a)[ >]", shown)
    assert sorted(opened) == sorted(re.findall(r"</(b|code|a)>", shown))


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("3 < 5", 'Unsupported start tag "" at byte offset 2'),
        ("ä<x@y.de>", 'Unsupported start tag "x@y.de" at byte offset 2'),
        ("<b>offen", "Can't find end tag corresponding to start tag b"),
        ("<b>schief</i>", 'Unmatched end tag at byte offset 9, expected "</b>", found "</i>"'),
        ("zu</b>", "Unexpected end tag at byte offset 2"),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<b></b", "Unclosed end tag at byte offset 3"),
        ("<a href>x</a>", 'Expected equal sign in declaration of an attribute of the tag "a" at byte offset 0'),
        ('<a href="x>y</a>', "Unclosed start tag at byte offset 0"),
        ('<span class="x">y</span>', 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<br>", 'Unsupported start tag "br" at byte offset 0'),
    ],
)
def test_refusals_are_worded_as_telegram_words_them(source: str, reason: str) -> None:
    with pytest.raises(CannotParse, match=re.escape(reason)):
        parse_html(source)


def test_links_that_no_messenger_opens_are_plain_text() -> None:
    assert parse_html('<a href="javascript:alert(1)">hier</a>') == ("hier", [])
    assert to_html("hier", [Entity("text_link", 0, 4, "javascript:alert(1)")]) == "hier"


def test_nested_tags_stay_nested() -> None:
    text, entities = parse_html('<a href="https://stadt.example">zum <b>Termin</b></a>')
    assert to_html(text, entities) == '<a href="https://stadt.example">zum <b>Termin</b></a>'


def test_trimming_moves_entities_along() -> None:
    text, entities = parse_html("  <b> fett </b>  ")
    assert trim(text, entities) == ("fett", [Entity("bold", 0, 4)])


def test_whatsapp_marks() -> None:
    text, entities = parse_marks("*Gebühr:* 29,00 € · _ca. *zehn* Minuten_ · https://stadt.example/a_b_c.")
    assert to_html(text, entities) == (
        "<b>Gebühr:</b> 29,00 € · <i>ca. <b>zehn</b> Minuten</i> · "
        '<a href="https://stadt.example/a_b_c">https://stadt.example/a_b_c</a>.'
    )


@pytest.mark.parametrize("text", ["2*3*4", "snake_case_name", "* offen", "*zeilen\numbruch*", "a * b * c"])
def test_whatsapp_marks_inside_words_or_beside_spaces_are_text(text: str) -> None:
    assert parse_marks(text) == (text, [])

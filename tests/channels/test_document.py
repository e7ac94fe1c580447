"""Markdown becomes a document that holds every word and no HTML."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.document import (
    Document,
    Items,
    Paragraph,
    Span,
    from_json,
    from_markdown,
    from_text,
    is_allowed,
    joined,
    link,
    to_json,
)
from bot.render import plain

from .documents import documents, quick, texts


def test_a_good_answer_keeps_its_shape() -> None:
    document = from_markdown(
        "# Personalausweis\n\nKostet **37,00 €**. [Termin buchen](https://stadt.example/termin).\n\n"
        "Bringen Sie mit:\n\n- ein Foto\n- den *alten* Ausweis\n\n3. drei\n4. vier"
    )
    assert document.blocks == (
        Paragraph((Span("Personalausweis", bold=True),)),
        Paragraph(
            (
                Span("Kostet "),
                Span("37,00 €", bold=True),
                Span(". "),
                Span("Termin buchen", url="https://stadt.example/termin"),
                Span("."),
            )
        ),
        Paragraph((Span("Bringen Sie mit:"),)),
        Items(((Span("ein Foto"),), (Span("den "), Span("alten", italic=True), Span(" Ausweis")))),
        Items(((Span("drei"),), (Span("vier"),)), ordered=True, start=3),
    )


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("a <b onclick=x>b</b>", "a <b onclick=x>b</b>"),
        ("[klick](javascript:alert(1))", "klick"),
        ("[klick](data:text/html,x)", "klick"),
        ("[klick](//evil.example)", "klick"),
        ("![Das *Rathaus*](https://x.example/r.png)", "Das Rathaus"),
        ("| Amt | Zeit |\n|---|---|\n| Mitte | 8 bis 12 |", "Amt · Zeit\nMitte · 8 bis 12"),
        ("- a\n  - b\n    1. c\n- d", "• a\n– b\n– c\n• d"),
        ("> Zitat\n>\n> weiter", "Zitat\n\nweiter"),
        ("eins  \nzwei\ndrei", "eins\nzwei drei"),
        ("```\n<x> *y*\n```", "<x> *y*"),
        ("&lt;b&gt; &amp;", "<b> &"),
        ("[](https://x.example/a)", "https://x.example/a"),
        ("---", ""),
        ("", ""),
    ],
)
def test_what_is_not_words_becomes_words(source: str, words: str) -> None:
    assert plain(from_markdown(source)) == words


@quick
@given(st.one_of(texts, st.text()))
def test_markdown_is_total_and_clean(source: str) -> None:
    document = from_markdown(source)
    assert from_json(to_json(document)) == document
    plain(document).encode("utf-8")
    assert "\x00" not in plain(document)


@quick
@given(st.text())
def test_text_is_never_interpreted(source: str) -> None:
    document = from_text(source)
    assert not any(span.bold or span.italic or span.url for b in document.blocks for span in b.spans)  # type: ignore[union-attr]
    assert plain(from_text("**a** <b>\n# b\n\n\n\nc")) == "**a** <b>\n# b\n\nc"


@quick
@given(documents, documents)
def test_json_brings_the_document_back(first: Document, second: Document) -> None:
    assert from_json(to_json(joined(first, second))) == joined(first, second)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://", "http:// x", "tel:", "mailto:a@b\nBcc: c", "ftp://x", "/x"]
)
def test_only_safe_links_can_exist(url: str) -> None:
    assert not is_allowed(url)
    assert link("Titel", url) == Span("Titel")
    assert from_json([{"p": [{"t": "Titel", "url": url}]}]) == Document((Paragraph((Span("Titel"),)),))
    with pytest.raises(ValueError, match="link"):
        Span("Titel", url=url)


@pytest.mark.parametrize("data", [[1], [{"p": 1}], [{"x": []}], [{"p": [{"t": 1}]}], [{"ol": [[{}]]}]])
def test_another_shape_is_a_value_error(data: list[object]) -> None:
    with pytest.raises(ValueError, match="not a document"):
        from_json(data)  # type: ignore[arg-type]

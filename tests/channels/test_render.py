"""Every form says the same words, and nothing literal turns into a mark."""

import re
from html.parser import HTMLParser

from hypothesis import example, given
from hypothesis import strategies as st

from bot.document import Document, Paragraph, Span, from_markdown, is_allowed, text_of
from bot.render import (
    plain,
    split,
    telegram_html,
    telegram_length,
    utf16,
    web_html,
    whatsapp_length,
    whatsapp_text,
)

from .documents import documents, long_documents, quick

ANSWER = from_markdown(
    "**Gebühr:** 37,00 € *(bar)*\n\n- [Termin buchen](https://stadt.example/t?a=1&b=2)\n- Anruf: [115](tel:115)\n"
    "- [Schreiben](mailto:amt@stadt.example)\n\n1 < 2 & 3 * 4 * 5"
)


class Reader(HTMLParser):
    """Reads HTML back to words; knows only the tags and attributes it is told."""

    def __init__(self, tags: dict[str, set[str]]) -> None:
        super().__init__(convert_charrefs=True)
        self.tags, self.words, self.open = tags, "", []  # type: ignore[var-annotated]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in self.tags
        assert {name for name, _ in attrs} <= self.tags[tag]
        assert all(is_allowed(value or "") for name, value in attrs if name == "href")
        if tag != "br":
            self.open.append(tag)
        else:
            self.words += "\n"

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def read(html: str, tags: dict[str, set[str]]) -> str:
    reader = Reader(tags)
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader.words


def unspaced(text: str) -> str:
    return re.sub(r"\s", "", text)


def clean(text: str) -> str:
    """Without what turns the direction: isolates of ours, other people's overrides, and what stands in their place."""
    return re.sub("[\u202a-\u202e\u2060\u2066-\u2069]", "", text)


def spans_of(document: Document) -> list[Span]:
    runs = [[block.spans] if isinstance(block, Paragraph) else block.items for block in document.blocks]
    return [span for block in runs for run in block for span in run]


def words(document: Document) -> str:
    return text_of(spans_of(document))


def test_an_answer_in_every_form() -> None:
    assert plain(ANSWER) == (
        "Gebühr: 37,00 € (bar)\n• Termin buchen: https://stadt.example/t?a=1&b=2\n• Anruf: 115\n"
        "• Schreiben: amt@stadt.example\n\n1 < 2 & 3 * 4 * 5"
    )
    assert telegram_html(ANSWER) == (
        '<b>Gebühr:</b> 37,00 € <i>(bar)</i>\n• <a href="https://stadt.example/t?a=1&amp;b=2">Termin buchen</a>\n'
        "• Anruf: 115\n• Schreiben: amt@stadt.example\n\n1 &lt; 2 &amp; 3 * 4 * 5"
    )
    assert whatsapp_text(ANSWER) == plain(ANSWER).replace("Gebühr:", "*Gebühr:*").replace("(bar)", "_(bar)_")
    assert web_html(ANSWER).startswith(
        '<p dir="auto"><strong>Gebühr:</strong> 37,00 € <em>(bar)</em></p><ul dir="ltr">'
    )
    assert 'rel="noopener noreferrer nofollow" target="_blank"' in web_html(ANSWER)


@quick
@given(documents)
def test_telegram_html_reads_back(document: Document) -> None:
    said = read(telegram_html(document), {"b": set(), "i": set(), "a": {"href"}})
    assert utf16(said) == telegram_length(document)
    if not any(span.url for span in spans_of(document)):
        assert clean(said) == clean(plain(document))


@quick
@given(documents)
def test_web_html_reads_back(document: Document) -> None:
    tags = {
        "p": {"dir"},
        "ul": {"dir"},
        "ol": {"dir", "start"},
        "li": {"dir"},
        "strong": set(),
        "em": set(),
        "br": set(),
    }
    said = read(web_html(document), {**tags, "a": {"href", "rel", "target"}})
    assert unspaced(clean(said)) == unspaced(clean(words(document)))


def formatted(text: str) -> tuple[str, list[str]]:
    """A model of WhatsApp's reading: the words without marks, and what stood between marks, line by line."""
    marked: list[str] = []
    lines = []
    for line in text.split("\n"):
        spared = re.split(r"(https?://\S+)", line)
        for number in range(0, len(spared), 2):
            for mark in "*_~`":
                m = re.escape(mark)
                pattern = rf"(?<![0-9A-Za-zÀ-ɏ]){m}(?=[^\s{m}])([^{m}\n]*?[^\s{m}]){m}(?![0-9A-Za-zÀ-ɏ])"
                marked += [found.group(1) for found in re.finditer(pattern, spared[number])]
                spared[number] = re.sub(pattern, r"\1", spared[number])
        lines.append("".join(spared))
    return "\n".join(lines), marked


@quick
@given(documents)
@example(Document((Paragraph((Span("*a* _b_ ~c~ ```d``` `e`\n> f"),)),)))
def test_whatsapp_marks_come_only_from_styles(document: Document) -> None:
    back = str.maketrans("∗ˍ∼ˋ›", "*_~`>")
    said = clean(formatted(whatsapp_text(document))[0])
    said = re.sub(r"%(2A|5F|7E|60)", lambda found: chr(int(found.group(1), 16)), said.translate(back))
    expected = re.sub(
        r"%(2A|5F|7E|60)", lambda found: chr(int(found.group(1), 16)), clean(plain(document)).translate(back)
    )
    assert said == expected
    plainly = Document(
        tuple(Paragraph(tuple(Span(s.text) for s in b.spans)) for b in document.blocks if isinstance(b, Paragraph))
    )
    assert formatted(whatsapp_text(plainly))[1] == []


def test_whatsapp_marks_where_they_show() -> None:
    text = whatsapp_text(from_markdown("**fett** und *kursiv*, **Melde**schein **_beides_**.\n\n**zwei\\\nZeilen**"))
    assert text == "*fett* und _kursiv_, Meldeschein *_beides_*.\n\n*zwei*\n*Zeilen*"


@quick
@given(
    long_documents,
    st.integers(64, 700),
    st.sampled_from([telegram_length, whatsapp_length, lambda d: utf16(plain(d))]),
)
def test_pieces_fit_and_lose_nothing(document: Document, limit: int, measure) -> None:  # type: ignore[no-untyped-def]
    pieces = split(document, limit, measure)
    assert all(0 < measure(piece) <= limit for piece in pieces)
    kept = unspaced("".join(map(words, pieces)))
    whole = unspaced(words(document))
    if len(kept) != len(whole):  # a link longer than the limit was spelled out: nothing but its address was added
        assert len(kept) > len(whole)
    else:
        assert kept == whole


@quick
@given(documents, st.integers(200, 400))
def test_no_link_is_cut(document: Document, limit: int) -> None:
    def links(pieces: list[Document]) -> list[tuple[str, str]]:
        return [(unspaced(s.text), s.url) for piece in pieces for s in spans_of(piece) if s.url and s.text.strip()]

    tidy = split(document, 10**6, telegram_length)
    short = [one for one in links(tidy) if utf16(one[0] + one[1]) < 60]
    assert [one for one in links(split(document, limit, telegram_length)) if one in short] == short


def test_cuts_fall_at_blocks_then_sentences_then_words_then_graphemes() -> None:
    def cut(text: str, limit: int = 64) -> list[str]:
        return [plain(piece) for piece in split(from_markdown(text), limit, lambda d: utf16(plain(d)))]

    assert cut("a" * 40 + "\n\n" + "b" * 40) == ["a" * 40, "b" * 40]
    assert cut("Das kostet 29 Euro. Es dauert. " * 3)[0] == ("Das kostet 29 Euro. Es dauert. " * 2).strip()
    assert cut("Erster Satz mit Nr. 5 und z. B. Str. 3 am 24. November hier. Zweiter Satz.") == [
        "Erster Satz mit Nr. 5 und z. B. Str. 3 am 24. November hier.",
        "Zweiter Satz.",
    ]
    assert cut("wort " * 20) == [("wort " * 13).strip(), ("wort " * 7).strip()]
    family = "👩‍👩‍👧‍👦"
    assert cut(family * 10) == [family * 5, family * 5]
    assert cut("\n".join(f"{n}. {'x' * 20}" for n in range(1, 5))) == [
        f"1. {'x' * 20}\n2. {'x' * 20}",
        f"3. {'x' * 20}\n4. {'x' * 20}",
    ]


def test_a_list_of_thousands_is_cut_in_few_looks() -> None:
    document = from_markdown("- x\n" * 5000)
    looks = 0

    def measure(piece: Document) -> int:
        nonlocal looks
        looks += 1
        return telegram_length(piece)

    cut = split(document, 4096, measure)
    assert "".join(plain(piece) for piece in cut).count("x") == 5000
    assert all(telegram_length(piece) <= 4096 for piece in cut)
    assert len(cut) == 5
    assert looks < 100  # one look an item would take minutes

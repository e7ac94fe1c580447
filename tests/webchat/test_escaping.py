"""No words break out of the page, whoever wrote them."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.attachments.intake import Rules
from bot.calendar import Calendar
from bot.conversation import Line
from bot.document import from_text, to_json
from bot.webchat.pages import Frame, Notice, Pages
from bot.webchat.static_files import Assets
from bot.webchat.transcript import view
from bot.webchat.words import load_words
from tests.channels.documents import documents
from tests.offices.towns import SAMPLE

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
RULES = Rules(frozenset({"image/png"}), 1024)
TOWN = replace(SAMPLE, full_name="Stadt <Muster> & Co")
PAGES = Pages(Assets(), Calendar(TOWN), RULES)
WORDS = load_words({"town": "Stadt <Muster> & Co", "phone": "0221 1"})
FRAME = Frame(WORDS["de"], False, AT)

nasty = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "<script>alert(1)</script>",
            '"><img src=x onerror=alert(1)>',
            "</textarea></template></script><b>",
            "' onfocus='alert(1)",
            "</li></ol><form action=//evil.example>",
            "<!-- --!> ]]>",
            "&lt;b&gt;",
            "javascript:alert(1)",
            "{{ 7*7 }}{% raw %}",
            "\u202eabc\u0000\u2028",
            "\nfirst line\r\nsecond",
        ]
    ),
)


class Shape(HTMLParser):
    """Tags with their attributes' names, and the text of chosen elements."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.text: dict[str, list[str]] = {}
        self.values: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        found = dict(attrs)
        if tag == "button":
            self.values.append(found.get("value") or "")
        name = found.get("class") or found.get("id") or tag
        if tag not in ("meta", "link", "img", "input", "br"):
            self._open.append(name.split()[0])

    def handle_endtag(self, tag: str) -> None:
        if self._open and tag not in ("meta", "link", "img", "input", "br"):
            self._open.pop()

    def handle_data(self, data: str) -> None:
        for name in self._open:
            self.text.setdefault(name, []).append(data)

    def words(self, name: str) -> str:
        return " ".join("".join(self.text.get(name, ())).split())


def shape(html: str) -> Shape:
    parser = Shape()
    parser.feed(html)
    parser.close()
    return parser


def squeezed(text: str) -> str:
    """The words as from_text keeps them, white space aside."""
    return " ".join(" ".join(span.text for block in from_text(text).blocks for span in block.spans).split())  # type: ignore[union-attr]


def unturned(text: str) -> str:
    """Without isolates, other signs of direction, and what stands in their place (bot.bidi)."""
    return re.sub("[\u202a-\u202e\u2060\u2066-\u2069]", "", text)


@given(nasty)
@settings(max_examples=150)
def test_a_citizens_words_stay_words(text: str) -> None:
    seen = view(None, 1, [Line("a" * 16, "citizen", AT, text)], {}).lines[0]
    found = shape(PAGES.line(FRAME, seen))
    tags = {tag for tag, _ in found.tags}
    assert tags <= {"li", "p", "span", "time", "div", "br"}
    assert unturned(found.words("said")).replace(" ", "") == unturned(squeezed(text)).replace(" ", "")


@given(nasty, nasty, nasty, nasty)
@settings(max_examples=150)
def test_names_buttons_and_footers_stay_words(name: str, label: str, data: str, footer: str) -> None:
    line = Line(
        "a" * 12, "clerk", AT, "x", name=name, footer=footer, buttons=((data, label),), document=to_json(from_text("x"))
    )
    html = PAGES.line(FRAME, view(None, 1, [line], {}).lines[0])
    plain = Line("a" * 12, "clerk", AT, "x", name="N", footer="F" if footer else "", buttons=(("d", "l"),))
    assert shape(html).tags == shape(PAGES.line(FRAME, view(None, 1, [plain], {}).lines[0])).tags
    if data.replace("\r", "").replace("\0", "") == data:
        assert shape(html).values == [data]


@given(documents)
@settings(max_examples=60)
def test_documents_keep_to_a_few_harmless_tags(document: object) -> None:
    line = Line("a" * 12, "bot", AT, "x", document=to_json(document))  # type: ignore[arg-type]
    found = shape(PAGES.line(FRAME, view(None, 1, [line], {}).lines[0]))
    for tag, names in found.tags:
        assert tag in {"li", "p", "span", "time", "div", "br", "strong", "em", "ul", "ol", "a"}
        assert not any(name.startswith("on") or name == "style" for name in names)


@given(nasty)
@settings(max_examples=80)
def test_the_text_that_was_not_taken_comes_back_in_the_box(text: str) -> None:
    text = text.replace("\r", "").replace("\0", "")
    html = PAGES.chat(FRAME, view(None, 0, [], {}), Notice("away", 503, text))
    bare = PAGES.chat(FRAME, view(None, 0, [], {}), Notice("away", 503, ""))
    assert shape(html).tags == shape(bare).tags
    kept = "".join(shape(html).text["text"])
    assert kept.removeprefix("\n") == text

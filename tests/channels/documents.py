"""Documents for property tests: every style, every script, and the marks that renderers must disarm."""

from hypothesis import settings
from hypothesis import strategies as st

from bot.document import Document, Items, Paragraph, Span
from bot.message import Button, File, Spoken

quick = settings(max_examples=30)

NASTY = [
    "*",
    "_",
    "~",
    "`",
    "```",
    "<",
    ">",
    "&",
    "<b>",
    "</a>",
    "\n",
    "\n\n> ",
    " * ",
    "**",
    "&amp;",
    "\u202e",
    "1. ",
]
WORDS = [
    "Bürgeramt",
    "Straße",
    "z. B.",
    "29,00 €.",
    "مرحبا",
    "Київ",
    "👩‍👩‍👧‍👦",
    "e\u0301",
    "👍🏽",
    "https://a.example/_x_/~y",
    "Ende.",
]
URLS = [
    "https://stadt.example/termin?a=1&b=*2*",
    "https://stadt.example/_x_",
    "http://127.0.0.1:8080/datenschutz",
    "tel:+49301150",
    "mailto:amt_mitte@stadt.example?subject=x",
]

texts = st.lists(st.one_of(st.sampled_from(NASTY), st.sampled_from(WORDS), st.text(max_size=8)), max_size=30).map(
    lambda parts: " ".join(parts).replace("\r", "")
)
glued = st.lists(st.sampled_from(NASTY + WORDS), max_size=12).map("".join)
spans = st.builds(
    Span, st.one_of(texts, glued), st.booleans(), st.booleans(), st.one_of(st.just(""), st.sampled_from(URLS))
)
runs = st.lists(spans, max_size=6).map(tuple)
blocks = st.one_of(
    st.builds(Paragraph, runs),
    st.builds(Items, st.lists(runs, max_size=5).map(tuple), st.booleans(), st.integers(1, 12)),
)
documents = st.builds(Document, st.lists(blocks, max_size=5).map(tuple))
long_texts = st.tuples(glued, st.integers(1, 300)).map(lambda pair: pair[0] * pair[1])
long_documents = st.one_of(
    documents, st.builds(lambda text, bold, url: Document((Paragraph((Span(text, bold, False, url),)),)),
                         long_texts, st.booleans(), st.sampled_from(["", *URLS]))
)  # fmt: skip

labels = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40).filter(
    str.strip
)
buttons = st.lists(
    st.builds(Button, st.from_regex(r"[a-z0-9:.-]{1,64}", fullmatch=True), labels),
    max_size=14,
    unique_by=lambda button: button.data,
).map(tuple)
files = st.one_of(st.none(), st.just(File("daten.json", "application/json", '{"name": "Ä"}')))
footers = st.one_of(st.just(""), st.just("Automatische Antwort · Stadt Lindenfurt · Stand 1.10.2026"), texts)
spoken = st.builds(Spoken, long_documents, buttons, footers, st.sampled_from(["de", "en", "fr"]), files)

"""An entry that has the citizen's language answers in it; right to left is right on every messenger."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.channels import telegram_render, whatsapp_render
from bot.message import Spoken
from bot.render import web_html
from bot.settings import Settings
from faq.catalogue import Catalogue
from faq.entry import Text
from faq.retrieval.index import Index
from tests.conversations.test_conversations import play
from tests.house import corpus_state, house

ENTRY = "personalausweis-beantragen"
TURKISH = Text(
    "tr",
    "Kimlik kartı için nasıl başvururum?",
    ("kimlik kartı başvurusu",),
    "Bunun için **Bürgeramt** size yardım eder.",
)
ARABIC = Text(
    "ar", "كيف أطلب بطاقة هوية جديدة؟", ("طلب بطاقة هوية",), "يرجى الحضور إلى Bürgeramt شخصيا في Rathausplatz 1."
)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Index]:
    """The sample town, in which somebody has translated one entry; an index of its topic is made sooner."""
    folder: Path = tmp_path_factory.mktemp("translated")
    settings = corpus_state(folder)
    catalogue = Catalogue.open(settings.database)
    state = catalogue.get(ENTRY)
    assert state
    texts = {**state.head.texts, "tr": TURKISH, "ar": ARABIC}
    saved = catalogue.save_draft(ENTRY, replace(state.head.content, texts=texts), "eda", state.head.id)
    catalogue.publish(ENTRY, saved.id, "ada")
    index = Index.build(tuple(r for r in catalogue.live() if r.topic == state.head.topic), None)
    catalogue.close()
    return settings, index


async def test_the_answer_comes_in_the_citizens_language(town: tuple[Settings, Index]) -> None:
    settings, index = town
    async with house(settings, index=index) as running:
        turkish = {"entry": ENTRY, "contains": ["Bürgeramt size yardım eder", "Kaynak"], "lacks": "Almanca"}
        await play([{"citizen": TURKISH.question}, {"bot": [{"says": "disclosure"}, turkish]}], running)
    async with house(settings, "nadja", index=index) as running:
        arabic = {"entry": ENTRY, "contains": "يرجى الحضور", "lacks": "Beantragen"}
        await play([{"citizen": ARABIC.question}, {"bot": [{"says": "disclosure"}, arabic]}], running)
        revision = running.core.catalogue.get(ENTRY)
        assert revision
        document = running.core.phrasebook.answer(revision.head, "ar")
    # German words within an Arabic line are kept together, so that they stand in their own order.
    (telegram,) = telegram_render.rendered(Spoken(document, language="ar"))
    (whatsapp,) = whatsapp_render.rendered(Spoken(document, language="ar"))
    for told in (telegram["html"], whatsapp["text"]["body"], web_html(document)):
        assert "\u2068Bürgeramt\u2069" in told
    assert web_html(document).startswith('<p dir="auto">')

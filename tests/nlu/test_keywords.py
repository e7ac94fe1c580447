"""What keywords alone understand: the rung below Rasa."""

import re
from itertools import pairwise

import pytest

from nlu.examples import read_examples, unmarked
from nlu.keywords import KeywordNlu
from nlu.profiles import LANGUAGES_DIR
from nlu.understand import INTENTS

NAMES = {"office": ["Bürgeramt", "Bürgeramt Nord", "Kfz-Zulassungsstelle"], "district": ["Südstadt", "Am Hafen"]}


@pytest.fixture(scope="module")
def keywords() -> KeywordNlu:
    return KeywordNlu(NAMES)


@pytest.mark.parametrize(
    ("intent", "texts"),
    {
        "greet": ["Hallo", "moin", "guten tag!", "hallo zusammen", "good morning", "hi there"],
        "goodbye": ["tschüss", "auf wiedersehen", "bye", "schönen tag noch"],
        "thanks": ["danke", "vielen dank", "thx", "thank you very much"],
        "affirm": ["ja", "jo", "genau", "👍", "yes", "ok"],
        "deny": ["nein", "nee", "nein danke", "no", "no thanks"],
        "ask_human": [
            "ich will mit einem menschen sprechen",
            "mensch",
            "kann ich einen mitarbieter sprechen",
            "kein bot bitte",
            "human please",
            "i want to talk to a real person",
        ],
        "reject_answer": [
            "das meinte ich nicht",
            "nein, das meinte ich nicht",
            "falsche antwort",
            "that's not what i meant",
        ],
        "complain": ["ich möchte mich beschweren", "das ist eine frechheit", "i want to make a complaint"],
        "insult": ["du idiot", "scheiß bot", "you are stupid"],
        "data_rights": ["lösch meine daten", "was speichert ihr über mich", "delete my data"],
        "change_language": ["english please", "können wir englisch sprechen", "speak german please"],
        "ask_bot_identity": ["bist du ein mensch", "wer bist du", "are you a robot"],
        "ask_opening_hours": [
            "hat das bürgeramt morgen offen",
            "öffnungszeiten",
            "wann macht ihr auf",
            "is the town hall open tomorrow",
        ],
        "report_defect": ["die laterne ist kaputt", "schlagloch in der hafenstraße", "the streetlight is broken"],
        "follow_up_cost": ["was kostet das", "und wie teuer ist das?", "how much is it"],
        "follow_up_documents": ["was muss ich mitbringen", "welche unterlagen", "what do i need to bring"],
        "follow_up_location": ["wo ist das", "wo muss ich hin", "where is it"],
        "follow_up_duration": ["wie lange dauert das", "how long does it take"],
        "follow_up_appointment": ["brauche ich einen termin", "do i need an appointment"],
        "follow_up_person": ["und für kinder?", "and for children?"],
        "faq_question": [
            "hallo wie beantrage ich einen personalausweis",
            "was kostet ein reisepass für ein kind",
            "sperrmüll anmelden",
            "where can i register my car",
            "pasaport nasıl alınır",
            "як отримати паспорт",
        ],
    }.items(),
)
async def test_plain_wordings_are_understood(keywords: KeywordNlu, intent: str, texts: list[str]) -> None:
    got = {text: (await keywords.understand(text)).intent for text in texts}
    assert {text: found for text, found in got.items() if found != intent} == {}


@pytest.mark.parametrize(
    ("language", "text"),
    [("tr", "bir insanla konuşmak istiyorum"), ("uk", "хочу поговорити з людиною"), ("ru", "позовите человека"),
     ("ar", "أريد التحدث مع موظف"), ("fr", "je veux parler à une personne")],
)  # fmt: skip
def test_the_wish_for_a_person_is_heard_in_every_language(keywords: KeywordNlu, language: str, text: str) -> None:
    found = keywords.understand_now(text)
    assert (found.intent, found.language) == ("ask_human", language)
    assert keywords.understand_now(text, "de").intent == "ask_human"


def test_a_menschen_that_is_no_wish(keywords: KeywordNlu) -> None:
    assert keywords.understand_now("parkausweis für menschen mit behinderung").intent == "faq_question"


def test_names_of_the_town_are_found_where_they_stand(keywords: KeywordNlu) -> None:
    text = "Hat das  BUERGERAMT nord in der Südstadt morgen offen?"
    found = keywords.understand_now(text)
    named = {entity.kind: entity.value for entity in found.entities}
    assert named == {"office": "Bürgeramt Nord", "district": "Südstadt", "date": "morgen"}
    plain = "Hat das BUERGERAMT nord in der Südstadt morgen offen?"
    assert [plain[e.start : e.end] for e in found.entities] == ["BUERGERAMT nord", "Südstadt", "morgen"]


def test_rankings_are_ordered_shares_that_end_with_the_search(keywords: KeywordNlu) -> None:
    for text in ("", "🙂", "hallo", "was kostet das", "x" * 5000, "😀 ? !"):
        found = keywords.understand_now(text)
        assert found.ranking[0] == (found.intent, found.confidence)
        assert all(left[1] >= right[1] for left, right in pairwise(found.ranking[:-1]))
        assert any(intent == "faq_question" for intent, _ in found.ranking)
        assert all(0 <= share <= 1 for _, share in found.ranking)


@pytest.mark.parametrize(("language", "share"), [("de", 0.55), ("en", 0.5)])
def test_trials_are_understood_well_enough_without_a_model(keywords: KeywordNlu, language: str, share: float) -> None:
    trials = read_examples(LANGUAGES_DIR / language / "trials.yml")
    asked = [(unmarked(line), intent) for intent, lines in trials.items() for line in lines]
    found = [(keywords.understand_now(text, language).intent, intent) for text, intent in asked]
    assert sum(got == wanted for got, wanted in found) / len(found) >= share
    alarmed = [
        got for got, wanted in found if wanted not in ("emergency", "distress") and got in ("emergency", "distress")
    ]
    assert len(alarmed) <= len(found) * 0.02


@pytest.mark.parametrize("path", sorted(LANGUAGES_DIR.glob("*/keywords.yml")), ids=lambda path: path.parent.name)
def test_a_language_file_names_known_intents_only(path) -> None:  # type: ignore[no-untyped-def]
    import yaml

    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert set(data["intents"]) <= set(INTENTS)
    assert not re.search(r"\t", path.read_text(encoding="utf-8"))

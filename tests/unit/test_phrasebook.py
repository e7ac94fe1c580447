"""From keys and facts to final words."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calendar import Calendar
from bot.composition import SAMPLE_TOWN
from bot.document import Document, Paragraph, Span
from bot.effects import Choice, Reply
from bot.phrasebook import Phrasebook, load_languages
from bot.render import plain, telegram_html
from faq.entry import Draft, Revision, revision_of
from faq.sources.yaml_corpus import read
from faq.town import load_town
from nlu.manner import ASPECTS

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TOWN = load_town(SAMPLE_TOWN / "town.yml")
ENTRIES = {d.entry: revision_of(d.entry, 1, d.content, "test", NOW) for d in read(SAMPLE_TOWN) if isinstance(d, Draft)}


def find(entry: str, revision: str) -> Revision | None:
    return ENTRIES.get(entry)


BOOK = Phrasebook(load_languages(), Calendar(TOWN), find, 30)


def words(reply: Reply, language: str = "de", number: int = 0) -> str:
    return plain(BOOK.compose(reply, language, NOW, number).document)


def test_an_answer_has_its_facts_on_lines_of_their_own_and_says_where_it_is_from() -> None:
    spoken = BOOK.compose(Reply("answer", entry="personalausweis-beantragen"), "de", NOW)
    text = plain(spoken.document)
    assert "Bitte mitbringen:" in text
    assert any(line.startswith("Kosten: ") for line in text.splitlines())
    assert spoken.footer.startswith("Automatische Antwort · ")
    assert "· Stand " in spoken.footer


def test_an_english_question_gets_the_german_answer_with_a_sentence_where_there_is_no_english_one() -> None:
    only_german = next(e for e, r in ENTRIES.items() if "en" not in r.texts)
    assert words(Reply("answer", entry=only_german), "en").startswith("This answer is only available in German")
    both = next(e for e, r in ENTRIES.items() if "en" in r.texts)
    assert "only available in German" not in words(Reply("answer", entry=both), "en")


@pytest.mark.parametrize(
    "aspect", ["fee", "documents", "office", "duration", "appointment", "deadline", "online", "validity", "persons"]
)
def test_a_follow_up_is_answered_from_the_entrys_facts_or_honestly_not(aspect: str) -> None:
    for entry in ("personalausweis-beantragen", "newsletter"):
        assert words(Reply("follow_up", entry=entry, aspects=(aspect,)))


def test_what_is_gone_says_so() -> None:
    assert "älteren Nachricht" in words(Reply("answer", entry="no-such-entry"))


@pytest.mark.parametrize(
    ("position", "says"),
    [("1", "als Nächstes"), ("2", "Vor Ihnen wartet eine Person"), ("4", "Vor Ihnen warten 3.")],
)
def test_the_handoff_names_number_place_and_time(position: str, says: str) -> None:
    params = {"team": "Bürgeramt", "position": position, "wait": "minutes", "minutes": "10"}
    text = words(Reply("handoff.open", params), number=4711)
    assert "4711" in text
    assert says in text
    assert "10 Minuten" in text


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"wait": "minutes", "minutes": "60"}, "etwa 1 Stunde."),
        ({"wait": "minutes", "minutes": "90"}, "etwa 90 Minuten."),
        ({"wait": "minutes", "minutes": "180"}, "etwa 3 Stunden."),
        ({"wait": "by", "by": (NOW + timedelta(minutes=27)).isoformat()}, "spätestens heute, 10:30 Uhr."),
        ({"wait": "later", "opens": (NOW + timedelta(hours=3)).isoformat()}, "voraussichtlich heute, ab 13 Uhr."),
        ({"wait": "away_by", "by": (NOW + timedelta(hours=22)).isoformat()}, "spätestens morgen, Di., 24.11., 8 Uhr."),
        ({"wait": "away"}, "Gerade ist niemand am Platz."),
        ({"wait": "unknown"}, "weiß ich gerade nicht."),
    ],
)
def test_how_long_it_takes_is_told_as_far_as_it_is_known(told: dict[str, str], says: str) -> None:
    for key in ("handoff.open", "handoff.still"):
        assert says in words(Reply(key, {"team": "Bürgeramt", "position": "1", **told}), number=1)


@pytest.mark.parametrize("language", sorted(load_languages()))
@pytest.mark.parametrize("wait", ["minutes", "by", "later", "away_by", "away", "unknown"])
def test_every_language_says_how_long_it_takes(language: str, wait: str) -> None:
    told = {"team": "x", "position": "2", "wait": wait, "minutes": "120", "by": NOW.isoformat()}
    text = plain(BOOK.compose(Reply("handoff.open", told | {"opens": NOW.isoformat()}), language, NOW, 7).document)
    assert "{" not in text
    if language != "en" and BOOK.languages[language].weekdays:
        assert BOOK.words("en", f"wait.{wait}").partition("{")[0] not in text


@pytest.mark.parametrize(
    ("later", "says"),
    [
        (timedelta(hours=3), "heute, ab 13 Uhr"),
        (timedelta(days=1, hours=-2), "morgen, Di., 24.11., ab 8 Uhr"),
        (timedelta(days=4, hours=-2), "Fr., 27.11., ab 8 Uhr"),
    ],
)
def test_times_are_told_as_germans_write_them(later: timedelta, says: str) -> None:
    params = {"team": "x", "opens": (NOW + later).isoformat(), "phone": ""}
    assert says in words(Reply("handoff.closed", params), number=1)


def test_hours_tell_whether_it_is_open_now() -> None:
    text = words(Reply("hours", office="buergeramt"))
    assert "Bürgeramt: jetzt geöffnet, heute bis 12 Uhr." in text
    assert "Do. 8–12, 13–18 Uhr" in text


def test_buttons_have_words_in_the_citizens_language() -> None:
    reply = Reply("miss", choices=(Choice("h:yes", "button.human"), Choice("a:x", label="Titel")))
    spoken = BOOK.compose(reply, "en", NOW)
    assert [b.label for b in spoken.buttons] == ["Write with a person", "Titel"]


@given(st.text(alphabet="<>*_[]()`#&ab \n{}!-", max_size=40))
def test_a_clerks_name_and_words_are_never_markup(text: str) -> None:
    joined = BOOK.compose(Reply("handoff.joined", {"name": text}), "de", NOW).document
    own = BOOK.compose(Reply("clerk", text=text), "de", NOW).document
    for document in (joined, own):
        assert not any(span.bold or span.italic or span.url for span in spans(document))
        assert "<" not in telegram_html(document)  # all of it is escaped


def spans(document: Document) -> list[Span]:
    return [s for b in document.blocks for s in (b.spans if isinstance(b, Paragraph) else sum(b.items, ()))]


def test_every_live_entry_can_be_said_in_every_language() -> None:
    for entry in ENTRIES:
        for language in ("de", "en", "tr", "ar"):
            assert words(Reply("answer", entry=entry), language)


def test_leichte_sprache_keeps_every_line_and_says_where_there_is_none() -> None:
    easy = words(Reply("answer", entry="personalausweis-beantragen", easy=True))
    source = ENTRIES["personalausweis-beantragen"].texts["leicht"].answer
    assert [line for line in easy.splitlines() if line and not line.startswith("•")][:3] == source.splitlines()[:3]
    assert "/termin/buergeramt" in easy, "where to click is not lost"
    without = next(e for e, r in ENTRIES.items() if "leicht" not in r.texts)
    assert words(Reply("answer", entry=without, easy=True)).startswith("Diesen Text gibt es noch nicht")


def test_a_fact_that_is_missing_is_said_with_page_office_and_person_unless_the_whole_answer_may_come() -> None:
    asked = (Choice("h:ask", "button.human"),)
    reply = Reply("follow_up", entry="personalausweis-beantragen", aspects=("deadline",), otherwise=asked)
    spoken = BOOK.compose(reply, "de", NOW)
    assert [b.data for b in spoken.buttons] == ["h:ask"]
    assert "0221 4710 100" in plain(spoken.document)
    whole = BOOK.compose(replace(reply, whole=True), "de", NOW)
    assert whole.buttons == ()
    assert "Bitte mitbringen:" in plain(whole.document)


def test_every_aspect_of_every_entry_can_be_said() -> None:
    for entry in ENTRIES:
        for language in ("de", "en"):
            for aspect in (*ASPECTS, "persons"):
                assert words(Reply("follow_up", entry=entry, aspects=(aspect,)), language)


def test_why_a_person_is_needed_stands_in_the_handoffs_own_message() -> None:
    reply = Reply("handoff.open", {"team": "x", "position": "1", "minutes": "5"}, before="handoff.why.personal")
    text = words(reply, number=7)
    assert text.index("Unterlagen") < text.index("Ihre Nummer")

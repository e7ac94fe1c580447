"""How a message leans on what was said before."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.manner import BETTER, EASY, HELP, manner_of


@pytest.mark.parametrize(
    ("text", "aspects"),
    [
        ("und was kostet das?", ("fee",)),
        ("wat kost dat", ("fee",)),
        ("brauche ich einen termin dafür?", ("appointment",)),
        ("wo muss ich da hin", ("office",)),
        ("geht das auch online", ("online",)),
        ("bis wann", ("deadline",)),
        ("wie lange dauert das", ("duration",)),
        ("welche unterlagen", ("documents",)),
        ("was brauche ich alles dafür", ("documents",)),
        ("wie lange ist der gültig", ("validity",)),
        ("was kostet das und wie lange dauert es", ("fee", "duration")),
        ("how much is it", ("fee",)),
        ("do i need an appointment for that", ("appointment",)),
        ("can I do that online?", ("online",)),
    ],
)
def test_a_bare_follow_up_names_its_aspect_and_no_matter(text: str, aspects: tuple[str, ...]) -> None:
    manner = manner_of(text)
    assert manner.aspects == aspects
    assert manner.bare
    assert not manner.names


@pytest.mark.parametrize(
    "text",
    ["was kostet ein reisepass", "wo kann ich sperrmüll anmelden", "wie lange dauert die einbürgerung", "perso",
     "was kostet das parken am bahnhof", "how much is a passport"],
)  # fmt: skip
def test_what_names_a_matter_stands_alone(text: str) -> None:
    manner = manner_of(text)
    assert manner.names
    assert not manner.bare
    assert not manner.points


def test_payment_by_card_is_no_question_of_the_fee() -> None:
    assert "fee" not in manner_of("kann ich mit karte zahlen").aspects
    assert "duration" not in manner_of("wie lange haben sie offen").aspects


@pytest.mark.parametrize(
    ("text", "aspects"),
    [
        ("was kostet das und kann ich mit karte zahlen", ("fee",)),
        ("werden die kosten übernommen und wie teuer ist es", ("fee",)),
        ("wie lange dauert das und wie lange ist er gültig", ("duration", "validity")),
        ("how long does it take and how long is it valid", ("duration", "validity")),
    ],
)
def test_a_false_friend_takes_back_its_own_words_only(text: str, aspects: tuple[str, ...]) -> None:
    assert manner_of(text).aspects == aspects


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("und für meinen sohn (3)?", "für mein Kind"),
        ("gilt das auch für rentner", "für Rentner"),
        ("and for my wife?", "for my wife or husband"),
        ("und was kostet das", ""),
    ],
)
def test_for_whom(text: str, person: str) -> None:
    assert manner_of(text).person == person


@pytest.mark.parametrize(
    ("text", "personal"),
    [
        ("wo bleibt mein antrag", True),
        ("wie ist der stand meines wohngeldantrags", True),
        ("warum wurde mein antrag abgelehnt", True),
        ("ist mein bauantrag schon genehmigt", True),
        ("what is the status of my application", True),
        ("Wo bleibt mein Reisepass?", True),
        ("wann kommt mein führerschein", True),
        ("mein reisepass ist immer noch nicht da", True),
        ("where is my passport", True),
        ("wo beantrage ich meinen reisepass", False),
        ("wie stelle ich einen wohngeldantrag", False),
        ("wo kann ich einen antrag auf wohngeld abgeben", False),
        ("was kostet der antrag", False),
        ("wo ist das standesamt", False),
    ],
)
def test_a_question_about_ones_own_file(text: str, personal: bool) -> None:
    assert manner_of(text).personal is personal


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("bitte in leichter sprache", EASY),
        ("geht das auch in einfacher Sprache?", EASY),
        ("kannst du mir das in leichtem deutsch sagen", EASY),
        ("das ist zu kompliziert erklärt", EASY),
        ("in plain english please", EASY),
        ("auf englisch bitte", "en"),
        ("in german please", "de"),
        ("was kostet das", ""),
    ],
)
def test_the_language_asked_for(text: str, language: str) -> None:
    assert manner_of(text).language == language


@pytest.mark.parametrize(
    "text",
    ["ich will einfach deutsch lernen", "wo kann man einfach deutsch lernen", "ich spreche einfach deutsch mit ihm",
     "gibt es einen kurs für leichte sprache", "where can i learn simple english"],
)  # fmt: skip
def test_who_learns_a_language_asks_for_no_easier_one(text: str) -> None:
    assert manner_of(text).language != EASY
    assert manner_of(text).learns is (text != "ich spreche einfach deutsch mit ihm")


@given(st.text(max_size=20_000))
def test_any_text_has_a_manner(text: str) -> None:
    manner = manner_of(text)
    assert not (manner.bare and manner.names)


@pytest.mark.parametrize(
    ("text", "wants"),
    [
        ("ich brauche hilfe", HELP),
        ("Hilfe bitte", HELP),
        ("kannst du mir helfen?", HELP),
        ("how does this work", HELP),
        ("ihr könnt ja gar nichts", BETTER),
        ("das bringt mir nix", BETTER),
        ("du hast doch keine ahnung", BETTER),
        ("ich hab keine ahnung", ""),
        ("ich brauche hilfe beim umzug", ""),
        ("hilfe zur pflege", ""),
        ("wo bekomme ich hilfe bei schulden", ""),
        ("das geld bringt mir der pflegedienst nicht", ""),
    ],
)
def test_what_is_wanted_of_the_conversation_itself(text: str, wants: str) -> None:
    assert manner_of(text).wants == wants


@pytest.mark.parametrize(
    ("text", "wants"),
    [
        ("egal hat sich erledigt", "withdraw"), ("doch nicht", "withdraw"), ("never mind", "withdraw"),
        ("ich brauche keine geburtsurkunde mehr", ""), ("ist mein antrag erledigt", ""),
        ("ein visum ist nicht mehr nötig", ""), ("randevuya gerek yok", ""),
        ("noch jemand da", "waits"), ("mir hilft ja eh keiner", "waits"), ("is anybody there", "waits"),
        ("stop", "stop"), ("stopp hier parken verboten", ""), ("öhm", "pauses"), ("nein danke", "enough"),
        ("welche partei soll ich wählen", "neutral"), ("wie soll ich wählen wenn ich im urlaub bin", ""),
    ],
)  # fmt: skip
def test_what_is_wanted_of_the_conversation_is_said_by_words_that_say_nothing_else(text: str, wants: str) -> None:
    assert manner_of(text).wants == wants


def test_words_about_waiting_hide_no_matter() -> None:
    assert manner_of("keiner leert die tonne da").names

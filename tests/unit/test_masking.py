"""Masking: what identifies goes, what a question needs stays, and doing it twice changes nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.privacy.masking import is_tax_id, mask, telephone

PERSONAL = [
    ("meine iban ist DE89 3704 0044 0532 0130 00", "3704", "[IBAN]"),
    ("DE89370400440532013000 bitte", "370400", "[IBAN]"),
    ("konto at61 1904 3002 3457 3201", "1904", "[IBAN]"),
    ("iban de89-3704-0044-0532-0130-00", "3704", "[IBAN]"),
    ("steuer id 86095742719", "86095742719", "[TAX-ID]"),
    ("steuernummer 86 095 742 719", "742", "["),
    ("ruf mich an 0171 2345678", "2345678", "[PHONE]"),
    ("tel: +49 (0)30 123456-78", "123456", "[PHONE]"),
    ("0049 171 2345678", "2345678", "[PHONE]"),
    ("0171/2345678 ab 18 uhr", "2345678", "[PHONE]"),
    ("0221.4710.100", "4710", "[PHONE]"),
    ("erika.mustermann+stadt@beispiel-mail.example schreibt", "erika.mustermann", "[E-MAIL]"),
    ("mein ausweis L01X00T47 ist weg", "L01X00T47", "[ID]"),
    ("pass c01x0006h", "c01x0006h", "[ID]"),
    ("rentennummer 65 170839 J 003", "170839", "["),
    ("kundennummer 123456789012", "123456789012", "["),
]
HARMLESS = [
    "wann habt ihr am 24.11.2026 auf",
    "gilt das auch am 1.1. und am 2. 1. 27?",
    "ich wohne in 12345 lindenfurt, rathausplatz 1",
    "kostet das 37,00 € oder 22,80 €?",
    "von 8:00-12:00 oder 8.00-16.30",
    "notruf 112 oder 110 oder 116 117 oder 115",
    "bus 42 um 17:05, zimmer 3.14, § 17 absatz 2 bmg",
    "führerschein klasse B196 und a1",
    "haus mit 1.200.000 euro wert",
    "mein kind ist 3 und 11 monate",
    "HALLOHALLO PERSONALAUSWEIS reisepass",
    "wlan passwort vergessen",
]


@pytest.mark.parametrize(("text", "secret", "mark"), PERSONAL)
def test_what_identifies_is_hidden(text: str, secret: str, mark: str) -> None:
    masked = mask(text)
    assert secret not in masked
    assert mark in masked
    assert "[" not in masked.replace(mark, "") or mark == "["


@pytest.mark.parametrize("text", HARMLESS)
def test_what_a_question_needs_stays(text: str) -> None:
    assert mask(text) == text


@given(st.text(max_size=200))
def test_masking_twice_is_masking_once(text: str) -> None:
    assert mask(mask(text)) == mask(text)


@given(
    st.sampled_from([p[0] for p in PERSONAL]),
    st.text(alphabet="abcäöü .,!?\n", max_size=30),
    st.text(alphabet="abcäöü .,!?\n", max_size=30),
)
def test_words_around_do_not_uncover(personal: str, before: str, after: str) -> None:
    masked = mask(f"{before} {personal} {after}")
    assert not any(word.isdigit() and len(word) > 5 for word in masked.split())


def test_tax_ids_are_told_by_their_check_digit() -> None:
    assert is_tax_id("86095742719")
    assert not is_tax_id("86095742718")
    assert not is_tax_id("06095742719")


def test_no_pattern_explodes() -> None:
    for piece in ("0 " * 10_000, "a." * 10_000, "DE89 " * 4000, "+" * 20_000, "1-" * 10_000, "@a." * 7000):
        assert isinstance(mask(piece), str)


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("0221 4710100", "0221 4710100"),
        ("Ja bitte, ab 14 Uhr: +49 (171) 234 5678", "+49 (171) 234 5678"),
        ("4710100", "4710100"),
        ("٠١٧١٢٣٤٥٦٧٨", "٠١٧١٢٣٤٥٦٧٨"),
        ("Mein Aktenzeichen ist 4710100", ""),
        ("am 24.11.2026 um 10:30", ""),
        ("bitte die 110", ""),
        ("DE89 3704 0044 0532 0130 00", ""),
        ("kim@example.org", ""),
        ("morgen ab 8", ""),
        ("", ""),
    ],
)
def test_a_telephone_number_is_found_where_it_is_one(text: str, phone: str) -> None:
    assert telephone(text) == phone


@given(st.text(alphabet="0123456789 +/()-.abÄ@", max_size=40))
def test_what_is_taken_for_a_telephone_number_is_hidden_from_everybody_else(text: str) -> None:
    phone = telephone(text)
    assert not phone or phone not in mask(phone)

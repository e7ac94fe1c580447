"""Days and times in the languages beside German and English, as people write them."""

from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from nlu.days import encode, find_days
from nlu.days.words import languages
from nlu.phrases import tokenise

TODAY = date(2026, 11, 24)
SAID = yaml.safe_load(Path(__file__).with_name("days.yml").read_text(encoding="utf-8"))
days = st.dates(date(2026, 1, 1), date(2031, 12, 31))


def read(text: str, language: str, today: date = TODAY) -> str:
    said = find_days(text, today, language)
    return (encode(said.when) or "past") if said else "-"


@pytest.mark.parametrize(("language", "text"), [(code, text) for code, texts in SAID.items() for text in texts])
def test_a_day_in_the_citizens_language(language: str, text: str) -> None:
    assert read(text, language) == SAID[language][text]


def test_every_language_has_its_phrasings() -> None:
    assert set(languages()) == {"de", "en", *SAID}
    assert all(len(texts) >= 15 for texts in SAID.values())


def test_a_word_for_a_day_gone_by_counts_in_its_own_language_only() -> None:
    assert read("hier", "fr") == "past"
    assert read("wo ist hier das amt", "de") == "-"
    assert read("wo ist hier das amt", "fr") == "past"


@given(days, st.sampled_from(sorted(SAID)), st.integers(0, 6), st.data())
def test_every_name_of_a_weekday_is_the_next_one(today: date, language: str, weekday: int, data: st.DataObject) -> None:
    names = sorted(name for name, day in languages()[language].weekday_words.items() if day == weekday)
    said = find_days(data.draw(st.sampled_from(names)), today, language)
    assert said
    (day,) = said.when.days
    assert (day.weekday(), 0 <= (day - today).days < 7) == (weekday, True)


@given(days, st.sampled_from(sorted(languages())), st.text(max_size=40))
def test_no_text_is_too_strange_in_any_language(today: date, language: str, text: str) -> None:
    said = find_days(text, today, language)
    assert said is None or said.covered <= set(range(len(tokenise(text))))


UNREAL = [(30, 2), (31, 2), (31, 4), (31, 6), (31, 9), (31, 11)]
MONTHS = {"de": "{d}. {m}", "en": "{m} {d}", "tr": "{d} {m}", "uk": "{d} {m}", "ar": "{d} {m}", "ru": "{d} {m}",
          "fr": "le {d} {m}"}  # fmt: skip
NAMES = {
    2: {"de": "Februar", "en": "february", "tr": "şubat", "uk": "лютого", "ar": "شباط", "ru": "февраля",
        "fr": "février"},
    4: {"de": "April", "en": "april", "tr": "nisan", "uk": "квітня", "ar": "نيسان", "ru": "апреля", "fr": "avril"},
    6: {"de": "Juni", "en": "june", "tr": "haziran", "uk": "червня", "ar": "حزيران", "ru": "июня", "fr": "juin"},
    9: {"de": "September", "en": "september", "tr": "eylül", "uk": "вересня", "ar": "أيلول", "ru": "сентября",
        "fr": "septembre"},
    11: {"de": "November", "en": "november", "tr": "kasım", "uk": "листопада", "ar": "تشرين الثاني", "ru": "ноября",
         "fr": "novembre"},
}  # fmt: skip


@given(days, st.sampled_from(sorted(languages())), st.sampled_from(UNREAL), st.booleans())
def test_a_date_that_no_calendar_has_is_never_another_day(
    today: date, language: str, told: tuple[int, int], in_words: bool
) -> None:
    day, month = told
    text = MONTHS[language].format(d=day, m=NAMES[month][language]) if in_words else f"{day}.{month}."
    said = find_days(text, today, language)
    assert said
    assert (said.when.unreal, said.when.days) == ((day, month, 0), ())


LAST = {"de": "letzten montag", "en": "last monday", "tr": "geçen pazartesi", "uk": "минулого понеділка",
        "ar": "الاثنين الماضي", "ru": "в прошлый понедельник", "fr": "lundi dernier"}  # fmt: skip
GONE = {"de": "gestern", "en": "yesterday", "tr": "dün", "uk": "вчора", "ar": "أمس", "ru": "вчера", "fr": "hier"}


@given(days, st.sampled_from(sorted(languages())), st.sampled_from([LAST, GONE]))
def test_what_has_gone_by_is_no_day_to_come(today: date, language: str, words: dict[str, str]) -> None:
    assert read(words[language], language, today) == "past"


@given(days, st.integers(0, 400), st.sampled_from(["{d}.{m}.", "{d}/{m}", "{d}.{m}.{y}"]))
def test_arabic_and_persian_digits_are_digits(today: date, ahead: int, form: str) -> None:
    day = today + timedelta(days=ahead)
    plain = form.format(d=day.day, m=day.month, y=day.year)
    for zero in ("\u0660", "\u06f0"):
        written = "".join(chr(ord(zero) + int(c)) if c.isdecimal() else c for c in plain)
        assert read(written, "ar", today) == read(plain, "ar", today) != "-"

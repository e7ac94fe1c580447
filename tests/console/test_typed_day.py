"""Days as people type them where a browser has no field for them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.console.faq_form import content_of, empty
from faq.typed_day import day_of
from tests.console.house import House


@given(st.dates(min_value=date(1000, 1, 1)))
def test_both_ways_of_writing_a_day_are_understood(day: date) -> None:
    told = (f"{day.day}.{day.month}.{day.year}", f"{day:%d.%m.%Y}", f"{day:%d. %m. %Y}", day.isoformat())
    assert {day_of(typed) for typed in told} == {day}


def test_a_year_of_two_digits_is_of_this_century() -> None:
    assert day_of("3.11.26") == date(2026, 11, 3)


@pytest.mark.parametrize("typed", ["31.11.2026", "23.11.", "23.11.6", "11/23/2026", "٢٣.١١.٢٠٢٦", "gestern", ""])
def test_what_is_no_day_is_none(typed: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the message is never shown
        day_of(typed)


async def test_figures_of_days_as_germans_write_them(at_work: House) -> None:
    eda = await at_work.signed_in("eda")
    page = await eda.text("/console/numbers?from=1.11.2026&until=23.11.2026")
    assert 'id="trouble"' not in page
    assert 'name="from" value="2026-11-01"' in page
    assert 'name="until" value="2026-11-23"' in page
    page = await eda.text("/console/numbers?from=31.11.2026")
    assert "Schreiben Sie es so: 23.11.2026." in page


def test_the_editor_takes_a_german_day() -> None:
    content, problems = content_of(empty(date(2026, 11, 1)) | {"review_by": "31.03.2027"}, None, date(2026, 11, 1))
    assert (content.review_by, problems) == (date(2027, 3, 31), [])

"""Towns made for tests: any Land, any hours, any special days."""

from dataclasses import replace
from datetime import date, time, timedelta
from itertools import pairwise

from hypothesis import strategies as st

from bot.composition import SAMPLE_TOWN
from faq.town import Office, Slot, SpecialDay, Town, load_town
from faq.town.load import LAENDER

SAMPLE = load_town(SAMPLE_TOWN / "town.yml")


@st.composite
def slots(draw: st.DrawFn) -> tuple[Slot, ...]:
    """Up to three slots of one day in order; some touch, some begin or end at midnight."""
    marks = sorted(draw(st.sets(st.integers(0, 96), min_size=2, max_size=6)))  # quarters of an hour
    pairs = list(pairwise(marks))[:: draw(st.sampled_from([1, 2]))]
    made = [Slot(_clock(start), _clock(end)) for start, end in pairs]
    if made[-1].start >= time(12) and draw(st.booleans()):  # the last one into the night
        made[-1] = Slot(made[-1].start, time(draw(st.integers(0, 5))))
    return tuple(made)


def _clock(quarter: int) -> time:
    return time(quarter // 4 % 24, quarter % 4 * 15)


@st.composite
def towns(draw: st.DrawFn) -> tuple[Town, Office]:
    """A town of any Land with one office of any hours, and special days around the turn of the clocks and the year."""
    hours = draw(st.dictionaries(st.integers(0, 6), slots(), max_size=7))
    office = replace(SAMPLE.offices["buergeramt"], hours=hours)
    starts = st.dates(date(2026, 3, 20), date(2027, 1, 10))
    special = tuple(
        SpecialDay(day, day + timedelta(days=n % 4), draw(slots()) if n % 2 else (), whose, "Grund", "reason")
        for n, (day, whose) in enumerate(
            draw(st.lists(st.tuples(starts, st.sampled_from([frozenset(), frozenset({"buergeramt"})])), max_size=4))
        )
    )
    land = draw(st.sampled_from(sorted(LAENDER)))
    return replace(SAMPLE, land=land, offices={office.id: office}, special_days=special), office

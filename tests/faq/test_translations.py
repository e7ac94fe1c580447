"""Which translation is older than its original, from any history."""

from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from faq.entry import LEICHT, Content, Facts, Link, Revision, Text, revision_of
from faq.translations import Behind, behind

AT = datetime(2026, 11, 24, tzinfo=UTC)


def content(**texts: str) -> Content:
    """Texts by language: the question and the answer of each are these words."""
    made = {code: Text(code, words, answer=words) for code, words in texts.items() if words}
    return Content(made, "t", "o", Link("", ""), date(2026, 11, 1))


def history(*contents: Content) -> list[Revision]:
    return [revision_of("e", number, one, "eda", AT) for number, one in enumerate(contents, 1)]


def test_an_original_that_moved_on_leaves_its_translation_behind() -> None:
    story = [content(de="a", en="x"), content(de="b", en="x"), content(de="c", en="x")]
    assert behind(history(*story[:1])) == {}
    assert behind(history(*story)) == {"en": Behind(1, 2)}
    assert behind(history(*story, content(de="c", en="y"))) == {}  # written anew, with the original beside it
    assert behind(history(*story, content(de="a", en="x"))) == {}  # the original came back
    assert behind(history(*story, content(de="c", en="x", tr="z"))) == {"en": Behind(1, 2)}
    assert behind(history(*story)[::-1]) == {"en": Behind(1, 2)}  # in any order
    assert behind([]) == {}
    assert behind(history(content(en="x"))) == {}  # without an original nothing is older than it


def test_what_counts_as_another_text() -> None:
    first = content(de="a", en="x", leicht="l")
    german = first.texts["de"]

    def changed(text: Text) -> set[str]:
        return set(behind(history(first, replace(first, texts={**first.texts, "de": text}))))

    assert changed(replace(german, variants=("anders",))) == set()
    assert changed(replace(german, facts=Facts(fee="5 €"))) == {"en", LEICHT}
    assert changed(replace(german, question="b")) == {"en"}  # Leichte Sprache borrows the question
    assert set(behind(history(first, replace(first, topic="u")))) == set()


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["", "x", "y"])), min_size=1, max_size=8))
def test_against_a_plain_reading(steps: list[tuple[str, str]]) -> None:
    found = behind(history(*(content(de=german, en=english) for german, english in steps)))
    german, english = steps[-1]
    source = german
    for before in reversed(steps):
        if before[1] != english:
            break
        source = before[0]
    assert ("en" in found) == bool(english and source != german)
    if "en" in found:
        at = found["en"]
        assert steps[at.made_from - 1] == (source, english)
        assert steps[at.since - 1][0] != source
        assert at.made_from < at.since <= len(steps)

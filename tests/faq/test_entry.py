"""What makes a draft unfit to publish."""

from dataclasses import asdict, replace
from datetime import date

import pytest

from faq.entry import (
    NO_LINK,
    Content,
    Draft,
    Elsewhere,
    Facts,
    Link,
    Text,
    content_from_json,
    content_to_json,
    revision_of,
    validate,
)
from tests.faq.town import NOW, content


def problems(**changes: object) -> set[tuple[str, str, bool]]:
    found = validate(Draft("hund-anmelden", content(**changes)))
    return {(one.field, one.message_key, one.blocks) for one in found}


def german(**changes: object) -> dict[str, Text]:
    return {"de": replace(content().texts["de"], **changes)}


def test_a_good_entry_has_no_problems() -> None:
    assert problems() == set()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"topic": " "}, ("topic", "field.missing", True)),
        ({"office": ""}, ("office", "field.missing", True)),
        ({"texts": {}}, ("texts.de", "text.german-missing", True)),
        ({"texts": german(question="")}, ("texts.de.question", "field.missing", True)),
        ({"texts": german(answer="  ")}, ("texts.de.answer", "field.missing", True)),
        ({"texts": german(answer="x" * 20_001)}, ("texts.de.answer", "field.too-long", True)),
        ({"texts": german(variants=("a", "A "))}, ("texts.de.variants.1", "variant.twice", False)),
        ({"texts": german(answer="[hier](javascript:alert(1))")}, ("texts.de.answer", "link.unsafe", True)),
        (
            {"texts": german(facts=Facts(link=Link("x", "data:text/html,x")))},
            ("texts.de.facts.link", "link.unsafe", True),
        ),
        ({"source": NO_LINK}, ("source", "source.missing", False)),
        ({"source": Link("x", "ftp://x")}, ("source", "link.unsafe", True)),
        ({"valid_from": date(2027, 1, 2), "valid_until": date(2027, 1, 1)}, ("valid_until", "dates.reversed", True)),
        ({"elsewhere": Elsewhere("stadt", "Zoll")}, ("elsewhere.level", "elsewhere.level", True)),
        ({"elsewhere": Elsewhere("bund", " ")}, ("elsewhere.office", "field.missing", True)),
        ({"elsewhere": Elsewhere("bund", "Zoll", "javascript:x")}, ("elsewhere.url", "link.unsafe", True)),
        ({"review_by": date(2026, 1, 1)}, ("review_by", "dates.review-before-as-of", True)),
    ],
)
def test_each_problem_is_named(changes: dict[str, object], expected: tuple[str, str, bool]) -> None:
    assert expected in problems(**changes)


@pytest.mark.parametrize("name", ["", "Hund", "hund--x", "-hund", "hund/..", "ä", "x" * 121])
def test_a_name_is_kebab_case(name: str) -> None:
    assert any(one.field == "entry" for one in validate(Draft(name, content())))


def test_content_survives_json_and_the_id_depends_on_it() -> None:
    original = content(review_by=date(2027, 1, 1), service_key="99108")
    assert content_from_json(content_to_json(original)) == original
    first = revision_of("hund", 1, original, "kim", NOW)
    assert first.id == revision_of("hund", 1, original, "toni", NOW).id
    others = [("hund", 2, original), ("katze", 1, original), ("hund", 1, replace(original, office="x"))]
    assert len({first.id, *(revision_of(*other, "kim", NOW).id for other in others)}) == 4


def test_json_holds_every_field_of_every_part() -> None:
    facts = Facts("5 €", ("Ausweis", "Foto"), "10 Minuten", "online", "bald", Link("Seite", "https://stadt.example"))
    full = content(texts=german(facts=facts), elsewhere=Elsewhere("bund", "Zoll"), valid_from=date(2026, 12, 1))
    wanted = asdict(full)
    for name in ("as_of", "review_by", "valid_from", "valid_until"):
        wanted[name] = wanted[name].isoformat() if wanted[name] else None
    assert content_to_json(full) == wanted


def test_who_is_responsible_survives_json_and_older_names_stay() -> None:
    plain = content_to_json(content())
    assert "elsewhere" not in plain  # it is part of what a revision's id is made of
    other = content(elsewhere=Elsewhere("bund", "Zoll", "https://www.zoll.de", "0228 1"))
    assert content_from_json(content_to_json(other)) == other
    assert revision_of("hund", 1, other, "kim", NOW).content == other
    assert validate(Draft("hund-anmelden", other)) == []


def test_validity_and_language() -> None:
    short: Content = content(valid_from=date(2026, 12, 1), valid_until=date(2026, 12, 24))
    revision = revision_of("markt", 1, short, "kim", NOW)
    days = [date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 24), date(2026, 12, 25)]
    assert [revision.valid_on(day) for day in days] == [False, True, True, False]
    assert revision.text("tr") == revision.texts["de"]

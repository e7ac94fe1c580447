"""What people set for the town, on both databases: kept for ever, live when newest, never overwritten unseen."""

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from faq.schema import open_database
from faq.town.revisions import FILE, Overtaken, TownRevisions

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
Check = Callable[[Mapping[str, Any], Mapping[str, Any]], None]
SEED: dict[str, Any] = {"teams": [{"id": "b"}, {"id": "a"}], "holidays": [], "hours": {}}


@pytest.fixture
def kept(database_url: str) -> Iterator[TownRevisions]:
    engine = open_database(database_url)
    yield TownRevisions(engine, lambda: NOW)
    engine.dispose()


def fits(_: Mapping[str, Any], __: Mapping[str, Any]) -> None:
    """Nothing to say against it."""


def save(
    kept: TownRevisions,
    section: str,
    content: Any,
    seen: int | None = None,
    check: Check = fits,
) -> int:
    """Returns the new revision's number; 0 when nothing changed."""
    based_on = {} if seen is None else {section: seen}
    made = kept.save({section: content}, "ada", "weil", based_on, SEED, check)
    return made[0].number if made else 0


def test_nothing_is_kept_before_somebody_changes_something(kept: TownRevisions) -> None:
    assert (kept.serial(), kept.newest(), kept.history("holidays")) == (0, (0, {}), ())
    assert save(kept, "holidays", []) == 0  # what the file says already
    assert kept.serial() == 0


def test_the_first_change_keeps_what_the_file_said(kept: TownRevisions) -> None:
    row = {"date": "2027-02-08", "name": "Rosenmontag"}
    assert save(kept, "holidays", [row], 0) == 2
    newest, first = kept.history("holidays")
    assert (newest.content, newest.author, newest.why, newest.at) == ([row], "ada", "weil", NOW)
    assert (first.number, first.content, first.author) == (1, [], FILE)
    assert kept.newest() == (1, {"holidays": newest})
    assert kept.get("holidays", 1) == first
    assert kept.get("holidays", 9) is kept.get("hours", 1) is None


def test_a_former_one_may_come_back(kept: TownRevisions) -> None:
    save(kept, "holidays", ["x"])
    former = kept.get("holidays", 1)
    assert former
    assert save(kept, "holidays", former.content, 2) == 3
    assert kept.newest()[1]["holidays"].content == []
    assert save(kept, "holidays", former.content, 3) == 0  # it is live: nothing to do


def test_the_order_of_teams_counts(kept: TownRevisions) -> None:
    assert save(kept, "teams", SEED["teams"][::-1]) == 2
    assert [team["id"] for team in kept.newest()[1]["teams"].content] == ["a", "b"]


def test_nobody_is_overwritten_unseen(kept: TownRevisions) -> None:
    save(kept, "holidays", ["mine"], 0)
    with pytest.raises(Overtaken) as refused:
        save(kept, "holidays", ["yours"], 0)
    assert refused.value.newest.content == ["mine"]
    with pytest.raises(Overtaken):
        kept.save({"hours": {"x": {}}, "holidays": ["z"]}, "bob", "", {"hours": 0, "holidays": 1}, SEED, fits)
    assert kept.serial() == 1
    assert save(kept, "holidays", ["yours"], 2) == 3


def test_what_does_not_fit_together_is_kept_by_nobody(kept: TownRevisions) -> None:
    seen: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = []

    def refuses(live: Mapping[str, Any], fresh: Mapping[str, Any]) -> None:
        seen.append((live, fresh))
        raise ValueError("no")

    save(kept, "holidays", ["a day"])
    with pytest.raises(ValueError, match="no"):
        save(kept, "hours", {"amt": {}}, check=refuses)
    assert seen == [({"holidays": ["a day"]}, {"hours": {"amt": {}}})]
    assert (kept.serial(), kept.history("hours")) == (1, ())


def test_of_many_at_once_one_wins_and_the_others_are_told(kept: TownRevisions) -> None:
    together, refused = threading.Barrier(4), []

    def change(name: str) -> None:
        together.wait()
        try:
            save(kept, "holidays", [name], 0)
        except Overtaken as error:
            refused.append(error.newest.content)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(change, "abcd"))
    live = kept.newest()[1]["holidays"].content
    assert refused == [live] * 3
    assert (kept.serial(), len(kept.history("holidays"))) == (1, 2)


def test_any_text_comes_back_as_it_was(kept: TownRevisions) -> None:
    odd = ["\0", "\ud800", "ä' \"; DROP", "مرحبا", {"deep": [1, None, True]}]
    save(kept, "holidays", odd)
    assert kept.newest()[1]["holidays"].content == odd

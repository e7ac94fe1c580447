"""The catalogue's contract, on SQLite and on PostgreSQL."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone
from threading import Event

import pytest

from faq.catalogue import (
    Catalogue,
    EditConflict,
    NotPublishable,
    TooLong,
    UnknownEntry,
    UnknownRevision,
    WrongStatus,
)
from faq.entry import Content, Draft, Revision, Status
from tests.faq.town import content


@pytest.fixture
def catalogue(database_url: str, clock: Callable[[], datetime]) -> Iterator[Catalogue]:
    found = Catalogue.open(database_url, clock)
    yield found
    found.close()


def saved(catalogue: Catalogue, entry: str = "hund", **changes: object) -> Revision:
    state = catalogue.get(entry)
    return catalogue.save_draft(entry, content(**changes), "kim", state.head.id if state else None)


def test_from_draft_to_live(catalogue: Catalogue) -> None:
    draft = saved(catalogue)
    assert list(catalogue.live()) == []
    catalogue.submit("hund", draft.id, "kim")
    assert catalogue.get("hund").status is Status.REVIEW
    assert catalogue.publish("hund", draft.id, "toni") == catalogue.serial() == 1
    assert list(catalogue.live()) == [draft]
    state = catalogue.get("hund")
    assert (state.status, state.head, state.live) == (Status.PUBLISHED, draft, draft)


def test_nothing_is_overwritten_silently(catalogue: Catalogue) -> None:
    first = saved(catalogue)
    second = saved(catalogue, answer="Online.")
    with pytest.raises(EditConflict) as refused:
        catalogue.save_draft("hund", content(answer="Per Brief."), "toni", based_on=first.id)
    assert refused.value.head == second
    with pytest.raises(EditConflict):
        catalogue.save_draft("hund", content(), "toni")
    with pytest.raises(EditConflict):
        catalogue.save_draft("katze", content(), "toni", based_on=first.id)
    assert [version.revision for version in catalogue.history("hund")] == [second, first]


def test_of_many_savers_one_wins(catalogue: Catalogue) -> None:
    first = saved(catalogue)

    def save(number: int) -> bool:
        try:
            catalogue.save_draft("hund", content(answer=f"Antwort {number}"), "kim", based_on=first.id)
        except EditConflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(save, range(16))) == 1
    assert len(catalogue.history("hund")) == 2


def test_a_newer_draft_does_not_touch_what_is_live(catalogue: Catalogue) -> None:
    first = saved(catalogue)
    catalogue.publish("hund", first.id, "kim")
    second = saved(catalogue, answer="Online.")
    assert list(catalogue.live()) == [first]
    catalogue.publish("hund", second.id, "kim")
    assert list(catalogue.live()) == [second]
    catalogue.publish("hund", first.id, "kim")  # and back again
    assert list(catalogue.live()) == [first]
    assert [(v.status, v.live) for v in catalogue.history("hund")] == [
        (Status.DRAFT, False),
        (Status.PUBLISHED, True),
    ]


def test_workers_follow_the_serial(catalogue: Catalogue) -> None:
    dog, cat = saved(catalogue), saved(catalogue, "katze")
    catalogue.publish("hund", dog.id, "kim")
    seen = catalogue.publish("katze", cat.id, "kim")
    assert catalogue.publish("katze", cat.id, "kim") == seen  # already live: nothing to tell
    newer = saved(catalogue, answer="Online.")
    catalogue.publish("hund", newer.id, "kim")
    last = catalogue.archive("katze", "kim")
    changes = catalogue.changes_since(seen)
    assert (changes.serial, changes.changed, changes.removed) == (last, (newer,), ("katze",))
    assert catalogue.changes_since(last).changed == catalogue.changes_since(last).removed == ()
    assert catalogue.archive("katze", "kim") == last


def test_serials_have_no_gaps_under_contention(catalogue: Catalogue) -> None:
    drafts = [saved(catalogue, f"entry-{number}") for number in range(12)]
    with ThreadPoolExecutor(6) as pool:
        serials = list(pool.map(lambda d: catalogue.publish(d.entry, d.id, "kim"), drafts))
    assert sorted(serials) == list(range(1, 13))


def test_refusals(catalogue: Catalogue) -> None:
    bad: Content = content(answer=" ")
    draft = catalogue.save_draft("hund", bad, "kim")
    with pytest.raises(NotPublishable, match=r"texts\.de\.answer"):
        catalogue.publish("hund", draft.id, "kim")
    with pytest.raises(UnknownEntry):
        catalogue.publish("katze", draft.id, "kim")
    with pytest.raises(UnknownRevision):
        catalogue.publish("hund", "0" * 16, "kim")
    catalogue.submit("hund", draft.id, "kim")
    with pytest.raises(WrongStatus):
        catalogue.submit("hund", draft.id, "kim")
    with pytest.raises(UnknownEntry):
        catalogue.archive("katze", "kim")


def test_lists_are_searched_filtered_and_cut(catalogue: Catalogue) -> None:
    for number in range(5):
        saved(catalogue, f"hund-{number}", question=f"Frage {number} zum Hund?")
    other = saved(catalogue, "muell", question="Wann kommt die MÜLLABFUHR?", topic="abfall", variants=("100 % leer",))
    catalogue.publish("muell", other.id, "kim")
    assert catalogue.list("müllabfuhr").states[0].head == other
    assert catalogue.list("100 %").total == 1
    assert catalogue.list("1_0").total == 0
    assert catalogue.list(topic="steuern").total == 5
    assert catalogue.list(status=Status.PUBLISHED).total == 1
    page = catalogue.list("hund", offset=3, limit=10)
    assert ([state.entry for state in page.states], page.total) == (["hund-3", "hund-4"], 5)


def test_a_revision_stays_readable_for_ever(catalogue: Catalogue) -> None:
    first = saved(catalogue)
    saved(catalogue, answer="Online.")
    catalogue.archive("hund", "kim")
    assert catalogue.revision(first.id) == first
    assert catalogue.get("katze") is None
    assert catalogue.history("katze") == ()


def test_loading_twice_changes_nothing(catalogue: Catalogue) -> None:
    drafts = [Draft(f"entry-{number}", content()) for number in range(3)]
    assert len(catalogue.load(drafts, "corpus", publish=True).new) == 3
    again = catalogue.load([*drafts[:2], Draft("entry-2", content(answer="Anders."))], "corpus", publish=True)
    assert (again.same, again.changed) == (("entry-0", "entry-1"), ("entry-2",))
    assert catalogue.serial() == 4


def test_what_was_saved_while_a_load_was_prepared_is_not_lost(
    database_url: str, catalogue: Catalogue, clock: Callable[[], datetime]
) -> None:
    """It looks at the clock between reading and writing: then somebody saves."""
    saved(catalogue, answer="Von der Redaktion.")

    def meanwhile() -> datetime:
        if catalogue.get("hund").head.number == 1:
            saved(catalogue, answer="Noch besser.")
        return clock()

    loading = Catalogue(catalogue.engine, meanwhile)
    drafts = [Draft("hund", content(answer="Aus der Datei.")), Draft("katze", content())]
    loaded = loading.load(drafts, "corpus", publish=True)
    assert (loaded.new, loaded.changed, loaded.published) == (("katze",), ("hund",), ("hund", "katze"))
    answers = [version.revision.texts["de"].answer for version in catalogue.history("hund")]
    assert sorted(answers) == ["Aus der Datei.", "Noch besser.", "Von der Redaktion."]
    assert catalogue.get("hund").live.number == 3


def test_a_bad_draft_loads_nothing_at_all(catalogue: Catalogue) -> None:
    with pytest.raises(NotPublishable):
        catalogue.load([Draft("gut", content()), Draft("schlecht", content(answer=""))], "corpus", publish=True)
    assert catalogue.list().total == 0


def test_another_process_sees_it(catalogue: Catalogue, database_url: str) -> None:
    draft = saved(catalogue)
    second = Catalogue.open(database_url)
    catalogue.publish("hund", draft.id, "kim")
    assert list(second.live()) == [draft]
    second.close()


def test_lists_have_one_order_on_every_database(catalogue: Catalogue) -> None:
    for number, question in enumerate(("zebra", "Äpfel", "Zug", "apfel", "_", "Apfel")):
        saved(catalogue, f"entry-{number}", question=question)
    found = [state.head.text("de").question for state in catalogue.list().states]
    assert found == sorted(found) == ["Apfel", "Zug", "_", "apfel", "zebra", "Äpfel"]


def test_moments_come_back_in_utc(database_url: str) -> None:
    summer = datetime(2026, 7, 1, 0, 30, tzinfo=timezone(timedelta(hours=2)))
    catalogue = Catalogue.open(database_url, lambda: summer)
    draft = saved(catalogue)
    kept = catalogue.revision(draft.id)
    assert kept.at == summer
    assert kept.at.tzinfo is UTC
    assert kept.at.date() == date(2026, 6, 30)
    catalogue.close()


def test_what_no_database_keeps_is_refused_or_mended(catalogue: Catalogue) -> None:
    long = "x" * 161
    for entry, author, changes in ((long, "kim", {}), ("hund", long, {}), ("hund", "kim", {"topic": long})):
        with pytest.raises(TooLong):
            catalogue.save_draft(entry, content(**changes), author)
    assert catalogue.list().total == 0
    odd = saved(catalogue, question="Hund\0?", variants=("a\0b", "ÄÖÜ 🐕 \U0010ffff"))
    assert catalogue.revision(odd.id) == odd  # what an editor wrote is kept as it was
    assert catalogue.list("🐕").total == 1
    assert catalogue.get("hu\0nd") is None
    assert catalogue.list("\0").total == 1
    assert catalogue.history("\ud83d") == ()


def test_an_error_in_a_change_leaves_nothing_behind(catalogue: Catalogue) -> None:
    for _ in range(20):  # more often than there are connections
        with pytest.raises(TooLong):
            catalogue.load([Draft("gut", content()), Draft("x" * 161, content())], "corpus", publish=True)
    assert (catalogue.list().total, catalogue.serial()) == (0, 0)
    saved(catalogue)


def test_loads_and_publications_in_any_order_wait_for_no_circle(catalogue: Catalogue, database_url: str) -> None:
    names = [f"entry-{number}" for number in range(12)]
    other = Catalogue.open(database_url)

    def load(turn: int) -> None:
        order = names if turn % 2 else names[::-1]
        drafts = [Draft(name, content(answer=f"Antwort {turn}")) for name in order]
        (catalogue if turn % 4 < 2 else other).load(drafts, "corpus", publish=True)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(load, range(8)))
    assert catalogue.serial() == 8 * len(names)
    assert {r.text("de").answer for r in catalogue.live()} in [{f"Antwort {turn}"} for turn in range(8)]
    other.close()


def test_a_follower_misses_nothing_while_many_publish(catalogue: Catalogue, database_url: str) -> None:
    """Whoever asks for what came after the serial that it saw ends with exactly what is live."""
    drafts = [saved(catalogue, f"entry-{number}") for number in range(16)]
    other, done = Catalogue.open(database_url), Event()
    followed: dict[str, str] = {}

    def publish(draft: Revision) -> None:
        one = catalogue if draft.entry.endswith(("1", "3", "5")) else other
        one.publish(draft.entry, draft.id, "kim")
        if draft.entry.endswith("4"):
            one.archive(draft.entry, "kim")

    def follow() -> None:
        seen, last = 0, False
        while not last:
            last = done.is_set()
            changes = catalogue.changes_since(seen)
            assert changes.serial >= seen
            assert not {r.entry for r in changes.changed} & set(changes.removed)
            seen = changes.serial
            followed.update({r.entry: r.id for r in changes.changed})
            for entry in changes.removed:
                followed.pop(entry, None)

    with ThreadPoolExecutor(9) as pool:
        follower = pool.submit(follow)
        list(pool.map(publish, drafts))
        done.set()
        follower.result()
    assert followed == {r.entry: r.id for r in other.live()}
    assert len(followed) == 14
    other.close()

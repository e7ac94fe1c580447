"""The releases' contract, on SQLite and on PostgreSQL."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, text

from faq.catalogue import Catalogue, NotPublishable, UnknownRevision
from faq.database import reading, writing
from faq.editing.withdrawal import take_back
from faq.entry import Draft, Revision, Status
from faq.examples.revisions import Examples
from faq.releases import (
    NeedsSecond,
    NothingChanged,
    NotInReview,
    NotProved,
    Overtaken,
    ReasonMissing,
    Release,
    Releases,
    State,
    Step,
    UnknownRelease,
    Worse,
    WrongState,
    kept,
)
from faq.releases.release import differences, name_of, packed, unpacked
from faq.releases.tables import activations, releases, steps
from tests.faq.conftest import clock  # noqa: F401 - a fixture
from tests.faq.town import content


class Town:
    """A catalogue, its releases, and short words for what people do with them."""

    def __init__(self, url: str, now: Callable[[], datetime]) -> None:
        self.catalogue = Catalogue.open(url, now)
        self.releases = Releases(self.catalogue.engine, now)

    def draft(self, entry: str, answer: str = "Im Amt.", by: str = "kim") -> Revision:
        state = self.catalogue.get(entry)
        return self.catalogue.save_draft(entry, content(answer=answer), by, state.head.id if state else None)

    def seed(self, *entries: str) -> Release:
        self.catalogue.load([Draft(entry, content()) for entry in entries], "corpus", publish=True)
        found = self.releases.live()
        assert found
        return found

    def proposed(self, *revisions: Revision, verdict: str = "better") -> Release:
        made = self.releases.propose({r.entry: r.id for r in revisions}, "kim", "Neues")
        if verdict:
            self.proved(made, verdict)
        return made

    def proved(self, release: Release, verdict: str = "better") -> None:
        self.releases.record(release.id, Step.PROVING, "worker")
        self.releases.record(release.id, Step.PROVED, "worker", detail=json.dumps({"verdict": verdict}))

    def answers(self) -> dict[str, str]:
        return {r.entry: r.id for r in self.catalogue.live()}


@pytest.fixture
def town(database_url: str, clock: Callable[[], datetime]) -> Iterator[Town]:  # noqa: F811
    found = Town(database_url, clock)
    yield found
    found.catalogue.close()


def test_one_release_for_each_change_of_what_is_live(town: Town) -> None:
    assert (town.releases.live(), town.releases.latest(), town.catalogue.live_release()) == (None, (), None)
    first = town.seed("hund", "katze", "maus")
    assert (first.number, first.entries, first.base, first.by) == (1, 3, "", "corpus")
    assert town.releases.manifest(first.id) == town.answers()
    town.catalogue.publish("hund", town.draft("hund", "Online.").id, "kim")
    town.catalogue.archive("maus", "kim")
    third, second = town.releases.latest(2)
    assert (third.number, second.number, third.base, second.base) == (3, 2, second.id, first.id)
    assert town.releases.latest(5, before=2) == (first,)
    assert town.releases.live() == third == town.catalogue.live_release() == town.releases.numbered(3)
    assert town.releases.manifest(third.id) == town.answers()
    assert [a.release for a in town.releases.activations()] == [third.id, second.id, first.id]
    assert town.releases.activations()[0].serial == town.catalogue.serial()
    assert town.catalogue.changes_since(0).release == third
    assert town.releases.states([first.id, second.id, third.id]) == {
        first.id: State.REPLACED,
        second.id: State.REPLACED,
        third.id: State.LIVE,
    }


def test_a_release_is_named_by_what_it_holds(town: Town) -> None:
    first = town.seed("hund")
    old = town.answers()["hund"]
    town.catalogue.publish("hund", town.draft("hund", "Online.").id, "kim")
    town.catalogue.publish("hund", old, "kim")
    assert town.releases.live() == first
    assert len(town.releases.latest()) == 2
    assert first.id == name_of({"hund": old}, "", "", "")


def test_from_proposal_to_live(town: Town) -> None:
    first = town.seed("hund", "katze")
    new, gone = town.draft("maus"), "katze"
    made = town.releases.propose({"maus": new.id, gone: None}, "kim", "Mäuse")
    assert (made.number, made.title, made.base, made.by) == (2, "Mäuse", first.id, "kim")
    assert town.releases.state(made.id) is State.PROPOSED
    assert town.catalogue.get("maus").status is Status.REVIEW
    assert town.releases.live() == first
    with pytest.raises(NotProved):
        town.releases.publish(made.id, "toni", four_eyes=True)
    town.proved(made)
    assert town.releases.unsigned(made.id) == ("katze", "maus")
    with pytest.raises(NeedsSecond, match="katze, maus"):
        town.releases.publish(made.id, "kim", four_eyes=True)
    serial = town.releases.publish(made.id, "toni", four_eyes=True)
    assert serial == town.catalogue.serial()
    assert town.releases.live() == made
    assert set(town.answers()) == {"hund", "maus"}
    assert [(s.step, s.by) for s in town.releases.steps(made.id)] == [
        (Step.PROPOSED, "kim"),
        (Step.PROVING, "worker"),
        (Step.PROVED, "worker"),
        (Step.SIGNED, "toni"),
        (Step.LIVE, "toni"),
    ]
    assert town.catalogue.get("maus").status is Status.PUBLISHED
    assert town.releases.publish(made.id, "toni", four_eyes=True) == serial
    changed = town.releases.diff(first.id, made.id)
    assert [(c.entry, c.before is None, c.after) for c in changed] == [("katze", False, None), ("maus", True, new.id)]


def test_each_author_needs_another(town: Town) -> None:
    town.seed("hund")
    made = town.proposed(town.draft("katze", by="kim"), town.draft("maus", by="toni"))
    with pytest.raises(NeedsSecond) as refused:
        town.releases.publish(made.id, "toni", four_eyes=True)
    assert refused.value.entries == ("maus",)
    town.releases.sign(made.id, "kim")
    town.releases.sign(made.id, "kim")
    assert town.releases.signatures(made.id) == ("kim",)
    assert town.releases.unsigned(made.id) == ("katze",)
    town.releases.publish(made.id, "toni", four_eyes=True)


def test_who_saved_last_does_not_vouch_for_what_lies_below(town: Town) -> None:
    """A date set in passing, a wording added, an imported list: each takes along the draft that it is laid upon."""
    town.seed("hund")
    town.draft("hund", "Ein Satz von Kim.", by="kim")
    made = town.proposed(town.draft("hund", "Ein Satz von Kim. Und ein Tippfehler weniger.", by="toni"))
    assert town.releases.unsigned(made.id) == ("hund",)
    with pytest.raises(NeedsSecond):
        town.releases.publish(made.id, "kim", four_eyes=True)
    assert town.releases.unsigned(made.id, ["toni"]) == ("hund",)  # toni's own part
    assert town.releases.unsigned(made.id, ["ute"]) == ()
    town.releases.sign(made.id, "toni")
    town.releases.publish(made.id, "kim", four_eyes=True)
    after = town.proposed(town.draft("hund", "Neu von Toni.", by="toni"))
    town.releases.publish(after.id, "kim", four_eyes=True)  # what answered once was signed then


def test_who_taught_a_line_does_not_vouch_for_it(town: Town) -> None:
    town.seed("hund")
    examples = Examples(town.catalogue.engine)
    examples.save("de", "greet", ["hallöchen du"], "kim", "", 0, lambda was, after: None)
    kept = examples.save("de", "thanks", ["merci dir"], "toni", "", 1, lambda was, after: None)
    made = town.releases.propose({}, "toni", nlu=kept.name)
    town.proved(made)
    with pytest.raises(NeedsSecond):
        town.releases.publish(made.id, "kim", four_eyes=True)
    assert town.releases.unsigned(made.id, ["ute"]) == town.releases.unsigned(made.id, ["kim", "toni"]) == ()


def test_alone_where_one_may(town: Town) -> None:
    made = town.proposed(town.draft("katze"))
    town.releases.publish(made.id, "kim", four_eyes=False)
    assert town.releases.live() == made


@pytest.mark.parametrize(("verdict", "refusal"), [("worse", Worse), ("", NotProved)])
def test_a_reason_overrules_the_trials_and_stays(town: Town, verdict: str, refusal: type[Exception]) -> None:
    town.seed("hund")
    made = town.proposed(town.draft("katze"), verdict=verdict)
    for why in ("", "  "):
        with pytest.raises(refusal):
            town.releases.publish(made.id, "toni", four_eyes=True, why=why)
    with pytest.raises(NeedsSecond):  # a reason overrules no person
        town.releases.publish(made.id, "kim", four_eyes=True, why="Eilt")
    town.releases.publish(made.id, "toni", four_eyes=True, why="Gesetz gilt ab heute")
    forced = [s for s in town.releases.steps(made.id) if s.step is Step.FORCED]
    assert [(s.by, s.why) for s in forced] == [("toni", "Gesetz gilt ab heute")]


def test_a_better_release_that_is_given_a_reason_was_not_forced(town: Town) -> None:
    made = town.proposed(town.draft("katze"))
    town.releases.publish(made.id, "toni", four_eyes=True, why="Bestellt")
    assert Step.FORCED not in {s.step for s in town.releases.steps(made.id)}


def test_overtaken_and_set_upon_what_is_live(town: Town) -> None:
    town.seed("hund", "katze")
    made = town.proposed(town.draft("katze", "Neu."), town.draft("hund", "Alt."))
    newer = town.draft("hund", "Neuer.")
    town.catalogue.publish("hund", newer.id, "kim")
    with pytest.raises(Overtaken):
        town.releases.publish(made.id, "toni", four_eyes=True)
    again = town.releases.anew(made.id, "kim")
    assert (again.title, again.base) == ("Neues", town.releases.live().id)
    assert town.releases.state(made.id) is State.WITHDRAWN
    with pytest.raises(NotProved):
        town.releases.publish(again.id, "toni", four_eyes=True)
    town.proved(again)
    town.releases.publish(again.id, "toni", four_eyes=True)
    assert town.answers()["hund"] == newer.id  # the newer one stays
    assert town.catalogue.get("katze").live.text("de").answer == "Neu."


def removal(town: Town) -> Release:
    """Kim's proposal to take an entry out, which something else overtook."""
    town.seed("hund", "katze")
    made = town.releases.propose({"hund": None}, "kim", "Weg")
    town.catalogue.publish("katze", town.draft("katze", "Neu.").id, "toni")
    return made


def test_who_sets_a_removal_anew_does_not_take_it_over(town: Town) -> None:
    made = removal(town)
    again = town.releases.anew(made.id, "toni")
    assert again.by == "kim"
    assert town.releases.anew(made.id, "toni").by == "kim"  # pressed twice
    assert town.releases.steps(again.id)[0].by == "toni"
    town.proved(again)
    with pytest.raises(NeedsSecond):
        town.releases.publish(again.id, "kim", four_eyes=True)
    town.releases.publish(again.id, "toni", four_eyes=True)
    assert "hund" not in town.answers()


@pytest.mark.parametrize("how", ["refuse", "withdraw"])
def test_who_takes_a_removal_up_again_owns_it(town: Town, how: str) -> None:
    made = removal(town)
    getattr(town.releases, how)(made.id, "kim", "Doch nicht")
    again = town.releases.anew(made.id, "toni")
    town.proved(again)
    with pytest.raises(NeedsSecond):
        town.releases.publish(again.id, "toni", four_eyes=True)


def test_what_was_taken_back_from_review_does_not_answer_with_its_proposal(town: Town) -> None:
    town.seed("hund")
    draft, new = town.draft("hund", "Ein Fehler."), town.draft("maus")
    made = town.proposed(draft, new)
    take_back(town.catalogue.engine, "hund", draft.id)
    town.catalogue.archive("maus", "kim", if_live=False)
    assert town.releases.not_in_review(made.id) == ("hund", "maus")
    with pytest.raises(NotInReview):
        town.releases.publish(made.id, "toni", four_eyes=True, why="Eilt")
    town.draft("hund", "Ohne Fehler.")
    assert town.releases.not_in_review(made.id) == ("hund", "maus"), "also once a newer version lies upon it"
    town.releases.withdraw(made.id, "kim")
    again = town.proposed(town.catalogue.get("hund").head, new)
    town.releases.publish(again.id, "toni", four_eyes=True)
    assert set(town.answers()) == {"hund", "maus"}


def test_a_version_upon_which_somebody_saved_before_it_was_proposed_is_in_review_all_the_same(town: Town) -> None:
    town.seed("hund")
    chosen = town.draft("hund", "Für das Release.")
    town.draft("hund", "Schon die nächste.")
    made = town.proposed(chosen)
    assert town.releases.not_in_review(made.id) == ()
    town.releases.publish(made.id, "toni", four_eyes=True)
    assert town.answers()["hund"] == chosen.id


def test_set_anew_it_takes_no_newer_examples_and_thresholds_back(town: Town) -> None:
    town.seed("hund")
    examples = Examples(town.catalogue.engine)
    older = examples.save("de", "greet", ["hallöchen du"], "kim", "", 0, lambda was, after: None).name
    newer = examples.save("de", "thanks", ["merci dir"], "toni", "", 1, lambda was, after: None).name
    made = town.releases.propose({"katze": town.draft("katze").id}, "kim", nlu=older, fit="abc")
    between = town.releases.propose({}, "toni", nlu=newer, fit="def")
    town.proved(between)
    town.releases.publish(between.id, "ute", four_eyes=True)
    town.releases.loaded(between.id)
    again = town.releases.anew(made.id, "kim")
    assert (again.nlu, again.fit) == (newer, "def")
    assert set(town.releases.manifest(again.id)) == {"hund", "katze"}


def test_nothing_to_propose(town: Town) -> None:
    town.seed("hund")
    with pytest.raises(NothingChanged):
        town.releases.propose({}, "kim", "")
    with pytest.raises(NothingChanged):
        town.releases.propose({"katze": None}, "kim", "")
    with pytest.raises(UnknownRevision):
        town.releases.propose({"hund": "0" * 16}, "kim", "")
    with pytest.raises(UnknownRevision):
        town.releases.propose({"katze": town.answers()["hund"]}, "kim", "")
    with pytest.raises(NothingChanged):  # another encoder alone is no editor's proposal
        Releases(town.catalogue.engine, encoder="e6").propose({}, "kim")
    assert len(town.releases.latest()) == 1


def test_sent_back_and_taken_back(town: Town) -> None:
    town.seed("hund")
    draft = town.draft("katze")
    made = town.proposed(draft)
    with pytest.raises(ReasonMissing):
        town.releases.refuse(made.id, "toni", " ")
    town.releases.refuse(made.id, "toni", "Die Gebühr fehlt")
    assert town.releases.state(made.id) is State.REFUSED
    assert town.catalogue.get("katze").status is Status.DRAFT
    for step in (lambda: town.releases.publish(made.id, "toni", True), lambda: town.releases.sign(made.id, "toni")):
        with pytest.raises(WrongState):
            step()
    again = town.proposed(draft, verdict="")
    assert (again.id, town.releases.state(made.id)) == (made.id, State.PROPOSED)
    with pytest.raises(NotProved):  # what was proved before it was sent back counts no more
        town.releases.publish(made.id, "toni", True)
    town.releases.withdraw(made.id, "kim")
    assert (town.releases.state(made.id), town.catalogue.get("katze").status) == (State.WITHDRAWN, Status.REVIEW)
    with pytest.raises(WrongState):
        town.releases.withdraw(made.id, "kim")


def test_back_and_back_again(town: Town) -> None:
    numbers = [town.seed("hund")]
    for answer in ("B", "C"):
        town.catalogue.publish("hund", town.draft("hund", answer).id, "kim")
        numbers.append(town.releases.live())
    one, two, three = numbers
    assert town.releases.before() == two
    with pytest.raises(ReasonMissing):
        town.releases.rollback(two.id, "kim", "")
    serial = town.releases.rollback(two.id, "kim", "Falsche Gebühr")
    assert (serial, town.releases.live()) == (town.catalogue.serial(), two)
    assert town.answers() == town.releases.manifest(two.id)
    assert town.releases.state(three.id) is State.ROLLED_BACK
    assert town.releases.rollback(two.id, "kim", "Noch einmal") == serial
    assert town.releases.before() == one  # and not forth again
    town.releases.rollback(one.id, "toni", "Auch falsch")
    assert town.releases.before() is None
    town.releases.rollback(three.id, "toni", "War doch richtig")
    assert town.releases.live() == three
    told = town.releases.activations()[0]
    assert (told.by, told.why, told.back) == ("toni", "War doch richtig", True)
    made = town.proposed(town.draft("katze"))
    with pytest.raises(WrongState):
        town.releases.rollback(made.id, "kim", "Eilt")


def test_nobody_takes_back_what_became_live_while_they_looked(town: Town) -> None:
    first = town.seed("hund")
    town.catalogue.publish("hund", town.draft("hund", "B").id, "kim")
    seen = town.releases.live()
    town.catalogue.publish("hund", town.draft("hund", "C").id, "kim")
    newest = town.releases.live()
    assert seen
    assert newest
    with pytest.raises(Overtaken):
        town.releases.rollback(first.id, "toni", "Falsch", instead_of=seen.id)
    assert town.releases.live() == newest
    town.releases.rollback(first.id, "toni", "Falsch", instead_of=newest.id)
    assert town.releases.live() == first
    town.releases.rollback(first.id, "kim", "Falsch", instead_of=newest.id)  # two wanted the same


def test_who_goes_back_archives_nothing_that_answers_and_no_work(town: Town) -> None:
    first = town.seed("hund", "katze")
    worse, new = town.draft("hund", "Falsch."), town.draft("maus")
    made = town.proposed(worse, new)
    town.releases.publish(made.id, "toni", four_eyes=True)
    town.releases.rollback(first.id, "kim", "Falsch")
    for revision in (worse, new):
        state = town.catalogue.get(revision.entry)
        assert (state.head.id, state.status) == (revision.id, Status.DRAFT)
    assert set(town.answers()) == {"hund", "katze"}
    town.catalogue.submit("hund", worse.id, "kim")  # to be mended, or as it stands
    town.catalogue.archive("maus", "kim", if_live=False)
    town.releases.rollback(made.id, "kim", "War doch richtig")
    assert town.catalogue.get("hund").status is town.catalogue.get("maus").status is Status.PUBLISHED


def test_an_older_version_that_comes_back_leaves_the_newest_as_a_draft(town: Town) -> None:
    town.seed("hund")
    old, new = town.catalogue.get("hund").head, town.draft("hund", "Falsch.")
    town.catalogue.publish("hund", new.id, "kim")
    town.catalogue.publish("hund", old.id, "kim")
    assert town.catalogue.get("hund").status is Status.DRAFT
    town.catalogue.publish("hund", new.id, "kim")
    town.catalogue.archive("hund", "kim")
    assert town.catalogue.get("hund").status is Status.ARCHIVED


def test_a_release_with_nlu_data_of_its_own_waits_until_they_are_loaded(town: Town) -> None:
    first = town.seed("hund")
    made = town.releases.propose({}, "kim", "Neue Beispiele", nlu="beispiele-2")
    town.proved(made)
    assert town.releases.unsigned(made.id) == ("",)
    before = town.catalogue.serial()
    assert town.releases.publish(made.id, "toni", four_eyes=True) == before
    assert (town.releases.state(made.id), town.releases.live()) == (State.LOADING, first)
    assert town.releases.loaded(made.id) == before + 1 == town.catalogue.serial()
    assert (town.releases.live(), town.releases.live().nlu) == (made, "beispiele-2")
    town.catalogue.publish("hund", town.draft("hund", "Online.").id, "kim")
    assert town.releases.live().nlu == "beispiele-2"  # what is published since keeps the models
    with pytest.raises(WrongState):
        town.releases.loaded(made.id)


def test_back_to_other_nlu_data_waits_until_they_are_loaded_and_no_longer_when_asked_twice(town: Town) -> None:
    first, releases = town.seed("hund"), town.releases
    second = releases.propose({}, "kim", "Neue Beispiele", nlu="beispiele-2")
    town.proved(second)
    releases.publish(second.id, "toni", four_eyes=True)
    releases.loaded(second.id)
    serial = releases.rollback(first.id, "kim", "versteht schlechter")
    assert (releases.state(first.id), releases.live()) == (State.LOADING, second)
    assert releases.loaded(first.id) > serial
    assert releases.live() == first
    newest = releases.activations(1)[0]
    assert (newest.by, newest.why, newest.back) == ("kim", "versteht schlechter", True)
    assert releases.state(second.id) is State.ROLLED_BACK
    releases.rollback(second.id, "kim", "doch")
    releases.rollback(second.id, "kim", "doch", again=False)  # its form was sent twice
    assert releases.live() == first
    releases.rollback(second.id, "kim", "sofort")
    assert releases.live() == second


def test_one_that_is_gone_back_to_while_another_loads_is_not_replaced_by_it(town: Town) -> None:
    first, releases = town.seed("hund"), town.releases
    second = town.proposed(town.draft("hund", "Im Rathaus."))
    releases.publish(second.id, "toni", four_eyes=True)
    third = releases.propose({}, "kim", "Neue Beispiele", nlu="beispiele-2")
    town.proved(third)
    releases.publish(third.id, "toni", four_eyes=True)
    releases.loaded(third.id)
    releases.rollback(second.id, "kim", "erst dahin")
    for _ in range(2):
        releases.rollback(first.id, "kim", "nein, gleich dorthin")
    with pytest.raises(Overtaken):
        releases.loaded(second.id)
    assert releases.live() == first
    assert releases.state(second.id) is State.WITHDRAWN, "it was live once, and is no proposal"
    releases.rollback(second.id, "kim", "jetzt doch")
    assert releases.live() == second


def test_overtaken_while_it_was_loading(town: Town) -> None:
    town.seed("hund")
    made = town.releases.propose({}, "kim", "Neue Beispiele", nlu="beispiele-2")
    town.proved(made)
    town.releases.publish(made.id, "toni", four_eyes=True)
    town.catalogue.publish("hund", town.draft("hund", "Online.").id, "kim")
    with pytest.raises(Overtaken):
        town.releases.loaded(made.id)
    assert town.releases.state(made.id) is State.FAILED
    assert town.releases.anew(made.id, "kim").nlu == "beispiele-2"


def test_pinned_to_what_the_process_answers_by(town: Town) -> None:
    town.seed("hund")
    process = Releases(town.catalogue.engine, lambda: datetime.now(UTC), encoder="e5", fit="abc")
    made = process.propose({"katze": town.draft("katze").id}, "kim", "")
    assert (made.encoder, made.fit, made.nlu) == ("e5", "abc", "")
    assert process.unsigned(made.id) == ("", "katze")  # thresholds are somebody's change, too
    set_otherwise = Releases(town.catalogue.engine, lambda: datetime.now(UTC), encoder="e6")
    again = set_otherwise.propose({"katze": town.draft("katze").id}, "kim", "")
    assert (again.encoder, set_otherwise.unsigned(again.id)) == ("e6", ("katze",))


def test_thresholds_with_a_proof_of_their_own(town: Town) -> None:
    assert town.releases.pin("abc", "calibrate", "fitted") == 0  # nothing answers yet
    first = town.seed("hund")
    assert town.releases.pin("abc", "calibrate", "fitted") == town.catalogue.serial() == 2
    pinned = town.releases.live()
    assert (pinned.fit, pinned.base, town.releases.manifest(pinned.id)) == ("abc", first.id, town.answers())
    assert town.releases.pin("abc", "calibrate", "again") == 2
    changes = town.catalogue.changes_since(1)
    assert (changes.changed, changes.removed, changes.release) == ((), (), pinned)
    town.releases.rollback(first.id, "kim", "Zurück")
    assert town.releases.live().fit == ""


def test_what_cannot_be_published(town: Town) -> None:
    made = town.proposed(town.draft("katze", " "))
    with pytest.raises(NotPublishable):
        town.releases.publish(made.id, "toni", four_eyes=True, why="Eilt")
    for ask in (town.releases.state, town.releases.manifest, town.releases.unsigned, town.releases.signatures):
        with pytest.raises(UnknownRelease):
            ask("0" * 16)
    with pytest.raises(UnknownRelease):
        town.releases.record("0" * 16, Step.PROVED, "worker")
    assert (town.releases.get("0" * 16), town.releases.numbered(99)) == (None, None)


def test_what_an_older_version_published_is_made_a_release(town: Town) -> None:
    """While processes are replaced one by one, those of before publish without releases."""
    first = town.seed("hund", "katze")
    with writing(town.catalogue.engine) as db:
        db.execute(text("UPDATE faq_entries SET live = NULL WHERE entry = 'katze'"))
        db.execute(text("UPDATE faq_counter SET serial = serial + 1"))
    assert town.releases.live() is None
    adopted = town.catalogue.live_release()
    assert (adopted.number, adopted.base, adopted.by, adopted.entries) == (2, first.id, "upgrade", 1)
    assert town.releases.live() == adopted
    assert town.releases.manifest(adopted.id) == town.answers()


def test_two_who_publish_at_once(town: Town) -> None:
    town.seed("hund")
    made = [town.proposed(town.draft(f"entry-{number}")) for number in range(6)]

    def publish(release: Release) -> bool:
        try:
            town.releases.publish(release.id, "toni", four_eyes=True)
        except Overtaken:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(publish, made)) == 1
    assert town.releases.manifest(town.releases.live().id) == town.answers()


def test_large_releases_are_quick_and_small(town: Town) -> None:
    """Ten thousand entries: one manifest per transaction, of some 150 kB."""
    many = {f"dienstleistung-nummer-{number}": f"{number:016x}" for number in range(10_000)}
    assert unpacked(packed(many)) == many
    assert len(packed(many)) < 200_000
    town.catalogue.load([Draft(f"entry-{number}", content()) for number in range(300)], "corpus", publish=True)
    assert len(town.releases.latest()) == 1
    assert town.releases.live().entries == 300


names = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(("1", "2", "3")))


@given(names, names)
def test_differences_lead_from_one_to_the_other(before: dict[str, str], after: dict[str, str]) -> None:
    built = dict(before)
    for change in differences(before, after):
        assert before.get(change.entry) == change.before != change.after
        built.pop(change.entry, None)
        if change.after:
            built[change.entry] = change.after
    assert built == after


deeds = st.lists(st.tuples(st.sampled_from(["publish", "archive", "propose", "rollback", "follow"]), st.integers(0, 3)))


@pytest.fixture(scope="module")
def sqlite_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder: Path = tmp_path_factory.mktemp("releases")
    found = Town(f"sqlite:///{folder}/town.sqlite", lambda: datetime.now(UTC))
    yield found
    found.catalogue.close()


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(deeds)
def test_whatever_people_do(sqlite_town: Town, deeds: list[tuple[str, int]]) -> None:
    """What answers is what the live release holds; the newest activation bears the serial; a follower has the same."""
    town = sqlite_town
    with writing(town.catalogue.engine) as db:
        for table in (steps, activations, releases):
            db.execute(delete(table))
        for table in ("faq_events", "faq_entries", "faq_revisions"):
            db.execute(text(f"DELETE FROM {table}"))
        db.execute(text("UPDATE faq_counter SET serial = 0"))
    seen, followed = 0, dict[str, str]()
    for turn, (deed, number) in enumerate(deeds):
        entry = f"entry-{number}"
        if deed == "publish":
            town.catalogue.publish(entry, town.draft(entry, f"Antwort {turn % 3}").id, "kim")
        elif deed == "archive" and town.catalogue.get(entry):
            town.catalogue.archive(entry, "kim")
        elif deed == "propose":
            made = town.proposed(town.draft(entry, f"Antwort {turn % 3}"))
            town.releases.publish(made.id, "toni", four_eyes=True)
        elif deed == "rollback" and (back := town.releases.activations(number + 1)):
            town.releases.rollback(back[-1].release, "toni", "Zurück")
        else:
            changes = town.catalogue.changes_since(seen)
            followed = {e: r for e, r in followed.items() if e not in changes.removed}
            followed |= {r.entry: r.id for r in changes.changed}
            seen = changes.serial
            live = changes.release
            assert followed == (town.releases.manifest(live.id) if live else {})
        live = town.releases.live()
        assert town.answers() == (town.releases.manifest(live.id) if live else {})
        assert all(a.serial <= town.catalogue.serial() for a in town.releases.activations())
        with reading(town.catalogue.engine) as db:
            assert kept.in_force(db) == town.answers()

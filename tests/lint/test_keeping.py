"""Fixes make drafts, dismissals hold until the texts change, and the corpus is gathered as it would be published."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Engine

from faq.catalogue import Catalogue
from faq.entry import Draft, Elsewhere, Link
from faq.links.kept import Links
from faq.links.look import Outcome, State
from faq.lint.dismissed import Dismissals, NoReason
from faq.lint.finding import DropWording, MergeWordings, OpenEntry, ReplaceLink, Reviewed
from faq.lint.fixes import Overtaken, applied
from faq.lint.gather import beside, gathered, state_of
from faq.lint.lint import lint
from faq.schema import open_database
from faq.trials import Trials
from tests.lint.entries import NOW, TODAY, corpus, entry, text, town

EN = {"question": "How do I get a fishing licence?", "language": "en"}


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = open_database(database_url)
    yield opened
    opened.dispose()


def test_what_each_fix_makes_of_an_entry() -> None:
    one = entry("a", text(variants=("hund neu", "marke"), link=Link("x", "https://old.de"))).content
    dropped = applied(DropWording("a", "de", "Hund neu"), one)
    assert dropped.texts["de"].variants == ("marke",)
    with pytest.raises(Overtaken):
        applied(DropWording("a", "de", "hund neu"), dropped)
    other = entry("b", text("Wo?", variants=("MARKE", "ganz neu"))).content
    assert applied(MergeWordings("a", "b"), one, other).texts["de"].variants == ("hund neu", "marke", "Wo?", "ganz neu")
    looked = applied(Reviewed("a", TODAY, date(2027, 5, 1)), one)
    assert (looked.as_of, looked.review_by) == (TODAY, date(2027, 5, 1))
    with pytest.raises(ValueError, match="by hand"):
        applied(OpenEntry("a"), one)


def test_a_link_is_replaced_wherever_the_entry_names_it() -> None:
    old, new = "https://old.de/a", "https://new.de/b"
    told = text(answer=f"[hier]({old}), <{old}>, [dort]({old}/tiefer)\n\n[1]: {old}", link=Link("x", old))
    one = entry("a", told, source=Link("q", old), elsewhere=Elsewhere("bund", "Amt", old)).content
    fresh = applied(ReplaceLink("a", old, new), one)
    german = fresh.texts["de"]
    assert german.answer == f"[hier]({new}), <{new}>, [dort]({old}/tiefer)\n\n[1]: {new}"
    assert {german.facts.link and german.facts.link.url, fresh.source.url, fresh.elsewhere and fresh.elsewhere.url} == {
        new
    }


def test_a_dismissal_holds_until_the_texts_change(engine: Engine) -> None:
    dismissals = Dismissals(engine, lambda: NOW)
    one, other = entry("a", text("Hund an?", "Eins.")), entry("b", text("Hund an", "Zwei."))
    (finding,) = lint(corpus(one, other), ["duplicate"])
    with pytest.raises(NoReason):
        dismissals.dismiss(finding, "eda", "  ")
    dismissals.dismiss(finding, "eda", "Das eine gilt für Züchter.")
    dismissals.dismiss(finding, "edo", "Anderer Grund.")
    assert [(d.by, d.why) for d in dismissals.all().values()] == [("edo", "Anderer Grund.")]
    (changed,) = lint(corpus(one, entry("b", text("Hund an", "Drei."))), ["duplicate"])
    assert changed.id not in dismissals.all()
    assert dismissals.restore(finding.id)
    assert not dismissals.restore(finding.id)


def test_the_corpus_is_gathered_as_it_would_be_published(engine: Engine) -> None:
    catalogue = Catalogue(engine, lambda: NOW)
    both = entry("a", text(), text(**EN)).content
    catalogue.load([Draft("a", both), Draft("b", entry("b").content)], "eda", publish=True)
    before = state_of(catalogue)
    head = catalogue.get("a")
    assert head
    changed = replace(both, texts={**both.texts, "de": text(answer="Nur noch online.")})
    draft = catalogue.save_draft("a", changed, "eda", head.head.id)
    catalogue.save_draft("c", entry("c").content, "eda")
    catalogue.archive("b", "eda")
    Trials(engine).add("Wo gibt es Angelscheine?", "de", ["a"], "editor", "eda")
    links = Links(engine)
    links.want(["https://town.de/q"])
    links.record("https://town.de/q", Outcome(State.GONE, 404))
    found = gathered(catalogue, town(), TODAY, ["hallo"])
    assert [(r.entry, r.text("de").answer) for r in found.revisions] == [
        ("a", "Nur noch online."),
        ("c", "Das geht im Bürgeramt."),
    ]
    assert found.stale == {"a": ("en",)}
    assert [(trial.question, trial.entries) for trial in found.trials] == [("Wo gibt es Angelscheine?", ("a",))]
    assert set(found.looks) == {"https://town.de/q"}
    assert beside(catalogue, draft, town(), TODAY).stale == {"a": ("en",)}
    assert state_of(catalogue) != before

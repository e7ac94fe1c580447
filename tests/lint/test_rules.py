"""Each rule finds what it is for, names the entries, and is silent about what only looks like it."""

import time
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.composition import SAMPLE_TOWN
from bot.console.lint_view import sentence
from bot.console.words import Words, texts
from faq.entry import MAX_ANSWER, Draft, Link, revision_of
from faq.links.kept import Look
from faq.links.look import State
from faq.lint.corpus import Corpus, Trial
from faq.lint.finding import (
    DropWording,
    Finding,
    Level,
    MergeWordings,
    OpenEntry,
    ReplaceLink,
    Reviewed,
    SideBySide,
)
from faq.lint.lint import RULES, lint, lint_entry
from faq.lint.told import FIXES, from_json, to_json
from faq.sources.yaml_corpus import read
from tests.lint.entries import NOW, TODAY, corpus, entry, text, town

EN = {"question": "How do I get a fishing licence?", "language": "en"}


def found(what: Corpus, rule: str) -> list[Finding]:
    every = list(lint(what, [rule]))
    assert all(finding.rule == rule and finding.entries for finding in every)
    return every


def keys(what: Corpus, rule: str) -> list[str]:
    return [finding.key for finding in found(what, rule)]


# --- what contradicts ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("german", "english", "wrong"),
    [
        ("46,00 €, unter 24 Jahren 27,60 €", "€46.00, under 24 €27.60", False),
        ("36,30 bis 44,70 €", "€36.30 to €44.70", False),
        ("kostenlos", "free of charge", False),
        ("1.500,00 €", "€1,500.00", False),
        ("nach Aufwand", "€5.00", False),
        ("46,00 €", "€48.00", True),
        ("kostenlos", "€5.00", True),
    ],
)
def test_fees_in_two_languages(german: str, english: str, wrong: bool) -> None:
    what = corpus(entry("a", text(fee=german), text(**EN, fee=english)))
    assert keys(what, "fee") == (["fee.languages"] if wrong else [])


@pytest.mark.parametrize("sign", ["1", "1.", "[hier ", "0 ", "0-", "Mo ", "?"])
def test_a_row_of_signs_keeps_no_process_busy(sign: str) -> None:
    long = sign * (MAX_ANSWER // len(sign))
    began = time.process_time()
    lint_entry(entry("a", text(answer=f"{long} €", fee=f"{long} €")), corpus())
    assert time.process_time() - began < 4


@pytest.mark.parametrize(
    ("answer", "fee", "wrong"),
    [
        ("Der Ausweis kostet 46,00 €.", "46,00 €", False),
        ("Bei einer Kontrolle kann es aber 10,00 € kosten.", "46,00 €", False),
        ("Sie bekommen 259,00 € im Monat.", "kostenlos", False),
        ("Der Ausweis kostet 48 €.", "46,00 €", True),
        ("Die Gebühr beträgt 48,00 Euro.", "46,00 €", True),
    ],
)
def test_a_fee_in_the_text_against_its_own_line(answer: str, fee: str, wrong: bool) -> None:
    assert keys(corpus(entry("a", text(answer=answer, fee=fee))), "fee") == (["fee.text"] if wrong else [])


def test_fees_of_two_entries_on_one_matter() -> None:
    one = entry("a", text("Wie melde ich meinen Hund an?", fee="10,00 €"))
    other = entry("b", text("wie melde ich mein hund an", fee="12,00 €"))
    (finding,) = found(corpus(one, other), "fee")
    assert (finding.level, finding.entries, finding.fixes) == (Level.ERROR, ("a", "b"), (SideBySide("a", "b"),))
    off = entry("b", text("Wie melde ich meinen Hund ab?", fee="12,00 €"))
    assert found(corpus(one, off), "fee") == [], "another matter costs another fee"


@pytest.mark.parametrize(
    ("answer", "wrong"),
    [
        ("Das Bürgeramt ist montags von 8 bis 12 Uhr geöffnet.", False),
        ("Das Bürgeramt ist montags von 9 bis 11 Uhr geöffnet.", False),
        ("Der Markt ist montags von 7 bis 13 Uhr geöffnet.", False),
        ("Am Wertstoffhof hält es samstags von 9–13 Uhr.", False),
        ("Das Bürgeramt Nord ist samstags von 9 bis 12 Uhr geöffnet.", False),
        ("Das Bürgeramt ist montags von 8 bis 13 Uhr geöffnet.", True),
        ("Öffnungszeiten Bürgeramt: Sa. 9–12 Uhr", True),
    ],
)
def test_hours_against_the_offices_own(answer: str, wrong: bool) -> None:
    assert keys(corpus(entry("a", text(answer=answer))), "hours") == (["hours.office"] if wrong else [])


def test_hours_in_two_languages() -> None:
    german = text(answer="Notfallschalter Montag und Dienstag 8–9:30 Uhr.")
    for english, wrong in (("Monday and Tuesday 8–9:30 am", False), ("Monday and Tuesday 8–10:30 am", True)):
        what = corpus(entry("a", german, text(**EN, answer=english)))
        assert keys(what, "hours") == (["hours.languages"] if wrong else []), english


@pytest.mark.parametrize(
    ("answer", "key"),
    [
        ("Rufen Sie das Bürgeramt an: 0221 4710 100.", ""),
        ("Rufen Sie an: 0221 4710 300.", ""),
        ("Wählen Sie 0800 00 22 8 33.", ""),
        ("Rufen Sie das Bürgeramt an: 0221 4710 115.", ""),
        ("Rufen Sie das Bürgeramt an: 0221 4710 300.", "phone.office"),
        ("Rufen Sie uns an: +49 221 4710-109.", "phone.unknown"),
    ],
)
def test_a_telephone_number_leads_to_whom_it_names(answer: str, key: str) -> None:
    assert keys(corpus(entry("a", text(answer=answer))), "phone") == ([key] if key else [])


def test_telephone_numbers_in_two_languages() -> None:
    what = corpus(entry("a", text(answer="Telefon 0228 123456"), text(**EN, answer="Phone 0228 123457")))
    assert keys(what, "phone") == ["phone.languages"]


# --- what is kept twice ----------------------------------------------------------------------------------------------


def test_two_entries_with_one_title() -> None:
    one = entry("a", text("Wie melde ich meinen Hund an?", "Im Steueramt."))
    other = entry("b", text("Wie melde ich meinen Hund an", "Nur online."))
    (finding,) = found(corpus(one, other), "duplicate")
    assert (finding.key, finding.level) == ("duplicate.other", Level.WARNING)
    assert finding.fixes == (SideBySide("a", "b"), MergeWordings("a", "b"))
    same = entry("b", text("Wie melde ich meinen Hund an", "Im Steueramt."))
    assert [(f.key, f.level) for f in found(corpus(one, same), "duplicate")] == [("duplicate.same", Level.HINT)]


def test_two_entries_whose_wordings_ask_the_same() -> None:
    shared = ("hund neu in der stadt", "steuer für den hund zahlen", "wo hundemarke holen")
    turned = ("neu in der stadt, hund", "Für den Hund Steuern zahlen", "wo die hundemarke holen?")
    one = entry("a", text("Wie melde ich meinen Hund an?", "Im Steueramt.", shared))
    other = entry("b", text("Ich habe jetzt einen Hund. Was nun?", "Nur online.", turned))
    assert keys(corpus(one, other), "duplicate") == ["duplicate.other"]
    single = entry("b", text("Ich habe jetzt einen Hund. Was nun?", "Nur online.", turned[:1]))
    assert keys(corpus(one, single), "duplicate") == []


def test_a_wording_of_two_entries_can_be_dropped_from_either() -> None:
    one = entry("a", text("Wie melde ich meinen Hund an?", variants=("hundemarke", "hund neu")))
    other = entry("b", text("Wo gibt es Marken?", variants=("Hundemarke!",)))
    (finding,) = found(corpus(one, other), "shared")
    assert finding.entries == ("a", "b")
    assert finding.fixes[1:] == (DropWording("a", "de", "hundemarke"), DropWording("b", "de", "Hundemarke!"))


def test_an_entry_that_its_own_question_does_not_find() -> None:
    weak = entry(
        "a", text("Wo melde ich Hunde an?", "Lesen Sie die Satzung über Bienen, Katzen, Pferde und Ziegen. " * 9)
    )
    asked = ("wo melde ich hunde an", "hunde anmelden: wo", "wo hunde an")
    strong = entry("b", text("Hunde, wo?", "Hunde melden Sie an.", asked))
    (finding,) = found(corpus(weak, strong, entry("c", text("Wo ist das Museum?"))), "unfound")
    assert finding.entries == ("a", "b")


def test_a_trial_among_the_wordings_or_examples() -> None:
    held = (Trial("Wo bekomme ich eine neue Hundemarke her?", ("a",)), Trial("was kostet der zoo", ("b",)))
    one = entry("a", text(variants=("wo bekomm ich eine neue hundemarke her",)))
    (finding,) = found(corpus(one, entry("b"), trials=held), "leaked")
    assert finding.fixes == (DropWording("a", "de", "wo bekomm ich eine neue hundemarke her"),)
    (finding,) = found(corpus(entry("b"), trials=held[1:], examples=("Was kostet der Zoo?",)), "leaked")
    assert (finding.key, finding.entries) == ("leaked.example", ("b",))
    assert found(corpus(entry("b"), trials=held, examples=("Was kostet das Freibad?",)), "leaked") == []


# --- what is late, lacking, broken, hard -----------------------------------------------------------------------------


def test_what_has_expired_and_what_is_overdue() -> None:
    day = timedelta(days=1)
    over = corpus(
        entry("a", valid_until=TODAY - day),
        entry("b", valid_until=TODAY + day),
        entry("c", valid_until=TODAY + 60 * day),
    )
    assert keys(over, "expired") == ["expired.over", "expired.soon"]
    due = corpus(entry("a", review_by=TODAY - day), entry("b", review_by=TODAY))
    (finding,) = found(due, "review")
    assert finding.entries == ("a",)
    assert Reviewed("a", TODAY, date(2027, 5, 24)) in finding.fixes


def test_a_translation_that_is_stale_or_missing() -> None:
    both = [entry(name, text(), text(**EN)) for name in "abc"]
    assert keys(corpus(*both, entry("d")), "untranslated") == ["untranslated"]
    assert keys(corpus(both[0], *(entry(name) for name in "def")), "untranslated") == [], "nobody meant to"
    (finding,) = found(corpus(*both, stale={"b": ("en",)}), "stale")
    assert (finding.entries, finding.fixes) == (("b",), (OpenEntry("b", "texts.en.answer"),))


def test_links_that_are_broken_or_moved() -> None:
    one = entry("a", text(answer="Siehe [hier](https://town.de/alt) und [da](https://town.de/neu)."))
    looks = {
        "https://town.de/q": Look("https://town.de/q", State.GONE, 404, "", 0, NOW),
        "https://town.de/alt": Look("https://town.de/alt", State.MOVED, 200, "https://town.de/x", 0, NOW),
        "https://town.de/neu": Look("https://town.de/neu", State.UNREACHABLE, 0, "", 1, NOW),
    }
    what = corpus(one, looks=looks)
    assert [(f.key, f.values["field"]) for f in found(what, "broken_link")] == [("broken_link.gone", "source")]
    (finding,) = found(what, "moved_link")
    assert finding.fixes[0] == ReplaceLink("a", "https://town.de/alt", "https://town.de/x")


def test_what_an_entry_lacks() -> None:
    what = corpus(entry("a", office="", topic="nichts", source=Link("", "")))
    assert keys(what, "missing") == ["missing.office", "missing.topic", "missing.source"]


@pytest.mark.parametrize(
    ("answer", "wrong"),
    [
        *(("Kommen Sie vorbei.", False), ("Todos los días.", False), ("Wir helfen [hier](https://a.de).", False)),
        *(("TODO: Gebühr nachtragen", True), ("Telefon 0000 00000", True), ("Es kostet XX,XX €", True)),
        *(("Lorem ipsum dolor", True), ("Rufen Sie [Name] an.", True), ("Platzhalter", True)),
    ],
)
def test_placeholders(answer: str, wrong: bool) -> None:
    assert bool(found(corpus(entry("a", text(answer=answer))), "placeholder")) == wrong


def test_what_is_hard_to_read() -> None:
    hard = (
        "Die Inanspruchnahme der Vergünstigung erfordert unverzügliche Beantragung sämtlicher Nachweisunterlagen. " * 6
    )
    assert keys(corpus(entry("a", text(answer=hard))), "hard") == ["hard.text"]
    assert keys(corpus(entry("a", text(answer=" ".join(["Wort"] * 35) + "."))), "hard") == ["hard.sentence"]


# --- of all ----------------------------------------------------------------------------------------------------------


def test_the_sample_town_has_no_error_and_no_warning() -> None:
    """Every finding of the sample corpus was looked at: what is left are hints that are right."""
    revisions = tuple(
        revision_of(d.entry, 1, d.content, "import", NOW) for d in read(SAMPLE_TOWN) if isinstance(d, Draft)
    )
    quick = [rule for rule in RULES if rule not in ("unfound", "leaked")]  # seconds; tests/faq/test_trials.py looks too
    every = lint(Corpus(revisions, town(), TODAY), quick)
    assert len(revisions) > 300
    assert {(f.rule, f.level) for f in every} == {("hard", Level.HINT)}
    assert len(every) <= 6


def one_of_each() -> list[Finding]:
    def of(rule: str, what: Corpus) -> Finding:
        return found(what, rule)[0]

    twins = entry("a", text("Hund an?", "Eins.")), entry("b", text("Hund an", "Zwei."))
    moved = {"https://town.de/q": Look("https://town.de/q", State.MOVED, 200, "https://town.de/x", 0, NOW)}
    return [
        of("duplicate", corpus(*twins)),
        of("shared", corpus(entry("a", text(variants=("x y",))), entry("b", text("Was?", variants=("x y",))))),
        of("review", corpus(entry("a", review_by=date(2026, 1, 1)))),
        of("moved_link", corpus(entry("a"), looks=moved)),
        of("fee", corpus(entry("a", text(fee="1 €"), text(**EN, fee="€2")))),
    ]


def test_a_finding_survives_json_with_its_name() -> None:
    every = one_of_each()
    assert {type(fix) for finding in every for fix in finding.fixes} == set(FIXES.values())
    for finding in every:
        again = from_json(to_json(finding))
        assert again == finding
        assert again.id == finding.id


def test_other_words_make_another_finding() -> None:
    one, other = entry("a", text("Hund an?", "Eins.")), entry("b", text("Hund an", "Zwei."))
    changed = entry("b", text("Hund an", "Drei."))
    assert found(corpus(one, other), "duplicate")[0].id == found(corpus(one, other), "duplicate")[0].id
    assert found(corpus(one, other), "duplicate")[0].id != found(corpus(one, changed), "duplicate")[0].id


def test_while_an_entry_is_saved_only_what_it_says_itself_is_judged() -> None:
    wrong = entry("a", text(fee="1 €", answer="TODO"), text(**EN, fee="€2"), valid_until=date(2026, 1, 1))
    assert {f.rule for f in lint_entry(wrong, corpus())} == {"fee", "placeholder", "expired"}


def test_every_rule_key_and_fix_has_words() -> None:
    known = texts("de")
    wanted = {f"lint.rule.{rule}.{part}" for rule in RULES for part in ("title", "why")}
    wanted |= {f"lint.fix.{fix}" for fix in FIXES} | {f"lint.level.{level}" for level in Level}
    assert not wanted - set(known)
    t = Words("de", ZoneInfo("Europe/Berlin"), NOW)
    for finding in one_of_each():
        assert "{" not in sentence(finding, t)
        assert sentence(finding, t) != finding.key


def test_each_rule_gives_no_more_than_its_worst_level() -> None:
    order = list(Level)
    for finding in one_of_each():
        assert order.index(finding.level) >= order.index(RULES[finding.rule].worst)

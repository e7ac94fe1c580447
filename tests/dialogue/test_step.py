"""step(): what citizens, clerks and the clock bring about."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.conversation import NotNow, Option, Reason, Status
from bot.dialogue import step
from bot.effects import Erase, OpenHandoff, Say
from bot.events import (
    CitizenWrote,
    ClerkClaimed,
    ClerkHandedBack,
    ClerkReleased,
    ClerkReopened,
    ClerkResolved,
    ClerkSeen,
    ClerkWrote,
    LeaseExpired,
)
from bot.judgement import question_for
from bot.message import Kind
from tests.dialogue.builders import (
    CLOSED,
    FRESH,
    MONDAY,
    OPEN,
    POLICY,
    TWO_TEAMS,
    command,
    keys,
    message,
    play,
    pressed,
    understood,
    wrote,
)

KIM = ClerkClaimed("kim", "Kim B.")


def test_first_contact_is_told_that_a_machine_speaks_and_then_answered() -> None:
    turn = play(wrote("perso", decision="answer", found=("perso",)))
    assert keys(turn) == ["disclosure", "answer"]
    assert turn.conversation.entry == "perso"


def test_a_greeting_alone_is_greeted_once() -> None:
    assert keys(play(wrote("hallo", "greet"))) == ["greeting"]


def test_the_machine_is_named_again_after_a_long_pause() -> None:
    first = play(wrote("hallo", "greet")).conversation
    late = step(first, wrote("danke", "thanks"), POLICY, OPEN, MONDAY + timedelta(hours=25))
    assert keys(late) == ["disclosure", "thanks"]


def test_a_greeting_with_a_question_is_answered() -> None:
    asked = wrote("hallo wo kann ich mein auto abmelden", "greet", "answer", ("abmelden",))
    assert "answer" in keys(play(asked))


def test_two_misses_in_a_row_bring_a_person_with_exactly_one_message() -> None:
    turn = play(wrote("blub"), wrote("blab"))
    assert keys(turn) == ["handoff.open"]
    assert turn.conversation.status is Status.WAITING
    assert turn.conversation.reason is Reason.NOT_UNDERSTOOD
    assert OpenHandoff(Reason.NOT_UNDERSTOOD) in turn.effects


def test_an_answer_in_between_forgives_a_miss() -> None:
    turn = play(wrote("blub"), wrote("perso", decision="answer", found=("perso",)), wrote("blab"))
    assert keys(turn) == ["miss"]


def test_a_yes_to_the_offer_after_a_miss_hands_off_for_that_reason() -> None:
    turn = play(wrote("blub"), wrote("ja", "affirm"))
    assert turn.conversation.reason is Reason.NOT_UNDERSTOOD
    assert play(wrote("blub"), pressed("h:yes")).conversation.reason is Reason.NOT_UNDERSTOOD


@pytest.mark.parametrize(
    ("said", "entry"), [("2", "b"), ("das zweite", "b"), ("Titel c", "c"), ("1", "a"), ("titel A!", "a")]
)
def test_an_offer_is_taken_by_number_by_words_and_by_its_text(said: str, entry: str) -> None:
    offer = play(wrote("ausweis", decision="clarify", found=("a", "b", "c")))
    assert keys(offer)[-1] == "clarify"
    shown = replace(offer.conversation, shown=(("a:a", "Titel a"), ("a:b", "Titel b"), ("a:c", "Titel c")))
    turn = play(wrote(said), conversation=shown)
    assert turn.conversation.entry == entry


@pytest.mark.parametrize("said", ["nichts davon", "4"])
def test_none_of_these_asks_for_other_words_once_and_then_brings_a_person(said: str) -> None:
    first = play(wrote("ausweis", decision="clarify", found=("a", "b", "c")), wrote(said))
    assert (keys(first), first.conversation.status) == (["rejected.rephrase"], Status.BOT)
    more = wrote("der für kinder", decision="clarify", found=("a", "d", "e"))
    assert question_for(first.conversation, more) == "der für kinder ausweis"
    second = play(more, conversation=first.conversation)
    assert [o.entry for o in second.conversation.offered] == ["d", "e"]
    assert play(wrote(said.replace("4", "3")), conversation=second.conversation).conversation.reason is Reason.REJECTED


def test_a_rejected_answer_gets_one_other_try_and_then_the_offer_of_a_person() -> None:
    first = play(wrote("perso", decision="answer", found=("a", "b", "c")), pressed("f:-", "a", "b", "c"))
    assert keys(first) == ["clarify.other"]
    assert [o.entry for o in first.conversation.offered] == ["b", "c"]
    second = play(wrote("das meinte ich nicht", "reject_answer"), conversation=first.conversation)
    assert keys(second) == ["rejected.offer"]
    third = play(wrote("ja", "affirm"), conversation=second.conversation)
    assert third.conversation.reason is Reason.REJECTED


def test_a_rejected_answer_never_comes_again() -> None:
    rejected = play(wrote("perso", decision="answer", found=("a", "b")), pressed("f:-", "a", "b")).conversation
    again = play(wrote("perso!", decision="answer", found=("a", "b")), conversation=rejected)
    assert again.conversation.entry != "a"
    assert all(o.entry != "a" for o in again.conversation.offered)


def test_wish_for_a_person_out_of_hours_says_when_it_is_read() -> None:
    turn = play(wrote("mensch bitte", "ask_human"), townhall=CLOSED)
    assert keys(turn) == ["disclosure", "handoff.closed"]
    assert turn.conversation.due == MONDAY + timedelta(days=1)


def test_while_someone_waits_or_a_clerk_speaks_the_bot_is_silent() -> None:
    waiting = play(wrote("mensch", "ask_human")).conversation
    assert play(wrote("noch was", decision="answer", found=("a",)), conversation=waiting).effects == ()
    assigned = play(KIM, conversation=waiting).conversation
    assert play(wrote("noch was", decision="answer", found=("a",)), conversation=assigned).effects == ()


def test_a_waiting_citizen_may_step_back() -> None:
    waiting = play(wrote("mensch", "ask_human")).conversation
    turn = play(pressed("h:cancel"), conversation=waiting)
    assert turn.conversation.status is Status.BOT
    assert keys(turn) == ["handoff.withdrawn"]


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("kind", ["danger", "police", "medical"])
def test_emergency_numbers_come_first_whoever_is_in_charge(status: Status, kind: str) -> None:
    c = replace(FRESH, status=status, owner="kim" if status is Status.ASSIGNED else "")
    turn = play(replace(wrote("hilfe es brennt", "emergency"), emergency=kind), conversation=c)
    says = [e for e in turn.effects if isinstance(e, Say)]
    assert keys(turn)[0] == f"emergency.{kind}"
    assert says[0].urgent
    assert turn.conversation.status is status


def test_distress_names_help_and_brings_a_person() -> None:
    turn = play(replace(wrote("ich kann nicht mehr", "distress"), emergency="distress"))
    assert keys(turn)[0] == "emergency.distress"
    assert turn.conversation.reason is Reason.DISTRESS
    assert sum(k.startswith("handoff.") for k in keys(turn)) == 1


def test_a_person_asked_for_with_a_matter_is_one_who_does_that() -> None:
    two = replace(TWO_TEAMS, topic_team={"ausweise": "u"})
    asked = wrote("einen menschen bitte, es geht um den ausweis", "ask_human", "clarify", ("a",))
    assert play(asked, townhall=two).conversation.team == "u"
    unknown = wrote("einen menschen bitte", "ask_human", "withhold", ("a",))
    assert play(unknown, townhall=two).conversation.team == "t"


def test_a_clerk_claims_writes_hands_back_and_the_machine_is_named_again() -> None:
    waiting = play(wrote("mensch", "ask_human")).conversation
    claimed = play(KIM, conversation=waiting)
    assert keys(claimed) == ["handoff.joined"]
    written = play(ClerkWrote("kim", "Kim B.", "Guten Tag"), conversation=claimed.conversation)
    assert [(e.by, e.reply.text) for e in written.effects if isinstance(e, Say)] == [("clerk", "Guten Tag")]
    back = play(ClerkHandedBack("kim", "Kim B."), conversation=claimed.conversation)
    assert keys(back) == ["handoff.back"]
    assert back.conversation.status is Status.BOT
    assert "answer" in keys(play(wrote("perso", decision="answer", found=("a",)), conversation=back.conversation))


def test_only_the_clerk_in_charge_may_write_release_and_resolve() -> None:
    assigned = play(wrote("mensch", "ask_human"), KIM).conversation
    for event in (
        ClerkWrote("eve", "Eve", "hallo"),
        ClerkReleased("eve", "Eve"),
        ClerkResolved("eve", "Eve"),
        ClerkHandedBack("eve", "Eve"),
        ClerkClaimed("eve", "Eve"),
        ClerkSeen("eve"),
    ):
        with pytest.raises(NotNow):
            play(event, conversation=assigned)


def test_a_reply_from_an_outdated_page_is_refused() -> None:
    assigned = play(wrote("mensch", "ask_human"), KIM).conversation
    with pytest.raises(NotNow, match=r"stale\.page"):
        play(ClerkWrote("kim", "Kim", "hallo", epoch=assigned.epoch - 1), conversation=assigned)


def test_a_released_conversation_keeps_its_waiting_time() -> None:
    waiting = play(wrote("mensch", "ask_human")).conversation
    released = play(KIM, ClerkReleased("kim", "Kim"), conversation=waiting).conversation
    assert released.status is Status.WAITING
    assert released.waiting_since == waiting.waiting_since


def test_a_lapsed_lease_goes_back_to_the_queue_and_tells_the_citizen_once() -> None:
    assigned = play(wrote("mensch", "ask_human"), KIM).conversation
    with pytest.raises(NotNow):
        step(assigned, LeaseExpired(), POLICY, OPEN, MONDAY)
    lapsed = step(assigned, LeaseExpired(), POLICY, OPEN, MONDAY + timedelta(hours=1))
    assert lapsed.conversation.status is Status.WAITING
    assert keys(lapsed) == ["handoff.requeued"]
    with pytest.raises(NotNow):
        step(lapsed.conversation, LeaseExpired(), POLICY, OPEN, MONDAY + timedelta(hours=2))


def test_after_resolve_the_bot_answers_again_and_a_clerk_may_reopen() -> None:
    resolved = play(wrote("mensch", "ask_human"), KIM, ClerkResolved("kim", "Kim")).conversation
    assert resolved.status is Status.RESOLVED
    assert "answer" in keys(play(wrote("perso", decision="answer", found=("a",)), conversation=resolved))
    assert play(ClerkReopened("kim", "Kim"), conversation=resolved).conversation.owner == "kim"


def test_erasing_leaves_nothing_but_who_and_which_language() -> None:
    spoken = play(wrote("mein geheimes anliegen", decision="answer", found=("a",)), wrote("mensch", "ask_human"))
    turn = play(command("loeschen"), conversation=spoken.conversation)
    assert any(isinstance(e, Erase) for e in turn.effects)
    assert keys(turn) == ["erase.receipt"]
    c = turn.conversation
    assert (c.status, c.question, c.entry, c.number, c.sender) == (Status.BOT, "", "", 0, "")
    assert c.epoch > spoken.conversation.epoch
    assert c.last_citizen == MONDAY  # without it a messenger's window would be closed to the receipt


def test_a_flood_gets_one_notice_and_then_silence_until_it_is_over() -> None:
    c, notices, replies = FRESH, 0, 0
    for n in range(60):
        turn = step(c, wrote("x"), POLICY, OPEN, MONDAY + timedelta(milliseconds=100 * n))
        notices += keys(turn).count("flood")
        replies += len(turn.replies)
        c = turn.conversation
    assert notices == 1
    assert len(c.burst) <= POLICY.flood_count + 2
    calm = step(c, command("hilfe"), POLICY, OPEN, MONDAY + timedelta(minutes=5))
    assert keys(calm) == ["help"]


def test_an_unknown_button_and_unsupported_input_always_get_a_reply() -> None:
    assert keys(play(pressed("zzz")))[-1] == "button.gone"
    for what in ("voice", "sticker", "photo", "contact", "location", "reaction", "other"):
        event = CitizenWrote(message("", Kind.UNSUPPORTED, what=what))
        assert keys(play(event))[-1] == f"unsupported.{what}"


def test_complaints_and_insults_are_told_apart() -> None:
    assert play(wrote("ich warte seit monaten", "complain")).conversation.reason is Reason.COMPLAINT
    insulted = play(wrote("du blöde maschine", "insult"))
    assert keys(insulted)[-1] == "insult"
    assert insulted.conversation.status is Status.BOT


def test_language_is_chosen_by_command_and_stays() -> None:
    chosen = play(command("sprache", "en")).conversation
    assert (chosen.language, chosen.language_fixed) == ("en", True)
    assert play(wrote("auf deutsch geschrieben"), conversation=chosen).conversation.language == "en"
    assert keys(play(command("sprache", "xx")))[-1] == "language.ask"


ENTRY = wrote("perso", decision="answer", found=("perso", "pass"))


def test_a_follow_up_is_about_the_entry_at_hand() -> None:
    turn = play(ENTRY, wrote("und was kostet das?", decision="answer", found=("muell",)))
    (reply,) = turn.replies
    assert (reply.key, reply.entry, reply.aspects) == ("follow_up", "perso", ("fee",))


def test_a_follow_up_that_names_another_matter_is_about_that_one() -> None:
    (reply,) = play(ENTRY, wrote("und was kostet ein reisepass?", decision="answer", found=("pass",))).replies
    assert (reply.key, reply.entry, reply.aspects, reply.whole) == ("follow_up", "pass", ("fee",), True)
    unknown = play(ENTRY, wrote("und was kostet ein elefant?", "follow_up_cost"))
    assert keys(unknown) == ["miss"], "the fee of the old matter would be a wrong answer"


def test_a_message_that_brings_its_own_matter_is_not_about_the_last_one() -> None:
    asked = wrote(
        "wie melde ich ein auto um und was kostet das", "follow_up_cost", decision="clarify", found=("auto", "perso")
    )
    (reply,) = play(ENTRY, asked).replies
    assert reply.key == "clarify"
    leaning = wrote("und was kostet das dann", "follow_up_cost", decision="clarify", found=("auto", "perso"))
    (reply,) = play(ENTRY, leaning).replies
    assert (reply.key, reply.entry) == ("follow_up", "perso")


def test_a_follow_up_without_a_matter_asks_what_it_is_about_and_the_next_word_is_searched_with_it() -> None:
    asked = play(wrote("was kostet das?"))
    assert keys(asked) == ["disclosure", "follow_up.about"]
    assert question_for(asked.conversation, wrote("perso")) == "perso was kostet das?"


def test_one_option_alone_is_meant_by_whoever_asks_on() -> None:
    turn = play(wrote("perso", decision="clarify", found=("perso",)), wrote("und was kostet das?"))
    assert [(r.key, r.entry, r.aspects) for r in turn.replies] == [("follow_up", "perso", ("fee",))]


def test_a_miss_does_not_lose_the_matter_at_hand() -> None:
    turn = play(ENTRY, wrote("der blubb knarzt"), wrote("und was kostet das?"))
    assert [(r.key, r.entry) for r in turn.replies] == [("follow_up", "perso")]


def test_a_no_after_a_rejection_is_another_one() -> None:
    other = play(ENTRY, pressed("f:-", "perso", "pass"), wrote("1"))
    assert other.conversation.entry == "pass"
    assert keys(play(wrote("nein auch nicht", "deny"), conversation=other.conversation)) == ["rejected.offer"]


def test_for_somebody_else_the_search_goes_on_from_the_entrys_question() -> None:
    at_hand = play(ENTRY).conversation
    son = wrote("und für meinen sohn (3)?", decision="answer", found=("kinderpass",))
    assert question_for(at_hand, son) == "Titel perso für mein Kind"
    assert play(son, conversation=at_hand).conversation.entry == "kinderpass"
    own = play(wrote("und für meinen sohn (3)?"), conversation=at_hand)
    assert [(r.entry, r.aspects) for r in own.replies] == [("perso", ("persons",))]


def test_another_wording_that_leads_to_the_rejected_answer_brings_the_others_then_a_person() -> None:
    rejected = play(ENTRY, pressed("f:-")).conversation
    again = play(wrote("ausweis!", decision="answer", found=("perso", "pass")), conversation=rejected)
    assert keys(again) == ["clarify.other_one"]
    assert [o.entry for o in again.conversation.offered] == ["pass"]
    third = play(wrote("der ausweis!!", decision="answer", found=("perso", "pass")), conversation=again.conversation)
    assert keys(third) == ["rejected.again"]
    assert play(wrote("ja", "affirm"), conversation=third.conversation).conversation.reason is Reason.REJECTED


def test_whoever_rejects_and_says_what_is_meant_gets_that() -> None:
    turn = play(ENTRY, wrote("nein, den reisepass meinte ich", "reject_answer", "answer", ("pass",)))
    assert keys(turn) == ["answer"]
    assert turn.conversation.entry == "pass"


@pytest.mark.parametrize(
    ("said", "chosen"),
    [
        ("1", "a"), ("2.", "b"), ("3)", "c"), ("nr 2", "b"), ("Nummer zwei bitte", "b"), ("das zweite", "b"),
        ("ich nehme das letzte", "c"), ("erste", "a"), ("the second one", "b"), ("Titel vom Auto", "c"),
        ("Titl vom Rad", "b"), ("nichts davon", None), ("keins", None), ("4", None),
    ],
)  # fmt: skip
def test_a_choice_may_be_typed_in_many_ways(said: str, chosen: str | None) -> None:
    offered = (Option("a", "Titel vom Haus"), Option("b", "Titel vom Rad"), Option("c", "Titel vom Auto"))
    turn = play(wrote(said), conversation=replace(FRESH, offered=offered, disclosed=MONDAY))
    if chosen:
        assert turn.conversation.entry == chosen
    else:
        assert keys(turn) == ["rejected.rephrase"]


def test_a_choice_that_is_not_there_is_asked_again() -> None:
    offered = (Option("a", "Titel vom Haus"), Option("b", "Titel vom Rad"))
    c = replace(FRESH, offered=offered, disclosed=MONDAY)
    assert keys(play(wrote("7"), conversation=c)) == ["clarify.which"]
    assert keys(play(wrote("ja", "affirm"), conversation=c)) == ["clarify.which"]
    assert keys(play(wrote("ja", "affirm"), conversation=replace(c, offered=offered[:1]))) == ["answer"]


def test_ones_own_file_is_for_people_but_what_editors_foresaw_is_not() -> None:
    turn = play(wrote("wie ist der stand meines wohngeldantrags", decision="answer", found=("wohngeld",)))
    assert turn.conversation.reason is Reason.PERSONAL
    assert turn.replies[-1].before == "handoff.why.personal"
    foreseen = wrote("wie ist der stand meines antrags", decision="answer", found=("stand",))
    assert foreseen.findings is not None
    sure = replace(foreseen.findings.matches[0], score=0.99)
    known = replace(foreseen, findings=replace(foreseen.findings, matches=(sure,)))
    assert play(known).conversation.entry == "stand"


def test_a_topic_for_people_goes_to_them_found_or_chosen() -> None:
    people = replace(OPEN, people_topics=frozenset({"ausweise"}))
    assert play(ENTRY, townhall=people).conversation.reason is Reason.TOPIC
    offer = wrote("ausweis", decision="clarify", found=("a", "b"))
    assert play(offer, wrote("1"), townhall=people).conversation.reason is Reason.TOPIC


def test_leichte_sprache_is_kept_and_the_last_answer_comes_again_in_it() -> None:
    turn = play(ENTRY, wrote("bitte in leichter sprache", "change_language"))
    assert keys(turn) == ["language.easy", "answer"]
    assert turn.replies[-1].easy
    later = play(wrote("pass", decision="answer", found=("pass",)), conversation=turn.conversation)
    assert later.replies[-1].easy
    back = play(command("sprache", "de"), conversation=later.conversation)
    assert (keys(back), back.conversation.easy) == (["language.set", "answer"], False)
    waiting = replace(turn.conversation, status=Status.WAITING)
    assert keys(play(command("sprache", "de"), conversation=waiting)) == ["language.set"]


def parts(*asked: CitizenWrote, decision: str = "withhold", found: tuple[str, ...] = ()) -> CitizenWrote:
    whole = wrote(" ".join(part.masked for part in asked), decision=decision, found=found)
    return replace(whole, parts=asked)


def test_two_questions_are_answered_one_after_the_other_with_one_row_of_buttons() -> None:
    turn = play(
        parts(wrote("perso?", decision="answer", found=("a",)), wrote("müll?", decision="answer", found=("b",)))
    )
    assert [(r.key, r.entry) for r in turn.replies] == [("disclosure", ""), ("answer", "a"), ("answer", "b")]
    assert [bool(r.choices) for r in turn.replies] == [False, False, True]
    assert turn.conversation.entry == "b"


def test_what_must_be_asked_back_comes_last() -> None:
    unclear, clear = (
        wrote("ausweis?", decision="clarify", found=("a", "b")),
        wrote("müll?", decision="answer", found=("c",)),
    )
    turn = play(parts(unclear, clear))
    assert keys(turn)[1:] == ["answer", "clarify"]
    assert not turn.replies[1].choices
    missed = play(parts(wrote("elefant?"), clear))
    assert keys(missed)[1:] == ["answer", "questions.miss"]
    assert missed.replies[-1].params == {"question": "elefant?"}
    assert missed.conversation.misses == 0
    both = play(parts(unclear, replace(unclear, masked="pass?"), clear))
    assert keys(both)[1:] == ["answer", "questions.open", "clarify"]


def test_a_message_of_several_questions_is_read_as_one_where_none_is_clear() -> None:
    asked = parts(wrote("ausweis?"), wrote("und das?"), decision="answer", found=("a",))
    assert keys(play(asked))[1:] == ["answer"]


def test_the_same_answer_is_not_given_twice_in_one_turn() -> None:
    one = wrote("perso?", decision="answer", found=("a",))
    assert keys(play(parts(one, replace(one, masked="ausweis?"))))[1:] == ["answer"]


def test_a_wish_for_a_person_among_questions_is_heard() -> None:
    turn = play(parts(wrote("müll?", decision="answer", found=("c",)), wrote("und ein mensch?", "ask_human")))
    assert keys(turn)[1:] == ["answer", "handoff.open"]
    assert turn.conversation.reason is Reason.ASKED


def shared(*matters: CitizenWrote, decision: str = "withhold", found: tuple[str, ...] = ()) -> CitizenWrote:
    """One question about these matters: "was kostet der perso und der pass"."""
    asked = tuple(replace(matter, masked=f"was kostet der {matter.masked}") for matter in matters)
    text = "was kostet der " + " und der ".join(matter.masked for matter in matters)
    return replace(wrote(text, decision=decision, found=found), parts=asked)


PERSO = wrote("perso", decision="answer", found=("perso", "abholen"))
PASS = wrote("pass", decision="answer", found=("pass",))
UNSURE = wrote("pass", decision="clarify", found=("pass", "abholen"))


def test_one_question_about_two_matters_has_two_answers_or_one_and_a_question_back_or_one_choice_of_both() -> None:
    assert [r.entry for r in play(shared(PERSO, PASS)).replies] == ["", "perso", "pass"]
    half = play(shared(PERSO, UNSURE))
    assert [(r.key, r.entry) for r in half.replies][1:] == [("answer", "perso"), ("clarify", "")]
    both = play(shared(wrote("perso", decision="clarify", found=("perso", "pass")), UNSURE))
    assert keys(both)[1:] == ["clarify"]
    assert [o.entry for o in both.conversation.offered] == ["perso", "pass", "abholen"]


def test_one_question_is_read_as_one_where_a_part_of_it_is_no_matter_or_the_same() -> None:
    nothing = shared(PERSO, wrote("bunt"), decision="answer", found=("whole",))
    assert [r.entry for r in play(nothing).replies] == ["", "whole"]
    same = shared(PERSO, replace(PERSO, masked="ausweis"), decision="answer", found=("whole",))
    assert [r.entry for r in play(same).replies] == ["", "whole"]


def test_what_was_answered_is_not_offered_beside_it() -> None:
    turn = play(shared(PERSO, wrote("pass", decision="clarify", found=("pass", "perso", "abholen"))))
    assert [o.entry for o in turn.conversation.offered] == ["pass", "abholen"]


def outside(confidence: float, **values: Any) -> CitizenWrote:
    return replace(wrote("wie wird das wetter", **values), understanding=understood("out_of_scope", confidence))


def test_how_sure_it_is_no_matter_of_the_town_weighs_against_how_sure_the_search_is() -> None:
    """A doubt does not overrule a sure match; plainly outside is not asked back; what an editor foresaw is answered."""
    assert keys(play(outside(0.55, decision="answer", found=("a",))))[-1] == "answer"
    assert keys(play(outside(0.7, decision="answer", found=("a", "b"))))[-1] == "clarify"
    assert keys(play(outside(0.7, decision="clarify", found=("a", "b"))))[-1] == "clarify"
    assert keys(play(outside(0.85, decision="clarify", found=("a", "b"))))[-1] == "out_of_scope"
    foreseen = outside(0.95, decision="answer", found=("a",))
    assert foreseen.findings is not None
    for better in ({"score": 0.99}, {"elsewhere": True}):
        first = replace(foreseen.findings.matches[0], **better)
        assert keys(play(replace(foreseen, findings=replace(foreseen.findings, matches=(first,)))))[-1] == "answer"


def test_what_is_no_matter_of_the_town_is_no_miss() -> None:
    turn = play(outside(0.9), outside(0.9), outside(0.9))
    assert (keys(turn), turn.conversation.misses) == (["out_of_scope"], 0)
    assert keys(play(wrote("blub"), outside(0.9), wrote("blab"))) == ["miss"]
    assert keys(play(wrote("blub"), wrote("x", decision="clarify", found=("a", "b")), wrote("blab"))) == ["miss"]


def test_a_doubtful_complaint_is_asked_about() -> None:
    doubt = replace(wrote("so ein gnuffel"), understanding=understood("complain", 0.7))
    asked = play(doubt)
    assert (keys(asked)[-1], asked.conversation.status) == ("sorry", Status.BOT)
    assert play(wrote("ja", "affirm"), conversation=asked.conversation).conversation.reason is Reason.COMPLAINT


def test_a_no_to_the_one_that_was_offered_asks_for_other_words_before_a_person() -> None:
    one = play(wrote("perso", decision="clarify", found=("a",)))
    assert keys(one)[-1] == "clarify.one"
    no = play(pressed("n"), conversation=one.conversation)
    assert (keys(no), no.conversation.status) == (["rejected.rephrase"], Status.BOT)
    again = play(wrote("perso!", decision="answer", found=("a",)), conversation=no.conversation)
    assert keys(again) == ["rejected.again"]


def test_what_means_the_answer_and_is_not_in_it_is_said_to_be_missing() -> None:
    turn = play(ENTRY, wrote("geht das"))
    assert [(r.key, r.entry, r.aspects) for r in turn.replies] == [("follow_up", "perso", ())]
    assert keys(play(wrote("geht das"), conversation=turn.conversation)) == ["handoff.open"]


def test_a_no_that_names_another_matter_brings_that() -> None:
    turn = play(ENTRY, wrote("nein gebrauchtes auto", "deny", "answer", ("auto",)))
    assert (keys(turn), turn.conversation.entry) == (["answer"], "auto")
    assert keys(play(ENTRY, wrote("nein danke", "deny", "answer", ("auto",)))) == ["ask.again"]


@pytest.mark.parametrize("said", ["nein", "nein das mein ich nicht", "falsch", "nee auch nich"])
def test_a_no_after_an_answer_brings_the_others_and_then_a_person(said: str) -> None:
    answered = play(wrote("auto weg", decision="answer", found=("a", "b")))
    no = wrote(said, "deny", "answer", ("a", "b"))
    assert question_for(answered.conversation, no) == "auto weg"
    first = play(no, conversation=answered.conversation)
    assert keys(first) == ["clarify.other_one"]
    again = wrote("nee auch nich", "deny", "answer", ("a", "b"))
    assert keys(play(again, conversation=first.conversation)) == ["rejected.offer"]
    second = play(wrote("passt alles net", "reject_answer"), conversation=first.conversation)
    assert keys(second) == ["rejected.offer"]
    assert keys(play(wrote("nein", "deny"), conversation=second.conversation)) == ["ask.again"]  # no person, then


def test_a_no_to_all_that_was_offered_asks_for_other_words() -> None:
    assert keys(play(wrote("ausweis", decision="clarify", found=("a", "b")), wrote("nee", "deny"))) == [
        "rejected.rephrase"
    ]


def test_a_doubtful_greeting_with_a_matter_is_about_the_matter() -> None:
    asked = wrote("Guten Tag, wo melde ich mich an", "greet", "clarify", ("anmelden", "ummelden"))
    doubted = replace(asked, understanding=understood("greet", 0.55))
    assert keys(play(doubted)) == ["disclosure", "clarify"]
    assert keys(play(asked))[-1] == "greeting"
    unknown = wrote("Guten Tag, wo melde ich mich an", "greet")
    assert keys(play(replace(unknown, understanding=understood("greet", 0.4))))[-1] == "miss"
    lost = replace(wrote("perso weg", "goodbye", "answer", ("weg",)), understanding=understood("goodbye", 0.5))
    assert keys(play(lost)) == ["disclosure", "answer"]


def test_a_greeting_that_asks_after_a_fact_alone_is_asked_of_what() -> None:
    asked = wrote("hallo, was kostet das", "greet", "clarify", ("a", "b"))
    assert keys(play(asked))[-1] == "follow_up.about"
    assert keys(play(wrote("was kostet der neue", "follow_up_cost", "clarify", ("a", "b"))))[-1] == "follow_up.about"


def test_who_waits_and_asks_is_told_so_at_most_once_in_five_minutes() -> None:
    waiting = play(wrote("mensch", "ask_human")).conversation
    first = play(wrote("hallo? noch jemand da", "greet"), conversation=waiting)
    assert keys(first) == ["handoff.still"]
    assert play(wrote("???"), conversation=first.conversation).effects == ()
    assert keys(play(wrote("hallo?", "greet"), conversation=waiting)) == ["handoff.still"]
    assert play(wrote("hallo", "greet"), conversation=waiting).effects == ()
    later = step(first.conversation, wrote("???"), POLICY, CLOSED, MONDAY + timedelta(minutes=6))
    assert keys(later) == ["handoff.still_closed"]
    assigned = play(KIM, conversation=waiting).conversation
    assert play(wrote("noch jemand da", "greet"), conversation=assigned).effects == ()


@pytest.mark.parametrize(("said", "key"), [("egal hat sich erledigt", "handoff.withdrawn"), ("stop", "stopped")])
def test_who_waits_may_step_back_in_words(said: str, key: str) -> None:
    waiting = play(wrote("mensch", "ask_human")).conversation
    turn = play(wrote(said, "deny"), conversation=waiting)
    assert (keys(turn), turn.conversation.status) == ([key], Status.BOT)
    assigned = play(KIM, conversation=waiting).conversation
    assert play(wrote(said, "deny"), conversation=assigned).effects == ()


def test_nobody_is_queued_for_a_question_mark() -> None:
    assert keys(play(wrote("?"), wrote("öhm"), wrote("?"))) == ["miss"]
    assert keys(play(wrote("?"), wrote("öhm"), wrote("blub"))) == ["handoff.open"]


def test_a_languages_name_beside_a_matter_is_no_wish_for_it() -> None:
    asked = wrote("échanger mon permis de conduire français", "change_language", "clarify", ("a", "b"))
    assert keys(play(asked))[-1] == "clarify"
    assert keys(play(wrote("und jetzt wieder deutsch bitte", "change_language")))[-1] == "language.set"
    assert keys(play(wrote("je ne parle pas allemand", "change_language")))[-1] == "language.ask"


def test_a_complaint_goes_to_the_team_of_its_matter() -> None:
    townhall = replace(
        OPEN, desks={**OPEN.desks, "w": replace(OPEN.desks["t"], team="w")}, topic_team={"ausweise": "w"}
    )
    angry = wrote("scheiß tonne schon wieder nicht geleert", "complain", "withhold", ("tonne",))
    assert play(angry, townhall=townhall).conversation.team == "w"
    assert play(wrote("so eine frechheit", "complain"), townhall=townhall).conversation.team == "t"


def test_no_advice_on_whom_to_vote_for() -> None:
    asked = wrote("welche partei soll ich wählen", "out_of_scope", "clarify", ("a", "b"))
    assert keys(play(asked))[-1] == "neutral"


def test_a_thumb_may_be_typed_while_an_answer_is_at_hand() -> None:
    later = play(ENTRY, wrote("danke", "thanks"))
    assert keys(play(wrote("👎", "deny", found=("perso", "pass")), conversation=later.conversation)) == [
        "clarify.other_one"
    ]
    assert keys(play(wrote("👍🏽", "affirm"), conversation=later.conversation)) == ["feedback.thanks"]


def test_a_doubtful_yes_that_points_back_is_a_question() -> None:
    doubt = replace(wrote("geht das"), understanding=understood("affirm", 0.45))
    assert keys(play(ENTRY, doubt)) == ["follow_up"]


def test_a_bare_word_while_there_is_a_choice_asks_which_once() -> None:
    offer = play(wrote("kita", decision="clarify", found=("a", "b"))).conversation
    first = play(wrote("wann"), conversation=offer)
    assert keys(first) == ["clarify.which"]
    assert keys(play(wrote("wann"), conversation=first.conversation)) == ["handoff.open"]


def test_a_follow_up_for_which_the_search_finds_the_entry_at_hand_is_about_it() -> None:
    asked = wrote("brauch ich vollmacht", "follow_up_documents", found=("perso", "vollmacht"))
    assert [(r.key, r.entry, r.aspects) for r in play(ENTRY, asked).replies] == [("follow_up", "perso", ("documents",))]

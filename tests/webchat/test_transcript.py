"""What of a conversation its visitor sees, and that pages which follow it miss and double nothing."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.conversation import Line
from bot.message import DeliveryState
from bot.webchat.transcript import View, since, up_to, view

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
S = DeliveryState


def line(ident: str, by: str, **more: object) -> Line:
    parts = (f"{ident}.0",) if by in ("bot", "clerk") else ()
    return Line(ident, by, AT, f"words of {ident}", parts=parts, **more)  # type: ignore[arg-type]


def ids(seen: View) -> list[str]:
    return [one.line.id for one in seen.lines]


def test_notes_and_events_are_never_seen() -> None:
    lines = [line("a", "citizen"), line("b", "note"), line("c", "event"), line("d", "bot")]
    assert ids(view(None, 1, lines, {"d.0": S.SENT})) == ["a", "d"]


def test_a_reply_is_seen_once_the_outbox_let_it_go_and_never_when_it_was_dropped() -> None:
    lines = [line("a", "citizen"), line("b", "bot"), line("c", "clerk")]
    before = view(None, 1, lines, {"b.0": S.QUEUED, "c.0": S.SENT})
    assert ids(before) == ["a", "c"]
    assert not before.settled
    assert before.cursor == "a", "whoever comes back from here still gets b"
    dropped = view(None, 1, lines, {"b.0": S.DROPPED, "c.0": S.SENT})
    assert ids(dropped) == ["a", "c"]
    assert (dropped.settled, dropped.cursor) == (True, "c")
    assert ids(view(None, 1, lines, {"b.0": S.UNKNOWN, "c.0": S.SENT})) == ["a", "b", "c"]


def test_only_the_last_replys_buttons_count_and_only_until_one_is_pressed() -> None:
    buttons = (("h:yes", "Mit Mensch schreiben"), ("h:no", "Nein, danke"))
    lines = [line("a", "bot", buttons=buttons), line("b", "citizen"), line("c", "bot", buttons=buttons)]
    sent = {"a.0": S.SENT, "c.0": S.SENT}
    assert [one.live for one in view(None, 1, lines, sent).lines] == [False, False, True]
    waiting = [*lines, line("d", "citizen")]
    assert view(None, 1, waiting, sent).lines[2].live, "words alone do not use a button up"
    pressed = Line("d", "citizen", AT, "h:no", what="choice")
    after = view(None, 1, [*lines, pressed], sent)
    assert not after.lines[2].live
    assert after.lines[3].label == "Nein, danke"


def test_an_erased_conversation_begins_anew() -> None:
    old = view(None, 1, [line("a", "citizen"), line("b", "bot")], {"b.0": S.SENT})
    new = view(None, 2, [line("r", "bot")], {"r.0": S.SENT})
    news = since(new, up_to(new, old.cursor))
    assert news.reset
    assert [seen.line.id for seen in news.lines] == ["r"]
    assert since(view(None, 0, [], {}), frozenset({"a"})).reset


kinds = st.sampled_from(["citizen", "bot", "clerk", "note", "event"])
fates = st.sampled_from([S.SENT, S.DROPPED, S.UNKNOWN, S.READ, S.FAILED])


@given(
    st.lists(st.tuples(kinds, fates), min_size=1, max_size=12),
    st.lists(st.integers(0, 30), max_size=20),
    st.lists(st.booleans(), min_size=40, max_size=40),
)
@settings(max_examples=200)
def test_a_page_that_sleeps_and_wakes_ends_with_just_what_a_reload_shows(
    story: list[tuple[str, DeliveryState]], order: list[int], sleeps: list[bool]
) -> None:
    """Lines come, replies are let go or dropped in any order; the page goes away and comes back by its cursor."""
    lines: list[Line] = []
    states: dict[str, DeliveryState] = {}
    page: list[str] = []  # as the script keeps it: no line twice
    has: frozenset[str] | None = None
    cursor = ""

    def visit(asleep: bool) -> None:
        nonlocal has, cursor
        seen = view(None, len(lines), lines, states)
        if asleep:
            has = None
            return
        news = since(seen, up_to(seen, cursor) if has is None else has)
        assert not news.reset
        page.extend(one.line.id for one in news.lines if one.line.id not in page)
        has, cursor = frozenset(ids(seen)), seen.cursor

    moves = list(sleeps)
    for number, (by, _) in enumerate(story):
        lines.append(line(str(number), by))
        states.update(dict.fromkeys(lines[-1].parts, S.QUEUED))
        visit(moves.pop())
    undecided = [n for n, (by, _) in enumerate(story) if by in ("bot", "clerk")]
    for pick in [*order, *[0] * len(undecided)]:
        if undecided:
            number = undecided.pop(pick % len(undecided))
            states[f"{number}.0"] = story[number][1]
            visit(moves.pop() if moves else False)
    visit(False)
    assert sorted(page) == sorted(ids(view(None, 99, lines, states)))

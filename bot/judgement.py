"""What a citizen wrote, judged: emergencies, commands, buttons, chit-chat, answers, and when a person is needed.

This is the order in which a message is looked at; what each look finds is decided in the rooms of bot.judging.
"""

from dataclasses import replace
from datetime import datetime

from bot.conversation import Conversation, Reason, Status
from bot.effects import Bring, Effect, Record, Reply, Say, Turn
from bot.events import CitizenWrote
from bot.judging.arriving import arrived, introduces, is_flood, must_disclose
from bot.judging.asking import asked
from bot.judging.choices import CANCEL, choice_of
from bot.judging.commands import commanded
from bot.judging.filling import filled, open_form
from bot.judging.handing import back, handoff
from bot.judging.looking import question_for
from bot.judging.noticing import noticed
from bot.judging.pressed import pressed
from bot.judging.rating import RATE, explained, explains, rated
from bot.judging.several import apart
from bot.judging.spoken import spoken
from bot.judging.waiting import waited
from bot.message import Kind
from bot.policy import Policy, Townhall

__all__ = ["is_flood", "judge", "question_for"]

CARED_FOR = frozenset({"distress", "violence"})  # who writes of these gets a number, and a person to talk to


def judge(c: Conversation, e: CitizenWrote, policy: Policy, townhall: Townhall, now: datetime) -> Turn:
    """The turn for a citizen's message; see bot.dialogue.step."""
    turn = noticed(_judged(c, e, policy, townhall, now), townhall)
    waits_for_people = c.asks or turn.conversation.status in (Status.WAITING, Status.ASSIGNED)
    if not e.message.attachments or not waits_for_people or is_flood(c, policy, now):
        return turn  # files are fetched for people; a clerk may still ask for those of a flood
    return replace(turn, effects=(*turn.effects, Bring(e.message.attachments)))


def _judged(c: Conversation, e: CitizenWrote, policy: Policy, townhall: Townhall, now: datetime) -> Turn:
    c, flooding = arrived(c, e, policy, now)
    effects: list[Effect] = []
    if e.emergency and e.emergency not in CARED_FOR:
        # Before anything else, also while a clerk is in charge: seconds count, and clerks look away.
        said = Say(Reply(f"emergency.{e.emergency}"), urgent=True)
        return Turn(replace(c, disclosed=c.disclosed or now), (said, Record("emergency")))
    if flooding:
        notice: tuple[Effect, ...] = (Say(Reply("flood")),) if len(c.burst) == policy.flood_count + 1 else ()
        return Turn(c, notice)
    if c.status in (Status.BOT, Status.RESOLVED) and must_disclose(c, policy, now):
        c = replace(c, disclosed=now)
        if not introduces(e, policy):
            effects.append(Say(Reply("disclosure")))
    if e.message.kind is Kind.COMMAND:
        turn = commanded(c, e, policy, townhall, now)
        if form := open_form(turn.conversation, townhall):
            turn = replace(turn, effects=(*turn.effects, asked(turn.conversation, form)))
        return replace(turn, effects=(*effects, *turn.effects))
    choice = choice_of(c, e, policy)
    if choice.startswith(RATE):
        turn = rated(c, choice, e, now)
        again = (asked(turn.conversation, form),) if (form := open_form(c, townhall)) else ()
        return replace(turn, effects=(*effects, *turn.effects, *again))
    if c.opinion and not c.is_open and not e.emergency and not choice and explains(c, e):
        turn = explained(c)
        return replace(turn, effects=(*effects, *turn.effects))
    c = replace(c, opinion=0)
    if c.status in (Status.WAITING, Status.ASSIGNED):
        if choice in {"d:yes", "d:export"} or (choice == CANCEL.data and c.status is Status.WAITING):
            return pressed(c, choice, e, policy, townhall, now)
        if e.emergency:
            return Turn(c, (Say(Reply(f"emergency.{e.emergency}"), urgent=True), Record("emergency")))
        if c.status is Status.WAITING and not choice and e.message.kind in (Kind.TEXT, Kind.EDIT):
            return waited(c, e, policy, townhall, now)
        return Turn(c)  # one voice: the message is in the transcript, the clerk sees it
    c = back(c)
    if e.emergency:
        turn = handoff(c, Reason.DISTRESS, townhall, now)
        first = Say(Reply(f"emergency.{e.emergency}"), urgent=True)
        return replace(turn, effects=(first, *turn.effects))  # nothing stands before the help line
    if c.asks:
        turn = filled(c, e, choice, policy, townhall, now)
    elif choice:
        turn = pressed(c, choice, e, policy, townhall, now)
    else:
        several = apart(c, e, policy, townhall, now) if e.parts else None
        turn = several or spoken(c, e, policy, townhall, now)
    return replace(turn, effects=(*effects, *turn.effects))

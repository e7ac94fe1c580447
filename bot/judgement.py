"""What a citizen wrote, judged: emergencies, commands, buttons, chit-chat, answers, and when a person is needed."""

from dataclasses import replace
from datetime import datetime

from bot.conversation import Candidate, Change, Conversation, Option, Reason, Status
from bot.events import (
    Choice,
    CitizenWrote,
    Effect,
    Erase,
    Findings,
    OpenHandoff,
    Record,
    Reply,
    Say,
    Turn,
)
from bot.message import Kind
from bot.policy import Policy, Townhall
from nlu.text import fold

HUMAN = Choice("h:yes", "button.human")
NONE = Choice("n", "button.none")
FEEDBACK = (Choice("f:+", "button.good"), Choice("f:-", "button.bad"))

ASPECTS = {
    "follow_up_cost": "fee",
    "follow_up_documents": "documents",
    "follow_up_location": "office",
    "follow_up_duration": "duration",
    "follow_up_appointment": "appointment",
    "follow_up_person": "persons",
}
CHIT_CHAT = {"greet", "goodbye", "thanks", "affirm", "deny", "small_talk", "insult"}
PLAIN_COMMANDS = {"hilfe": "help", "datenschutz": "privacy"}


def judge(c: Conversation, e: CitizenWrote, policy: Policy, townhall: Townhall, now: datetime) -> Turn:
    """The turn for a citizen's message; see bot.dialogue.step."""
    c, flooding = _arrived(c, e, policy, now)
    effects: list[Effect] = []
    if e.emergency and e.emergency != "distress":
        # Before anything else, also while a clerk is in charge: seconds count, and clerks look away.
        said = Say(Reply(f"emergency.{e.emergency}"), urgent=True)
        return Turn(replace(c, disclosed=c.disclosed or now), (said, Record("emergency")))
    if flooding:
        notice: tuple[Effect, ...] = (Say(Reply("flood")),) if len(c.burst) == policy.flood_count + 1 else ()
        return Turn(c, notice)
    if c.status in (Status.BOT, Status.RESOLVED) and _must_disclose(c, policy, now):
        c = replace(c, disclosed=now)
        if not _introduces(e, policy):
            effects.append(Say(Reply("disclosure")))
    if e.message.kind is Kind.COMMAND:
        turn = _command(c, e, policy, townhall, now)
        return replace(turn, effects=(*effects, *turn.effects))
    choice = _choice(c, e, policy)
    if c.status in (Status.WAITING, Status.ASSIGNED):
        if choice in {"d:yes", "d:export"} or (choice == "h:cancel" and c.status is Status.WAITING):
            return _pressed(c, choice, e, policy, townhall, now)
        if e.emergency == "distress":
            return Turn(c, (Say(Reply("emergency.distress"), urgent=True), Record("emergency")))
        return Turn(c)  # one voice: the message is in the transcript, the clerk sees it
    if c.status is Status.RESOLVED:
        c = c.moved(Change.CITIZEN_RETURNED)
    if e.emergency == "distress":
        turn = _handoff(c, Reason.DISTRESS, townhall, now)
        first = Say(Reply("emergency.distress"), urgent=True)
        return replace(turn, effects=(first, *turn.effects))  # nothing stands before the help line
    turn = _pressed(c, choice, e, policy, townhall, now) if choice else _spoken(c, e, policy, townhall, now)
    return replace(turn, effects=(*effects, *turn.effects))


def _arrived(c: Conversation, e: CitizenWrote, policy: Policy, now: datetime) -> tuple[Conversation, bool]:
    language = c.language
    if not c.language_fixed:
        hint = e.message.language if e.message.language in policy.languages else ""
        language = e.language or c.language or hint or policy.languages[0]
    burst = _burst(c, policy, now)
    c = replace(
        c,
        started=c.started or now,
        last_citizen=now,
        language=language,
        sender=e.message.sender or c.sender,
        burst=burst,
        stopped=False,
    )
    if c.status is Status.ASSIGNED:
        c = replace(c, clerk_owes=c.clerk_owes or now, citizen_owes=None, reminded=None)
    return c, len(burst) > policy.flood_count


def is_flood(c: Conversation, policy: Policy, now: datetime) -> bool:
    """Would one more message now be one too many? Such a one is not worth a model's time."""
    return len(_burst(c, policy, now)) > policy.flood_count


def _burst(c: Conversation, policy: Policy, now: datetime) -> tuple[float, ...]:
    recent = tuple(t for t in c.burst if now.timestamp() - t <= policy.flood_seconds)
    # One more than the limit is enough to know; the state must not grow with the flood.
    return (*recent, now.timestamp())[-(policy.flood_count + 2) :]


def _must_disclose(c: Conversation, policy: Policy, now: datetime) -> bool:
    return c.disclosed is None or now - c.disclosed > policy.disclose_after


def _introduces(e: CitizenWrote, policy: Policy) -> bool:
    """Will the reply itself say that a machine speaks, or is it a receipt that says nothing else?"""
    if e.message.kind is Kind.COMMAND:
        return e.message.text in ("start", "loeschen", "stop")
    u = e.understanding
    if u is None or u.intent not in ("greet", "ask_bot_identity"):
        return False
    return u.intent == "ask_bot_identity" or len(e.masked.split()) <= policy.chit_chat_words


def _choice(c: Conversation, e: CitizenWrote, policy: Policy) -> str:
    """The data of the button that was pressed or typed: its text, its number, "das zweite", "nichts davon"."""
    if e.message.kind is Kind.CHOICE:
        return e.message.choice
    if e.message.kind not in (Kind.TEXT, Kind.EDIT):
        return ""
    said = fold(e.message.text).strip(" .!)")
    for data, label in c.shown:
        if said and said == fold(label).strip(" .!)"):
            return data
    if c.offered:
        if said in policy.none_words:
            return NONE.data
        place = int(said) if said.isdecimal() and len(said) < 3 else policy.ordinals.get(said, 0)
        if 1 <= place <= len(c.offered):
            return f"a:{c.offered[place - 1].entry}"
        if place == len(c.offered) + 1:
            return NONE.data
    return ""


def _command(c: Conversation, e: CitizenWrote, policy: Policy, townhall: Townhall, now: datetime) -> Turn:
    name = e.message.text
    if name == "start":
        return Turn(replace(c, disclosed=now), (Say(Reply("greeting", choices=(HUMAN,))),))
    if name in PLAIN_COMMANDS:
        return Turn(c, (Say(Reply(PLAIN_COMMANDS[name])),))
    if name == "mensch":
        if c.status in (Status.WAITING, Status.ASSIGNED):
            return Turn(c, (Say(Reply("handoff.already", {"number": str(c.number)})),))
        return _handoff(_back(c), Reason.ASKED, townhall, now)
    if name == "sprache":
        wanted = e.message.argument.strip().casefold()[:2]
        return _language(c, wanted, policy) if wanted else _ask_language(c, policy)
    if name == "meinedaten":
        return Turn(c, (Say(Reply("export", file="export"), urgent=True),))
    if name == "loeschen":
        return _erase(c, now)
    if name == "stop":
        turn = Turn(c)
        if c.status is Status.WAITING:
            turn = Turn(_withdrawn(c), (Record("withdrawn"),))
        stopped = replace(turn.conversation, stopped=True)
        return Turn(stopped, (*turn.effects, Say(Reply("stopped"), urgent=True)))
    return Turn(c, (Say(Reply("help")),))


def _pressed(c: Conversation, choice: str, e: CitizenWrote, policy: Policy, townhall: Townhall, now: datetime) -> Turn:
    kind, _, rest = choice.partition(":")
    if kind == "a":
        option = next((o for o in c.offered if o.entry == rest), None)
        title = option.title if option else ""
        return _answer(c, Candidate(rest, "", title, 1.0))
    if choice == "n":
        return _handoff(c, Reason.NOT_UNDERSTOOD, townhall, now)
    if choice == "f:+":
        return Turn(replace(c, shown=()), (Say(Reply("feedback.thanks")), Record("feedback_good", text=c.entry)))
    if choice == "f:-":
        return _rejected(c, e)
    if choice == "h:yes":
        return _handoff(c, _pending(c), townhall, now)
    if choice == "h:no":
        return Turn(replace(c, misses=0, pending=""), (Say(Reply("ask.again")),))
    if choice == "h:cancel" and c.status is Status.WAITING:
        return Turn(_withdrawn(c), (Record("withdrawn"), Say(Reply("handoff.withdrawn"))))
    if kind == "l":
        return _language(c, rest, policy)
    if choice == "d:yes":
        return _erase(c, now)
    if choice == "d:export":
        return Turn(c, (Say(Reply("export", file="export"), urgent=True),))
    return Turn(c, (Say(Reply("button.gone", choices=(HUMAN,))),))


def _spoken(c: Conversation, e: CitizenWrote, policy: Policy, townhall: Townhall, now: datetime) -> Turn:
    if e.message.kind is Kind.UNSUPPORTED:
        return Turn(c, (Say(Reply(f"unsupported.{e.message.what or 'other'}", choices=(HUMAN,))),))
    if not e.masked.strip():
        return Turn(c, (Say(Reply("empty", choices=(HUMAN,))),))
    intent = e.understanding.intent if e.understanding else "faq_question"
    sure = e.findings is not None and e.findings.decision == "answer"
    if intent == "ask_human":
        return _handoff(c, Reason.ASKED, townhall, now)
    if intent == "complain" and not sure:
        return _handoff(c, Reason.COMPLAINT, townhall, now)
    if intent == "reject_answer" and (c.entry or c.offered):
        return _rejected(c, e)
    if intent == "change_language":
        return _ask_language(c, policy)
    if intent == "data_rights" and not sure:
        buttons = (Choice("d:export", "button.export"), Choice("d:yes", "button.erase"))
        return Turn(c, (Say(Reply("data_rights", choices=buttons)),))
    if intent == "affirm" and c.pending:
        return _handoff(c, _pending(c), townhall, now)
    c = replace(c, pending="")
    if intent == "ask_bot_identity":
        return _chat(c, intent)
    brief = len(e.masked.split()) <= policy.chit_chat_words
    if intent in CHIT_CHAT and (brief or not sure):
        return _chat(c, intent)
    if intent in ASPECTS and c.entry:
        reply = Reply("follow_up", entry=c.entry, revision=c.revision, aspect=ASPECTS[intent])
        return Turn(replace(c, misses=0), (Say(reply),))
    if intent == "ask_opening_hours":
        office = e.office or (townhall.topic_office.get(c.topic, "") if c.entry else "")
        if office:
            return Turn(replace(c, misses=0), (Say(Reply("hours", office=office)),))
    return _found(c, e, townhall, now, policy)


def _chat(c: Conversation, intent: str) -> Turn:
    key = {"greet": "greeting", "affirm": "ask.again", "deny": "ask.again"}.get(intent, intent)
    choices = (HUMAN,) if intent in ("greet", "insult", "ask_bot_identity") else ()
    return Turn(replace(c, misses=0), (Say(Reply(key, choices=choices)),))


def _found(c: Conversation, e: CitizenWrote, townhall: Townhall, now: datetime, policy: Policy) -> Turn:
    c = replace(c, question=e.masked)
    findings = e.findings or Findings("withhold")
    foreign = e.understanding is not None and e.understanding.intent == "out_of_scope"
    first = findings.matches[0] if findings.matches else None
    if first and findings.decision == "answer" and not foreign and first.entry not in c.rejected:
        if first.topic in townhall.people_topics:
            return _handoff(replace(c, topic=first.topic), Reason.TOPIC, townhall, now)
        return _answer(replace(c, rejected=()), first)
    options = tuple(o for o in findings.options if o.entry not in c.rejected)
    if findings.decision != "withhold" and options:
        return _clarify(c, options)
    c = replace(c, misses=c.misses + 1, offered=(), entry="", revision="")
    if c.misses >= policy.misses:
        return _handoff(c, Reason.NOT_UNDERSTOOD, townhall, now)
    return _offer(c, "out_of_scope" if foreign else "miss", Reason.NOT_UNDERSTOOD)


def _pending(c: Conversation) -> Reason:
    return Reason(c.pending) if c.pending else Reason.ASKED


def _answer(c: Conversation, candidate: Candidate) -> Turn:
    topic = candidate.topic or c.topic
    c = replace(c, entry=candidate.entry, revision=candidate.revision, topic=topic, misses=0, offered=(), pending="")
    reply = Reply("answer", entry=candidate.entry, revision=candidate.revision, choices=FEEDBACK)
    return Turn(c, (Say(reply),))


def _clarify(c: Conversation, options: tuple[Candidate, ...], key: str = "clarify") -> Turn:
    offered = tuple(Option(o.entry, o.title) for o in options[:3])
    buttons = tuple(Choice(f"a:{o.entry}", label=o.title) for o in offered)
    c = replace(c, offered=offered, entry="", revision="", pending="")
    return Turn(c, (Say(Reply(key, choices=(*buttons, NONE))),))


def _rejected(c: Conversation, e: CitizenWrote) -> Turn:
    """One other try with what the question also matched, then the offer of a person; never the same twice."""
    record = Record("feedback_bad", text=c.entry)
    first_time = not c.rejected and not c.offered
    turned_down = tuple(dict.fromkeys((*c.rejected, *(o.entry for o in c.offered), *((c.entry,) if c.entry else ()))))
    c = replace(c, rejected=turned_down, offered=(), shown=(), entry="", revision="")
    others = tuple(m for m in (e.findings.matches if e.findings else ()) if m.entry not in turned_down)
    if first_time and others:
        turn = _clarify(c, others, "clarify.other")
        return replace(turn, effects=(record, *turn.effects))
    key = "rejected.rephrase" if first_time else "rejected.offer"
    return _offer(c, key, Reason.REJECTED, record)


def _offer(c: Conversation, key: str, reason: Reason, *before: Effect) -> Turn:
    """Say `key` and offer a person; a yes then hands off for `reason`."""
    choices = (HUMAN, Choice("h:no", "button.no"))
    return Turn(replace(c, pending=reason), (*before, Say(Reply(key, choices=choices))))


def _handoff(c: Conversation, reason: Reason, townhall: Townhall, now: datetime) -> Turn:
    """Into the queue, with exactly one message that says what happens next."""
    team = townhall.team(c.topic)
    desk = townhall.desks[team]
    due = None if desk.open else desk.opens
    c = c.moved(
        Change.HANDOFF_OPENED,
        reason=reason,
        team=team,
        waiting_since=now,
        due=due,
        offered=(),
        misses=0,
        rejected=(),
        pending="",
        disclosed=c.disclosed or now,
    )
    params = {
        "team": desk.name,
        "opens": desk.opens.isoformat() if desk.opens else "",
        "phone": desk.phone,
    }
    key = "handoff.open" if desk.open else ("handoff.closed" if desk.opens else "handoff.unknown")
    said = Say(Reply(key, params, (Choice("h:cancel", "button.cancel"),)))
    return Turn(c, (OpenHandoff(reason), said))


def _withdrawn(c: Conversation) -> Conversation:
    return c.moved(Change.HANDOFF_WITHDRAWN, waiting_since=None, due=None, reason=None)


def _back(c: Conversation) -> Conversation:
    return c.moved(Change.CITIZEN_RETURNED) if c.status is Status.RESOLVED else c


def _ask_language(c: Conversation, policy: Policy) -> Turn:
    buttons = tuple(Choice(f"l:{code}", f"language.{code}") for code in policy.languages)
    return Turn(c, (Say(Reply("language.ask", choices=buttons)),))


def _language(c: Conversation, code: str, policy: Policy) -> Turn:
    if code not in policy.languages:
        return _ask_language(c, policy)
    return Turn(replace(c, language=code, language_fixed=True), (Say(Reply("language.set")),))


def _erase(c: Conversation, now: datetime) -> Turn:
    """Only what is needed to go on talking stays: who it is and in which language."""
    fresh = Conversation(c.id, c.channel, c.chat, language=c.language, language_fixed=c.language_fixed)
    fresh = replace(fresh, epoch=c.epoch + 1, disclosed=now, burst=c.burst)
    receipt = Reply("erase.receipt", {"at": now.isoformat(), "receipt": f"{c.id[:4]}-{int(now.timestamp()):x}".upper()})
    return Turn(fresh, (Erase(), Say(receipt, urgent=True)))


def question_for(c: Conversation, e: CitizenWrote) -> str:
    """What to search for, masked; "" when nothing is to be searched: a rejection looks on from the last question."""
    if c.status in (Status.WAITING, Status.ASSIGNED) and e.message.kind in (Kind.TEXT, Kind.EDIT):
        return e.masked  # the clerk sees the best matches
    if e.message.kind is Kind.CHOICE:
        return c.question if e.message.choice == "f:-" else ""
    if e.understanding and e.understanding.intent == "reject_answer" and c.question:
        return c.question
    return e.masked if e.message.kind in (Kind.TEXT, Kind.EDIT) else ""

"""The language of the replies, Leichte Sprache among them: asked for, chosen, and what was said is said again in it."""

from dataclasses import replace

from bot.conversation import Candidate, Conversation, Status
from bot.effects import Choice, Effect, Reply, Say, Turn
from bot.events import CitizenWrote
from bot.judging.choices import FEEDBACK
from bot.judging.pinning import in_front
from bot.policy import Policy, Townhall
from nlu.manner import EASY

GERMAN = "de"


def wished(e: CitizenWrote) -> str:
    """The language asked for: EASY by its own words alone, others where the message is about nothing else."""
    wanted = e.manner.language
    if wanted == EASY:
        return wanted
    asked = e.understanding is not None and e.understanding.intent == "change_language"
    return wanted if asked and e.manner.bare else ""


def ask_language(c: Conversation, policy: Policy) -> Turn:
    """Which one?"""
    languages = tuple(Choice(f"l:{code}", f"language.{code}") for code in policy.languages)
    return Turn(c, (Say(Reply("language.ask", choices=(*languages, Choice(f"l:{EASY}", "button.easy")))),))


def set_language(c: Conversation, code: str, policy: Policy, townhall: Townhall) -> Turn:
    """From now on in that language; the last answer comes again in it, while the bot is in charge, or what the town has
    pinned in front of it meanwhile."""
    easy = code == EASY
    if not easy and code not in policy.languages:
        return ask_language(c, policy)
    changed = replace(c, language=GERMAN if easy else code, language_fixed=True, easy=easy)
    effects: list[Effect] = [Say(Reply("language.easy" if easy else "language.set"))]
    if c.entry and c.status is Status.BOT and (c.language, c.easy) != (changed.language, changed.easy):
        told = Candidate(c.entry, c.revision, c.title, 1.0, c.topic)
        if turn := in_front(changed, told, townhall):
            return replace(turn, effects=(*effects, *turn.effects))
        again = Reply("answer", entry=c.entry, revision=c.revision, easy=easy, choices=FEEDBACK)
        effects.append(Say(again))
    return Turn(changed, tuple(effects))

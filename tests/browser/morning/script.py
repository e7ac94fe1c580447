"""Forty citizens and what they want, drawn by a seed. Each question for people bears a word of its own, so that its
answer can be told from all others."""

import random
from dataclasses import dataclass

CHANNELS = ("telegram", "whatsapp")
ROUTINE = {
    "hund anmelden": "Melden Sie Ihren Hund",
    "wo bekomme ich gelbe säcke": "Gelbe Säcke bekommen Sie",
    "neuen perso beantragen": "Den Personalausweis beantragen Sie",
    "führungszeugnis beantragen": "Das Führungszeugnis beantragen Sie",
    "wo ist der wertstoffhof": "Wertstoffhof am Hafen",
}
"""What the bot knows: the question, and words that its answer begins with."""
WANTED = (
    ("/mensch",),
    ("ich will mit einem menschen reden",),
    ("can I talk to a real person please",),
    ("أريد التحدث إلى شخص",),
    ("bir insanla konuşmak istiyorum",),
    ("хочу поговорити з людиною",),
    ("хочу поговорить с человеком",),
    ("je veux parler à une personne",),
    ("ich möchte mich beschweren, der Beamte war unverschämt",),
    ("brimsel krumtau quackel", "dromsel vogtau quimsel"),  # not understood, twice
    ("wie ist der stand meines antrags",),
)
"""Ways to a person: asked for in seven languages, a complaint, nothing understood, a personal matter."""
SAYING = "أين يمكنني السؤال عن {word}؟"
ROLES = (
    "draft_one",
    "draft_two",
    "cut",
    "newcomer",
    "lost",
    "unseen",
    "raced",
    "undone",
    "reopened",
    "team",
    "colleague",
)
"""Persons to whom something happens; see the play. The rest are served as they come."""
FIRST, MIDDLE, LAST = ("bra", "dro", "fil", "gru", "kal", "mor", "plu", "sti"), ("ba", "de", "li", "no", "su"), "kmnrt"


@dataclass(frozen=True, slots=True)
class Question:
    """`answer` are words that stand in one message to the citizen and in no other; `by` is who may say them."""

    text: str
    answer: str
    by: str  # bot or clerk
    word: str = ""  # of a question for people: its own


@dataclass(frozen=True, slots=True)
class Script:
    """One citizen. `wanted` leads to a person; `end` is the status in which the morning leaves them."""

    name: str
    channel: str
    kind: str  # routine, person, withdraws, photo, edits, returns, or a role
    questions: tuple[Question, ...]
    wanted: tuple[str, ...] = ()
    end: str = "resolved"


def forty(seed: int) -> list[Script]:
    """The citizens in the order in which they come."""
    rng = random.Random(seed)
    words = [a + b + c for a in FIRST for b in MIDDLE for c in LAST]
    rng.shuffle(words)
    kinds = ["routine"] * 11 + ["withdraws"] * 3 + ["photo"] * 2 + ["edits", "returns", *ROLES]
    kinds += ["person"] * (40 - len(kinds))
    rng.shuffle(kinds)
    channels = [CHANNELS[n % 2] for n in range(40)]
    rng.shuffle(channels)
    return [_one(n, kind, channels[n], words, rng) for n, kind in enumerate(kinds)]


def _one(n: int, kind: str, channel: str, words: list[str], rng: random.Random) -> Script:
    name = f"Bürger {n + 1}"
    bots = [Question(text, answer, "bot") for text, answer in rng.sample(sorted(ROUTINE.items()), 2)]
    if kind == "routine":
        return Script(name, channel, kind, tuple(bots[: rng.choice((1, 2))]), end="bot")
    wanted = WANTED[n % len(WANTED)]
    if kind == "withdraws":
        return Script(name, channel, kind, (bots[0],), ("/mensch",), "bot")
    asked = [_question(words.pop(), wanted) for _ in range(2)]
    if kind == "edits":
        return Script(name, "telegram", kind, tuple(asked[:1]), wanted)
    if kind == "returns":
        return Script(name, channel, kind, (asked[0], bots[0]), wanted, "bot")
    return Script(name, channel, kind, tuple(asked), wanted)


def _question(word: str, wanted: tuple[str, ...]) -> Question:
    arabic = any("\u0600" <= letter <= "\u06ff" for letter in wanted[0])
    text = SAYING.format(word=word) if arabic else f"es geht um {word}"
    return Question(text, f"Zu {word}:", "clerk", word)

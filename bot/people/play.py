"""Plays scenes (bot/commands/demo.yml says in which form) with real people at real channels."""

import asyncio
import re
from collections.abc import Mapping
from statistics import median
from typing import Any

from .narrator import BOT, CITIZEN, CLERK, Narrator
from .screen import NotRead, Screen, Shown
from .staff import Staff

AGAIN = 5  # questions until a changed answer must have come
TAKE_OVER = 2.0  # seconds; a release is in force within them
Step = Mapping[str, Any]


class Play:
    """`citizens` and `staff` are there by their names in the script; scenes that need missing staff are left out."""

    def __init__(
        self,
        script: Mapping[str, Any],
        narrator: Narrator,
        citizens: Mapping[str, Screen],
        staff: Mapping[str, Staff],
        hurried: bool,
    ) -> None:
        self._script, self._narrator, self._hurried = script, narrator, hurried
        self._words: Mapping[str, str] = script["words"]
        self._citizens, self._staff = citizens, staff
        self._numbers: dict[str, str] = {}  # of the handoff, by citizen
        self._last: dict[str, str] = {}  # words of each citizen
        self._said = 0
        for citizen in citizens.values():
            citizen.seen_by = self._seen

    async def run(self) -> None:
        """Every scene in turn. Raises NotRead, TimeoutError, Refused when the product does not play along."""
        for scene in self._script["scenes"]:
            if scene.get("staff") and not self._staff:
                continue
            self._narrator.scene(scene["title"])
            for step in scene["steps"]:
                await self._step(step)
        self._sum_up()

    async def _step(self, step: Step) -> None:
        who = step["who"]
        if "says" in step:
            await self._says(who, step["says"], step)
        elif "press" in step or "choose" in step:
            await self._presses(who, step)
        else:
            await self._at_the_desk(who, step)

    # --- citizens ------------------------------------------------------------------------------------------

    async def _says(self, who: str, words: str, step: Step) -> None:
        citizen = self._citizens[who]
        for attempt in range(AGAIN if step.get("again") else 1):
            await asyncio.sleep(TAKE_OVER * bool(attempt))
            await self._tell(self._speaker(citizen), words, CITIZEN)
            self._said += 1
            self._last[who] = words
            await citizen.say(words, alone=bool(step.get("alone")))
            if step.get("alone"):
                return
            wanted, buttons = step.get("until", ""), step.get("buttons", False)
            shown = await citizen.reads("" if buttons else wanted)
            while buttons and not shown.buttons:
                shown = await citizen.reads()
            await self._pause(shown.words)
            if wanted in shown.words:
                break
        else:
            raise NotRead(f"{AGAIN}: {step['until']}")
        if found := re.search(self._script["number"], shown.words):
            self._numbers[who] = found[1]

    async def _presses(self, who: str, step: Step) -> None:
        citizen = self._citizens[who]
        label = str(step.get("press", ""))
        if "choose" in step:
            offered = [words for words, data in citizen.shown[-1].buttons if data.startswith("a:")]
            if not offered:
                return
            label = next((words for words in offered if words.startswith(step["choose"])), offered[0])
        await self._tell(self._speaker(citizen), self._words["pressed"].format(label=label), CITIZEN)
        self._said += 1
        await citizen.press(label)
        await self._pause((await citizen.reads()).words)

    def _speaker(self, citizen: Screen) -> str:
        return f"{citizen.name.split()[0]} ({self._script['channels'][citizen.channel]})"

    def _seen(self, citizen: Screen, shown: Shown) -> None:
        buttons = tuple(label for label, _ in shown.buttons)
        self._narrator.says(f"  → {citizen.name.split()[0]}", shown.words, BOT, buttons)

    # --- the desk ------------------------------------------------------------------------------------------

    async def _at_the_desk(self, who: str, step: Step) -> None:
        staff = self._staff[who]
        verb, value = list(step.items())[1]
        if verb == "take":
            await self._takes(who, staff, value)
        elif verb in ("reply", "note"):
            await self._acts(who, verb, text=value)
            await staff.do(verb, await self._conversation(staff, step["to"]), text=value)
            if verb == "reply":
                await self._citizens[step["to"]].reads(value[:20])
        elif verb == "sees":
            line = await staff.reads(await self._conversation(staff, value), self._last[value])
            await self._acts(who, verb, text=line.words.partition("\n")[2])  # below name and time
        elif verb in ("back", "resolve"):
            await self._acts(who, verb, number=self._numbers[value])
            await staff.do(verb, await self._conversation(staff, value))
            await self._citizens[value].reads()
        elif verb == "edit":
            await self._edits(who, staff, value, step["answer"])
        elif verb == "restore":
            await self._acts(who, verb, title=await self._title(staff, value))
            await staff.roll_back(self._words["restore_why"])
        elif verb == "ask":
            await self._acts(who, verb, text=value)
            found = (await staff.ask(value)).root.one(class_="sentence")
            await self._acts(who, "decision", text=found.words if found else "")

    async def _takes(self, who: str, staff: Staff, citizen: str) -> None:
        row = await staff.row(self._numbers[citizen], "waiting")
        await self._acts(who, "take", number=self._numbers[citizen])
        await staff.do("claim", row.id)
        await self._citizens[citizen].reads()

    async def _edits(self, who: str, staff: Staff, entry: str, answer: str) -> None:
        await self._acts(who, "edit", title=await self._title(staff, entry), text=answer)
        await staff.publish(entry, self._words["edit_why"], **{"texts.de.answer": answer})
        await asyncio.sleep(TAKE_OVER)

    async def _title(self, staff: Staff, entry: str) -> str:
        return (await staff.entry(entry)).form(f"/entries/{entry}").fields["texts.de.question"]

    async def _conversation(self, staff: Staff, citizen: str) -> str:
        return (await staff.row(self._numbers[citizen])).id

    async def _acts(self, who: str, verb: str, **values: str) -> None:
        speaker = f"{self._script['cast'][who]['name'].split()[0]} ({self._words['console']})"
        await self._tell(speaker, self._words[verb].format(**values), CLERK)

    # --- telling -------------------------------------------------------------------------------------------

    async def _tell(self, speaker: str, text: str, colour: str) -> None:
        self._narrator.says(speaker, text, colour)
        await self._pause(text)

    async def _pause(self, text: str) -> None:
        """As long as a reader needs."""
        if not self._hurried:
            await asyncio.sleep(min(4.0, 0.5 + len(text) / 60))

    def _sum_up(self) -> None:
        waits = [wait for citizen in self._citizens.values() for wait in citizen.waits]
        shown = sum(len(citizen.shown) for citizen in self._citizens.values())
        self._narrator.scene(self._words["summary"])
        self._narrator.fact(self._words["messages"], str(self._said))
        self._narrator.fact(self._words["replies"], str(shown))
        if waits:
            seconds = f"{median(waits):.2f}".replace(".", ",")
            self._narrator.fact(self._words["median"], self._words["seconds"].format(n=seconds))

"""The morning itself: citizens write, three clerks answer, one browser is killed, one loses the network."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack

from playwright.async_api import Route, expect

from bot.conversation import Status
from bot.simulator import Citizen
from tests.browser.morning.clerk import Clerk
from tests.browser.morning.script import Question, Script
from tests.browser.morning.town import PATIENCE, Town
from tests.browser.morning.verdict import Story

HOW = ("typed", "canned", "match")
OUTCOMES = ("", "verwiesen", "keine Antwort")
AT_ONCE = 8  # citizens who write at the same time
SERVED = ("person", "photo", "edits", "returns")


class Person:
    """A citizen with a telephone."""

    def __init__(self, town: Town, script: Script) -> None:
        self.town, self.script = town, script
        language = "ar" if script.questions[0].text[0] > "\u0600" else "de"
        self.phone: Citizen = town.simulator.citizen(script.channel, script.name, language=language)
        self.id = town.id(self.phone)

    async def comes(self) -> None:
        """What they do without waiting for a clerk."""
        self.town.clock.advance(1)
        for text in self.script.wanted:
            await self.phone.say(text)
            await self.heard(text)
        if self.script.kind == "withdraws":
            await self.phone.reads(lambda seen: seen.buttons, PATIENCE)
            await self.phone.press("Doch nicht nötig")
            await self.status(Status.BOT)
        if self.script.wanted and self.script.kind != "withdraws":
            await self.status(Status.WAITING)
            await self.asks(self.script.questions[0])  # they write on while they wait
            if self.script.kind == "photo":
                await self.phone.send_photo()
            if self.script.kind == "edits":
                await self.phone.edit(self.script.questions[0].text + ", und zwar bald")
            return
        for question in self.script.questions:
            await self.phone.say(question.text)
            await self.phone.reads(question.answer, PATIENCE)

    async def asks(self, question: Question) -> None:
        """A clerk's matter; once this returns it stands in the transcript."""
        await self.phone.say(question.text)
        await self.heard(question.text)

    async def heard(self, text: str) -> None:
        async def there() -> bool:
            return any(line.text == text for line in await self.town.lines(self.id))

        await self.town.until(there)

    async def status(self, wanted: Status) -> None:
        """Until the conversation is there."""

        async def there() -> bool:
            held = await self.town.held(self.id)
            return held is not None and held.status is wanted

        await self.town.until(there)

    async def story(self) -> Story:
        """For the verdict, once all that was said has been delivered."""

        async def settled() -> bool:
            return not await self.town.core.store.unsettled(self.id)

        await self.town.until(settled)
        held = await self.town.held(self.id)
        assert held is not None
        lines, deliveries = await self.town.lines(self.id), await self.town.deliveries(self.id)
        screen = tuple(seen.text for seen in self.phone.seen)
        return Story(self.script, str(held.status), tuple(lines), deliveries, screen)


class Morning:
    """Who plays."""

    def __init__(self, town: Town, people: Sequence[Person], clerks: Sequence[Clerk], stack: AsyncExitStack) -> None:
        self.town, self.people, self.stack = town, people, stack
        self.kim, self.ada, self.lea = clerks
        self.role = {person.script.kind: person for person in people}

    async def play(self) -> None:
        """From nine o'clock to the last citizen."""
        await asyncio.gather(*(clerk.comes(self.stack) for clerk in (self.kim, self.ada, self.lea)))
        await asyncio.gather(self._kims(), self._adas(), self._leas(), self._come())
        await self._raced()
        await self._trouble()

    async def _come(self) -> None:
        """A few at a time, in the order of the script."""
        some = [p for p in self.people if p.script.kind != "newcomer"]
        for n in range(0, len(some), AT_ONCE):
            await asyncio.gather(*(person.comes() for person in some[n : n + AT_ONCE]))

    async def serve(self, clerk: Clerk, person: Person, turn: int) -> None:
        """From the queue to the end, each question once."""
        await person.status(Status.WAITING)
        await clerk.claims(person.id)
        await self.finish(clerk, person, turn)

    async def finish(self, clerk: Clerk, person: Person, turn: int = 0, left: int = 0) -> None:
        """Who is in charge answers what is open, from that question on, and resolves."""
        for n, question in enumerate(person.script.questions[left:], left):
            if question.by == "bot":
                continue
            if n:
                await person.asks(question)
            await clerk.reads(question.word)
            await clerk.answers(question.answer, HOW[(turn + n) % 3])
        if person.script.kind == "photo":
            await expect(clerk.page.locator("#transcript img")).to_be_visible()
        if person.script.kind == "edits":
            await clerk.reads("und zwar bald")
        if turn % 4 == 1:
            await clerk.notes(f"zu {person.script.name} ist alles gesagt")
        await clerk.glance(person.script.name)
        await clerk.resolves(OUTCOMES[turn % 3])
        if person.script.kind == "returns":
            last = person.script.questions[-1]
            await person.phone.say(last.text)
            await person.phone.reads(last.answer, PATIENCE)
        await clerk.glance(person.script.name)

    def _served_by(self, number: int) -> list[Person]:
        return [p for p in self.people if p.script.kind in SERVED][number::3]

    async def _kims(self) -> None:
        """Two that she claims and begins to answer; the drafts reach her disk while she serves the others."""
        for role in ("draft_one", "draft_two"):
            person = self.role[role]
            await person.status(Status.WAITING)
            await self.kim.claims(person.id)
            await self.kim.types(draft(person))
        for turn, person in enumerate(self._served_by(0)):
            await self.serve(self.kim, person, turn)

    async def _adas(self) -> None:
        await self._to_a_team()
        await self._reopened()
        for turn, person in enumerate(self._served_by(1), 1):
            await self.serve(self.ada, person, turn)

    async def _leas(self) -> None:
        await self._to_a_colleague()
        await self._undone()
        await self._lost()
        await self._unseen()
        for turn, person in enumerate(self._served_by(2), 2):
            await self.serve(self.lea, person, turn)

    # --- what goes otherwise -------------------------------------------------------------------------------

    async def _to_a_team(self) -> None:
        """Ada gives one to another team's queue, from where she takes it again."""
        person = self.role["team"]
        await person.status(Status.WAITING)
        await self.ada.claims(person.id)
        await self.town.until(self.here)
        await self.ada.passes_on("team:ordnung-verkehr", "gehört zu euch")
        await self.ada.claims(person.id)
        await self.finish(self.ada, person)

    async def _to_a_colleague(self) -> None:
        """Lea gives one to Ada, takes it back before Ada looks, gives it again; in the end she has it."""
        person = self.role["colleague"]
        await person.status(Status.WAITING)
        await self.lea.claims(person.id)
        await self.town.until(self.here)
        await self.lea.passes_on("clerk:ada", "du kennst den Fall")
        await self.lea.undoes()
        await expect(self.lea.page.locator("#reply")).to_be_visible()
        await self.finish(self.lea, person)

    async def _undone(self) -> None:
        """Resolved by mistake."""
        person = self.role["undone"]
        await person.status(Status.WAITING)
        await self.lea.claims(person.id)
        await self.lea.answers(person.script.questions[0].answer)
        await self.lea.resolves()
        await self.lea.undoes()
        await expect(self.lea.page.locator("#reply")).to_be_visible()
        await self.finish(self.lea, person, left=1)

    async def _reopened(self) -> None:
        person = self.role["reopened"]
        await person.status(Status.WAITING)
        await self.ada.claims(person.id)
        await self.ada.answers(person.script.questions[0].answer)
        await self.ada.resolves("verwiesen")
        await self.ada.page.get_by_role("button", name="Wieder öffnen").click()
        await expect(self.ada.page.locator("#reply")).to_be_focused()
        await self.finish(self.ada, person, left=1)

    async def _lost(self) -> None:
        """What Lea sends arrives, the answer to it does not; she sends again at once."""
        person, page = self.role["lost"], self.lea.page
        await person.status(Status.WAITING)
        await self.lea.claims(person.id)
        await self.lea.types(person.script.questions[0].answer)
        await page.route("**/console/**", _lose)  # nor can the page look whether it arrived
        await page.locator("#reply").press("Control+Enter")
        await expect(page.locator("#reply-why")).to_contain_text("doppelt kommt es nicht an")
        await page.unroute("**/console/**")
        await self.lea.sends()
        await self.finish(self.lea, person, left=1)

    async def _unseen(self) -> None:
        """The same, but she waits: the page finds what arrived, and clears the composer."""
        person, page = self.role["unseen"], self.lea.page
        await person.status(Status.WAITING)
        await self.lea.claims(person.id)
        await self.lea.types(person.script.questions[0].answer)
        await page.route("**/reply*", _lose)
        await page.locator("#reply").press("Control+Enter")
        await expect(page.locator("#reply")).to_have_value("")
        await expect(page.locator("#reply-why")).to_be_hidden()
        await page.unroute("**/reply*")
        await self.finish(self.lea, person, left=1)

    async def _raced(self) -> None:
        """Ada and Lea press the same button: one has it, the other reads who."""
        person = self.role["raced"]
        await asyncio.gather(self.ada.opens(person.id), self.lea.opens(person.id))
        pages = (self.ada.page, self.lea.page)
        await asyncio.gather(*(page.locator("#h-talk").press("Enter") for page in pages))
        await person.status(Status.ASSIGNED)
        held = await self.town.held(person.id)
        assert held is not None
        first, second = (self.ada, self.lea) if held.owner == "ada" else (self.lea, self.ada)
        await expect(second.page.get_by_text("Hier antwortet jemand anderes")).to_be_visible()
        await expect(second.page.locator("#reply")).to_have_count(0)
        await second.glance(person.script.name)
        await self.finish(first, person)

    async def _trouble(self) -> None:
        """Kim's browser is killed; Ada loses the network for a minute, in which somebody new comes."""
        one, two, cut, new = (self.role[name] for name in ("draft_one", "draft_two", "cut", "newcomer"))
        since = {p.id: await self.waiting_since(p) for p in (one, two)}
        await self.ada.claims(cut.id)
        await self.passes(41, self.kim, self.ada, self.lea)

        async def on_disk() -> bool:
            return all(self.kim.remembers(draft(p)) for p in (one, two))

        await self.town.until(on_disk)
        self.kim.is_killed()
        await self._cut_off(cut, new)
        await self.passes(41, self.ada, self.lea)
        await self.passes(41, self.ada, self.lea)  # 120 s after Kim's last sign of life, and she is the only one
        await self.town.tick()
        await self.town.tick()
        for person in (one, two):
            await person.status(Status.WAITING)
            assert await self.waiting_since(person) == since[person.id]
        await asyncio.gather(self._takes_over(one), self._comes_back(two), self.serve(self.lea, new, 0))
        await self.ada.opens(cut.id)
        await self.finish(self.ada, cut, left=2)

    async def _cut_off(self, cut: Person, new: Person) -> None:
        """Nothing is missed, nothing doubled; what she sent in vain is still there and goes once."""
        ada, (first, second) = self.ada.page, cut.script.questions
        await self.ada.types(first.answer)
        await ada.context.set_offline(True)
        await ada.locator("#reply").press("Control+Enter")
        await expect(ada.locator("#reply-why")).to_contain_text("Keine Verbindung")
        await expect(ada.locator("#line")).to_contain_text("Keine Verbindung")
        await cut.asks(second)
        await new.comes()
        await self.passes(60, self.lea)
        await ada.clock.fast_forward(60_000)
        assert await ada.locator("#transcript", has_text=second.word).count() == 0
        await ada.context.set_offline(False)
        await self.ada.reads(second.word)
        await expect(ada.locator(f'a.item[data-id="{new.id}"]')).to_be_visible()
        await expect(ada.locator("#line")).to_be_hidden()
        await expect(ada.locator("#reply")).to_have_value(first.answer)
        await self.ada.sends()
        await self.ada.reads(first.answer)
        await self.ada.answers(second.answer)
        await self.ada.glance(cut.script.name)

    async def _takes_over(self, person: Person) -> None:
        await self.ada.claims(person.id)
        await expect(self.ada.page.locator("#reply")).to_have_value("")  # a draft stays with who wrote it
        await self.finish(self.ada, person)

    async def _comes_back(self, person: Person) -> None:
        """Kim starts her browser, signs in, and goes on where she was."""
        await self.kim.comes(self.stack)
        await self.kim.claims(person.id)
        await expect(self.kim.page.locator("#reply")).to_have_value(draft(person))
        await self.kim.sends()
        await self.finish(self.kim, person, left=1)

    # --- time ----------------------------------------------------------------------------------------------

    async def passes(self, seconds: float, *awake: Clerk) -> None:
        """Time goes by for everybody. Who is there and not cut off has said so at the end of it."""
        self.town.clock.advance(seconds)
        await asyncio.gather(*(clerk.page.clock.fast_forward(int(seconds * 1000)) for clerk in awake))
        lease = self.town.core.policy.lease.total_seconds()

        async def renewed() -> bool:
            users = {clerk.user for clerk in awake}
            held = [await self.town.held(person.id) for person in self.people]
            until = [c.lease_until for c in held if c and c.owner in users and c.lease_until]
            return all(u.timestamp() >= self.town.clock.now() + lease - 1 for u in until)

        await self.town.until(renewed)

    async def here(self) -> bool:
        """Are all three seen to be here?"""
        signs = await self.town.core.store.people(self.town.core.turns.now())
        return {"kim", "ada", "lea"} <= set(signs)

    async def waiting_since(self, person: Person) -> object:
        held = await self.town.held(person.id)
        assert held is not None
        return held.waiting_since


def draft(person: Person) -> str:
    """What Kim has begun to write."""
    first = person.script.questions[0]
    return f"{first.answer} ich sehe gleich nach, was es zu {first.word} gibt"


async def _lose(route: Route) -> None:
    """The request arrives, its answer does not; nothing else comes through."""
    if route.request.method == "POST":
        await route.fetch()
    await route.abort()

"""The ask box: a question, what the bot would do, and why."""

from typing import Any

from aiohttp import web

from bot.ask import AskUnavailable
from bot.console.console import Console, field
from bot.console.inbox import signals
from bot.console.session import ROOT
from bot.console.words import Words
from bot.privacy.masking import mask
from bot.route import Access, Route

LONGEST = 500  # characters of a question
WIDTH = 600  # units of the bar's drawing


class AskPage:
    """Handlers."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def routes(self) -> list[Route]:
        """The routes with their policies."""
        return [
            Route("GET", f"{ROOT}/ask", self.form, Access.EDITOR),
            Route("POST", f"{ROOT}/ask", self.ask, Access.EDITOR),
        ]

    async def form(self, request: web.Request) -> web.Response:
        """The empty box."""
        return self._page(request, "", None)

    async def ask(self, request: web.Request) -> web.Response:
        """Asked by POST, so that the question stands in no address and no log."""
        question = (await field(request, "question")).strip()[:LONGEST]
        if not question:
            return self._page(request, "", None, "ask.empty", 400)
        try:
            # As a citizen's message: the machine never sees what is masked.
            found = await self._console.asking.ask(mask(question))
        except AskUnavailable:
            return self._page(request, question, None, "ask.nobody", 503)
        return self._page(request, question, found)

    def _page(
        self, request: web.Request, question: str, found: dict[str, Any] | None, why: str = "", status: int = 200
    ) -> web.Response:
        t = self._console.words(request)
        shown = explained(found, t) if found else None
        return self._console.page(
            request, "ask.html", status, active="ask", question=question, why=why, found=shown, longest=LONGEST
        )


def explained(found: dict[str, Any], t: Words) -> dict[str, Any]:
    """bot.ask.describe's answer in words and in the measures of the drawing."""
    ranking, meant = found["ranking"], found["understanding"]
    best = ranking[0] if ranking else None
    score = float(best["score"]) if best else 0.0
    decision = str(found["decision"])
    names = {"title": best["title"] if best else "", "score": t.percent(score)}
    marks = [
        (name, float(found["thresholds"][name]), t.percent(float(found["thresholds"][name])))
        for name in ("clarify", "answer")
    ]
    return {
        "decision": decision,
        "sentence": t.maybe(f"ask.decision.{decision}", decision, **names),
        "words_only": bool(found.get("words_only")),
        "asked": found["question"],
        "language": t.maybe(f"language.{found['language']}", str(found["language"])),
        "score": t.percent(score),
        "bar": round(score * WIDTH),
        "width": WIDTH,
        "marks": [(name, round(at * WIDTH), said) for name, at, said in marks],
        "rows": [
            {
                "entry": m["entry"],
                "title": m["title"],
                "topic": m["topic"],
                "score": t.percent(float(m["score"])),
                "why": signals(m["why"], t),
                "offered": decision == "clarify" and m["entry"] in found.get("options", ()),
            }
            for m in ranking
        ],
        "signals": sorted({name for m in ranking for name in m["why"]}),
        "intent": t.maybe(f"intent.{meant['intent']}", str(meant["intent"])),
        "confidence": t.percent(float(meant["confidence"])),
        "source": t.maybe(f"understood_by.{meant['source']}", ""),
        "others": [
            (t.maybe(f"intent.{o['intent']}", str(o["intent"])), t.percent(float(o["confidence"])))
            for o in meant["ranking"][1:4]
        ],
        "entities": [(t.maybe(f"entity.{e['kind']}", str(e["kind"])), str(e["value"])) for e in meant["entities"]],
    }

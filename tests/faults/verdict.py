"""Every acknowledged message answered exactly once, in order; unknown at most what was in flight."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bot.message import DeliveryState
from tests.faults.ledger import STRANGE, Evidence

S = DeliveryState
ARRIVED = (S.SENT, S.DELIVERED, S.READ)


@dataclass
class Verdict:
    """What was found, as sentences without citizens' words. All lists empty and the bound kept: it holds."""

    messages: int = 0
    answered: int = 0
    unknown: int = 0
    in_flight: int = 0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    disordered: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)  # unknown, and the console does not say so

    @property
    def holds(self) -> bool:
        """Was every promise kept?"""
        wrong = (self.lost, self.twice, self.disordered, self.strange, self.hidden)
        return not any(wrong) and self.unknown <= self.in_flight

    def __str__(self) -> str:
        rows = [
            f"messages acknowledged   {self.messages}",
            f"replies on the screens  {self.answered}",
            f"lost                    {len(self.lost)}",
            f"answered twice          {len(self.twice)}",
            f"out of order            {len(self.disordered)}",
            f"unforeseen replies      {len(self.strange)}",
            f"unknown                 {self.unknown} (in flight at the faults: {self.in_flight})",
            f"unknown, not shown      {len(self.hidden)}",
            "verdict                 " + ("holds" if self.holds else "BROKEN"),
        ]
        wrong = [*self.lost, *self.twice, *self.disordered, *self.strange, *self.hidden]
        return "\n".join(rows + wrong[:40])


def judge(evidence: Iterable[Evidence], in_flight: int) -> Verdict:
    """Look at every chat by itself, inside (transcript, deliveries) and outside (the citizen's screen)."""
    verdict = Verdict(in_flight=in_flight)
    for chat in evidence:
        verdict.messages += len(chat.said)
        verdict.answered += len(chat.screen)
        verdict.unknown += chat.count(S.UNKNOWN)
        _inside(chat, verdict)
        _outside(chat, verdict)
    return verdict


def _inside(chat: Evidence, verdict: Verdict) -> None:
    said, heard = [id for id, _ in chat.said], chat.heard
    missing = Counter(said) - Counter(heard)
    again = {id: n for id, n in Counter(heard).items() if n > 1}
    if missing:
        verdict.lost.append(f"{chat.conversation}: {len(missing)} of {len(said)} messages are not in the transcript")
    if again:
        verdict.twice.append(f"{chat.conversation}: {len(again)} messages are in the transcript more than once")
    if not missing and not again and heard != said:
        verdict.disordered.append(f"{chat.conversation}: the transcript has another order than the chat")
    if chat.unanswered:
        verdict.lost.append(f"{chat.conversation}: {len(chat.unanswered)} messages were given no reply")
    if gone := chat.count(S.FAILED, S.DROPPED, S.QUEUED, S.SENDING):
        verdict.lost.append(f"{chat.conversation}: {gone} replies failed, were dropped or never left")


def _outside(chat: Evidence, verdict: Verdict) -> None:
    expected = [kind for _, kind in chat.said]
    screen = list(chat.screen)
    if strange := screen.count(STRANGE):
        verdict.strange.append(f"{chat.conversation}: {strange} replies that no message of this storm has")
        return
    certain, possible = chat.count(*ARRIVED), chat.count(*ARRIVED, S.UNKNOWN)
    if len(screen) < certain:
        verdict.lost.append(f"{chat.conversation}: {certain} replies are said to be sent, the screen has {len(screen)}")
    if len(screen) > possible:
        verdict.twice.append(f"{chat.conversation}: {possible} replies left, the screen has {len(screen)}")
    elif not _within(screen, expected):
        wrong = verdict.twice if Counter(screen) - Counter(expected) else verdict.disordered
        wrong.append(f"{chat.conversation}: the screen shows {' '.join(screen)} for {' '.join(expected)}")


def _within(screen: Sequence[str], expected: Sequence[str]) -> bool:
    """Is the screen what was expected, less some?"""
    rest = iter(expected)
    return all(kind in rest for kind in screen)

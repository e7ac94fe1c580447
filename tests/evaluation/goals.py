"""What must hold, and whether it does: the goals of issue 4 that this run can judge."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.evaluation.sets import FOREIGN, TOWN

Figures = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Goal:
    """`found` at least (or, with `most`, at most) `wanted`."""

    name: str
    wanted: float
    found: float
    most: bool = False

    @property
    def met(self) -> bool:
        return self.found <= self.wanted if self.most else self.found >= self.wanted

    def __str__(self) -> str:
        sign = "≤" if self.most else "≥"
        return f"{'met   ' if self.met else 'MISSED'} {self.name}: {self.found:.3f} ({sign} {self.wanted})"


def goals(sets: Figures, apart: Mapping[str, Any] | None, ablation: Figures) -> Iterator[Goal]:
    """Those whose sets are there."""
    for name, at, wanted in (
        ("omos-muenchen", "recall@1", 0.92),
        ("omos-muenchen", "recall@3", 0.985),
        ("munich-services", "recall@1", 0.50),
        ("munich-services", "recall@3", 0.72),
        ("omos-muenchen en", "recall@3", 0.83),
        ("omos-muenchen fr", "recall@3", 0.78),
        ("omos-muenchen ar", "recall@3", 0.70),
        ("omos-muenchen uk", "recall@3", 0.70),
    ):
        if name in sets:
            yield Goal(f"{name} {at}", wanted, sets[name][at])
    if apart:
        yield Goal(f"{TOWN}: share answered, questions kept apart", 0.60, apart["coverage"])
        yield Goal(f"{TOWN}: certified precision of what is answered", 0.95, apart["bound"])
    for name in (f"{TOWN} de", *FOREIGN):
        if name not in sets:
            continue
        figures = sets[name]
        if figures["oos_answered"] is not None and figures["stray_n"] >= 300:
            what = f"{name}: out-of-scope questions answered (of {figures['stray_n']})"
            yield Goal(what, 0.02, figures["oos_answered"], most=True)
        if figures["left_out_answered"] is not None:
            yield Goal(f"{name}: answered with 30 % left out", 0.10, figures["left_out_answered"], most=True)
    for name in FOREIGN:
        if name in sets:
            yield Goal(f"{name}: precision of what is answered", 0.90, sets[name]["precision"] or 0.0)
            yield Goal(f"{name}: share answered", 0.25, sets[name]["answered"])
    yield from _fused(ablation)


def _fused(ablation: Figures) -> Iterator[Goal]:
    """The fused order beats the best single signal at recall@1, or ties within half a point."""
    if not ablation:
        return
    alone = [name for name in ablation if name != "fused" and not name.startswith("-")]
    for corpus, fused in ablation["fused"].items():
        best = max(alone, key=lambda name: ablation[name][corpus][0])
        yield Goal(f"{corpus}: fused less the best alone ({best})", -0.005, fused[0] - ablation[best][corpus][0])

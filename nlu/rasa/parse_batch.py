"""Parses many texts with a trained model: `python parse_batch.py MODEL TEXTS OUT`. Run by Rasa's Python.

TEXTS holds one JSON string a line; OUT gets one JSON object a line, in the same order: {"ranking": [[intent,
confidence], ...] without the fallback, "unsure": whether the fallback stood before it, "entities": [...], "ms": 12.3
and "cpu_ms": 11.9 that it took, "mb": 540.2 that the process has held at most by then}.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

from held import held
from rasa.core.agent import Agent
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME as FALLBACK


async def parse(model: str, texts: Path, out: Path) -> None:
    """Writes a line for every text."""
    agent = Agent.load(model)
    with texts.open(encoding="utf-8") as lines, out.open("w", encoding="utf-8") as results:
        for line in lines:
            started, worked = time.perf_counter(), time.process_time()
            parsed = await agent.parse_message(json.loads(line))
            took, cost = time.perf_counter() - started, time.process_time() - worked
            found = [[one["name"], one["confidence"]] for one in parsed.get("intent_ranking") or [parsed["intent"]]]
            result = {
                "ranking": [pair for pair in found if pair[0] != FALLBACK],
                "unsure": found[0][0] == FALLBACK,
                "entities": parsed.get("entities", []),
                "ms": 1000 * took,
                "cpu_ms": 1000 * cost,
                "mb": held(),
            }
            results.write(json.dumps(result, ensure_ascii=False, default=float) + "\n")


if __name__ == "__main__":
    asyncio.run(parse(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))

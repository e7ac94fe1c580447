"""Parses many texts with a trained model: `python parse_batch.py MODEL TEXTS OUT`. Run by Rasa's Python.

TEXTS holds one JSON string a line; OUT gets one JSON object a line: {"ranking": [[intent, confidence], ...],
"entities": [...], "ms": 12.3}, in the same order.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

from rasa.core.agent import Agent


async def parse(model: str, texts: Path, out: Path) -> None:
    """Writes a line for every text."""
    agent = Agent.load(model)
    with texts.open(encoding="utf-8") as lines, out.open("w", encoding="utf-8") as results:
        for line in lines:
            started = time.perf_counter()
            parsed = await agent.parse_message(json.loads(line))
            ranking = [[found["name"], found["confidence"]] for found in parsed.get("intent_ranking", [])]
            result = {
                "ranking": ranking or [[parsed["intent"]["name"], parsed["intent"]["confidence"]]],
                "entities": parsed.get("entities", []),
                "ms": 1000 * (time.perf_counter() - started),
            }
            results.write(json.dumps(result, ensure_ascii=False, default=float) + "\n")


if __name__ == "__main__":
    asyncio.run(parse(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))

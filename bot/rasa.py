"""The local Rasa: where its Python is, which model, which port."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import MappingProxyType

from bot.composition import corpus_folder
from bot.settings import Settings, project_root
from faq.encoder import EMBEDDED, embedded_folder
from faq.town import load_town
from nlu.rasa_training import Added, Vectors, VectorsFailed, ensure_model
from nlu.surroundings import FETCHING, usual

URL = "http://127.0.0.1:{port}"


def rasa_python(settings: Settings) -> Path | None:
    """The Python of the Rasa environment, when there is one."""
    python = Path(settings.rasa_python) if settings.rasa_python else project_root() / ".venv-rasa" / "bin" / "python"
    return python if python.is_file() else None


def trained_model(
    settings: Settings, python: Path, say: Callable[[str], None], added: Added = MappingProxyType({})
) -> Path:
    """The model for today's examples and those added, from the cache or trained now."""
    vectors = example_vectors(settings)
    return ensure_model(settings.cache, python, say, names(settings), vectors=vectors, added=added)


def example_vectors(settings: Settings) -> Vectors | None:
    """The workers' own vectors for the training, so that they can be handed over with each question later; None
    where the workers have another encoder than the one that Rasa can stand in for."""
    if settings.encoder not in ("", EMBEDDED):
        return None

    def make(texts: Sequence[str], out: Path) -> None:
        asked = out.with_suffix(".json")
        asked.write_text(json.dumps(texts), "utf-8")
        argv = [sys.executable, "-m", "faq.encode", str(asked), str(out), str(settings.cache)]
        env = usual(os.environ, *FETCHING)
        done = subprocess.run(argv, cwd=project_root(), env=env, capture_output=True, text=True)  # noqa: S603
        if done.returncode:
            raise VectorsFailed(done.stderr.strip()[-500:])

    return Vectors(embedded_folder(settings.cache).name, make)


def names(settings: Settings) -> dict[str, list[str]]:
    """What offices and districts are called: lookup values of the entities."""
    town = load_town(corpus_folder(settings) / "town.yml")
    return {
        "office": [n for o in town.offices.values() for n in (o.name, *o.also)],
        "district": [n for d in town.districts.values() for n in (d.name, *d.also)],
    }

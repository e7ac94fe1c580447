"""The local Rasa process: where its Python is, which model, which port."""

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.composition import corpus_folder
from bot.settings import Settings, project_root
from faq.encoder import EMBEDDED, embedded_folder
from faq.town import load_town
from nlu.rasa_training import Vectors, VectorsFailed, ensure_model, rasa_command

URL = "http://127.0.0.1:{port}"


@dataclass(frozen=True)
class RasaServer:
    """A Rasa of our own; prepare() trains where no trained model is cached, so it may take a minute."""

    python: Path
    port: int
    token: str
    settings: Settings

    @property
    def url(self) -> str:
        """Where it will answer."""
        return URL.format(port=self.port)

    def prepare(self, say: Callable[[str], None]) -> tuple[Sequence[str], Mapping[str, str]]:
        """(command, environment) to start it."""
        model = trained_model(self.settings, self.python, say)
        return rasa_command(model, self.port, self.token, self.python)


def rasa_python(settings: Settings) -> Path | None:
    """The Python of the Rasa environment, when there is one."""
    python = Path(settings.rasa_python) if settings.rasa_python else project_root() / ".venv-rasa" / "bin" / "python"
    return python if python.is_file() else None


def rasa_server(settings: Settings, token: str) -> RasaServer | None:
    """A server to start, None without an environment."""
    python = rasa_python(settings)
    return RasaServer(python, free_port(), token, settings) if python else None


def trained_model(settings: Settings, python: Path, say: Callable[[str], None]) -> Path:
    """The model for today's examples, from the cache or trained now."""
    return ensure_model(settings.cache, python, say, names(settings), vectors=example_vectors(settings))


def example_vectors(settings: Settings) -> Vectors | None:
    """The workers' own vectors for the training, so that they can be handed over with each question later; None
    where the workers have another encoder than the one that Rasa can stand in for."""
    if settings.encoder not in ("", EMBEDDED):
        return None

    def make(texts: Sequence[str], out: Path) -> None:
        asked = out.with_suffix(".json")
        asked.write_text(json.dumps(texts), "utf-8")
        argv = [sys.executable, "-m", "faq.encode", str(asked), str(out), str(settings.cache)]
        done = subprocess.run(argv, cwd=project_root(), capture_output=True, text=True)  # noqa: S603
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


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

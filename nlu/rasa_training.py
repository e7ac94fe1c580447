"""From examples to a trained Rasa model, kept under the hash of everything that went into it."""

import contextlib
import fcntl
import hashlib
import logging
import os
import subprocess
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import yaml

from nlu.examples import read_examples, unmarked
from nlu.profiles import LANGUAGES_DIR
from nlu.surroundings import usual

log = logging.getLogger(__name__)
RASA_DIR = Path(__file__).with_name("rasa")

Names = Mapping[str, Sequence[str]]
"""What things of the town are called, by kind of entity: {"office": ["Bürgeramt", …], "district": […]}."""

Added = Mapping[str, Mapping[str, Sequence[str]]]
"""Examples beside those that ship, as people type them: {language: {intent: lines}}."""

_KEPT_MODELS = 8  # 2.4 MB each: those of a few releases, so that going back costs no training
_PART_OF_THE_MODEL = (
    "config.yml",
    "stadtbote_components.py",
    "stadtbote_meaning.py",
    "stadtbote_spelling.py",
    "requirements.txt",
)


@dataclass(frozen=True)
class Vectors:
    """Makes the examples' sentence vectors as those who ask the model will: `make` writes the arrays texts, vectors
    and encoder of these texts into a file, or raises VectorsFailed. `encoder` is the name it will give."""

    encoder: str
    make: Callable[[Sequence[str], Path], None]


class VectorsFailed(Exception):
    """The examples' vectors could not be made; the model learns with Rasa's own."""


class TrainingFailed(Exception):
    """The model could not be trained; the message ends with what Rasa said last."""


def training_data(
    languages_dir: Path, out_dir: Path, names: Names | None = None, added: Added = MappingProxyType({})
) -> Path:
    """Writes the examples of every language as Rasa's training data, and returns the file.

    `names` become lookup tables, so that a town's own offices and districts are found without being trained.
    """
    examples: dict[str, list[str]] = {}
    for path in sorted(languages_dir.glob("*/examples.yml")):
        for intent, lines in read_examples(path).items():
            examples.setdefault(intent, []).extend(lines)
    for language in sorted(added):
        for intent in sorted(added[language]):
            examples.setdefault(intent, []).extend(plain(line) for line in added[language][intent])
    return write_data(examples, out_dir / "nlu.yml", names)


def write_data(examples: Mapping[str, Sequence[str]], path: Path, names: Names | None = None) -> Path:
    """One file in Rasa's form. The lines may mark entities; see `plain` for text that does not."""
    known: list[dict[str, str]] = [{"intent": intent, "examples": _list(examples[intent])} for intent in examples]
    known += [{"lookup": kind, "examples": _list(listed)} for kind, listed in (names or {}).items() if listed]
    path.parent.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump({"version": "3.1", "nlu": known}, allow_unicode=True, sort_keys=False, width=10_000)
    path.write_text(text, encoding="utf-8")
    return path


def plain(text: str) -> str:
    """A text for `write_data` in which nothing can be taken for a marked entity or a line's end."""
    return " ".join(text.replace("[", "(").replace("]", ")").split())


def _list(lines: Sequence[str]) -> str:
    return "".join(f"- {line}\n" for line in lines)


def model_key(data: Path, project: Path = RASA_DIR, encoder: str = "") -> str:
    """Name of the model that this data, pipeline and encoder make: a hash over them and the pinned versions."""
    hashed = hashlib.sha256(data.read_bytes() + encoder.encode())
    for name in _PART_OF_THE_MODEL:
        hashed.update((project / name).read_bytes())
    return hashed.hexdigest()[:16]


def ensure_model(
    cache_dir: Path,
    rasa_python: Path,
    progress: Callable[[str], None],
    names: Names | None = None,
    languages_dir: Path = LANGUAGES_DIR,
    vectors: Vectors | None = None,
    added: Added = MappingProxyType({}),
) -> Path:
    """The model for today's examples and those added: from the cache, or trained now (about a minute). Raises
    TrainingFailed.

    Several starts at once train once: the others wait. A training that was cut off leaves nothing behind that
    could be taken for a model.
    """
    models = cache_dir / "nlu"
    models.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="training-", dir=models) as place:
        data = training_data(languages_dir, Path(place), names, added)
        model = models / f"{model_key(data, encoder=vectors.encoder if vectors else '')}.tar.gz"
        if used(model):
            return model
        with _only_one(models / "training.lock", progress):
            if not model.exists():
                meanings = _meanings(languages_dir, vectors, Path(place), progress, added) if vectors else None
                if vectors and meanings is None:
                    model = models / f"{model_key(data)}.tar.gz"
                trained = train(data, Path(place), rasa_python, progress, meanings)
                os.replace(trained, model)
                _forget_old(models)
    return model


def used(model: Path) -> bool:
    """It is not forgotten, however old it is. False where it is gone: an empty file in its place, as `touch` leaves
    one, would be taken for the model ever after."""
    try:
        os.utime(model)
    except FileNotFoundError:
        return False
    return True


def _meanings(
    languages_dir: Path, vectors: Vectors, place: Path, progress: Callable[[str], None], added: Added
) -> Path | None:
    """A file with the examples' vectors, None where they cannot be made."""
    known = [read_examples(path) for path in sorted(languages_dir.glob("*/examples.yml"))]
    texts = [unmarked(line) for examples in known for lines in examples.values() for line in lines]
    texts += [plain(line) for examples in added.values() for lines in examples.values() for line in lines]
    return made(vectors, texts, place, progress)


def made(vectors: Vectors | None, texts: Sequence[str], place: Path, progress: Callable[[str], None]) -> Path | None:
    """A file with the texts' vectors below `place`; None where nobody makes them or that fails: Rasa makes its own."""
    if vectors is None:
        return None
    progress("making the texts' vectors")
    try:
        vectors.make(tuple(dict.fromkeys(texts)), place / "meanings.npz")
    except VectorsFailed:
        log.exception("the model works with vectors of Rasa's own")
        return None
    return place / "meanings.npz"


def told(meanings: Path | None) -> Mapping[str, str]:
    """What tells Rasa's Python where vectors lie ready (nlu/rasa/stadtbote_meaning.py reads it)."""
    return {"STADTBOTE_RASA_MEANINGS": str(meanings.absolute())} if meanings else {}


def train(
    data: Path,
    place: Path,
    rasa_python: Path,
    progress: Callable[[str], None],
    meanings: Path | None = None,
    config: Path = RASA_DIR / "config.yml",
) -> Path:
    """Trains the shipped pipeline (or that of another `config`) on a data file and returns the archive, somewhere
    below `place`; `meanings` holds the examples' vectors (see Vectors)."""
    progress("training the understanding, about a minute")
    argv = [str(rasa_python.absolute()), "-W", "ignore", "-m", "rasa", "train", "nlu", "--nlu", str(data)]
    argv += ["--config", str(config), "--out", str(place), "--fixed-model-name", "model"]
    started = time.monotonic()
    said = run(
        argv, place, lambda: progress(f"still training after {time.monotonic() - started:.0f} s"), told(meanings)
    )
    model = place / "model.tar.gz"
    if not model.exists():
        raise TrainingFailed(f"Rasa trained nothing. It said last: {said}")
    progress(f"trained in {time.monotonic() - started:.0f} s")
    return model


def run(
    argv: Sequence[str], place: Path, beat: Callable[[], None], more: Mapping[str, str] = MappingProxyType({})
) -> str:
    """Runs Rasa's Python in an empty place, `more` in its environment; calls `beat` every ten seconds, returns its
    last lines.

    Raises TrainingFailed when it fails or cannot be started.
    """
    log = place / "rasa.log"
    with log.open("wb") as out:
        try:
            process = subprocess.Popen(  # noqa: S603
                argv,
                cwd=place,
                env={**usual(os.environ), **rasa_environment(), **more},
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        except OSError as error:
            raise TrainingFailed(f"Rasa's Python does not start: {error}") from None
        try:
            while True:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    status = process.wait(timeout=10)
                    break
                beat()
        except BaseException:
            process.terminate()
            process.wait()
            raise
    with log.open(encoding="utf-8", errors="replace") as lines:
        said = "".join(deque(lines, maxlen=8)).strip()
    if status:
        raise TrainingFailed(f"Rasa ended with status {status}. It said last: {said}")
    return said


def rasa_environment() -> dict[str, str]:
    """What Rasa needs to know beside the usual: our components, one thread, no graphics card, no reports home."""
    return {
        "PYTHONPATH": str(RASA_DIR),
        "RASA_TELEMETRY_ENABLED": "false",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "TF_NUM_INTEROP_THREADS": "1",
        "TF_NUM_INTRAOP_THREADS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "NO_COLOR": "1",
    }


def rasa_command(
    model: Path, port: int, token: str, rasa_python: Path, taught: str = ""
) -> tuple[Sequence[str], Mapping[str, str]]:
    """(command, additions to the environment) that serve a model on 127.0.0.1 until SIGTERM. `taught` names the
    examples added to those that ship; every answer says it."""
    environment = rasa_environment() | {
        "STADTBOTE_RASA_MODEL": str(model.absolute()),
        "STADTBOTE_RASA_PORT": str(port),
        "STADTBOTE_RASA_TOKEN": token,
        "STADTBOTE_RASA_TAUGHT": taught,
    }
    return [str(rasa_python.absolute()), "-W", "ignore", str(RASA_DIR / "serve.py")], environment


@contextlib.contextmanager
def _only_one(lock: Path, progress: Callable[[str], None]) -> Iterator[None]:
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("waiting for another start that is training")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _forget_old(models: Path) -> None:
    """Keeps the newest few, so that going back to yesterday's examples costs no training."""
    newest = sorted(models.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime, reverse=True)
    for model in newest[_KEPT_MODELS:]:
        model.unlink(missing_ok=True)
        for tried in models.glob(f"{model.name.split('.')[0]}-*.json"):  # see nlu/trying.py
            tried.unlink(missing_ok=True)

"""Makes the environment in which Rasa runs: a Python 3.10 and the packages of requirements.txt.

    python nlu/rasa/environment.py --venv .venv-rasa

Standard library only, because it runs before anything is installed. Done steps are not done again; a run that
was interrupted goes on where it stopped. Exit status 3: no Python 3.10 can be had; 1: an installation failed.
"""

import argparse
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

LOCK = Path(__file__).with_name("requirements.txt")
STAMP = "stadtbote-lock.sha256"
NO_PYTHON = 3

# The modules are those Rasa needs and a Python built from source may lack.
PROBE = "import sys, bz2, ctypes, lzma, sqlite3, ssl\nassert sys.version_info[:2] == (3, 10)\nprint(sys.executable)"
SMOKE = "import pkg_resources, rasa, tensorflow; print(rasa.__version__)"

HELP = """\
No Python 3.10 was found, and Rasa 3.6 runs on no newer one. Do one of these, then start again:
  - install python3.10 (with pyenv: pyenv install 3.10; with uv: uv python install 3.10)
  - name one that is already there: STADTBOTE_PYTHON310=/path/to/python3.10
  - do without Rasa and understand by keywords alone: STADTBOTE_NLU_URL=off"""


class CannotBuild(Exception):
    """A step failed; the message says which and what to do, `status` is the exit status."""

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status


def say(line: str) -> None:
    """One line of progress on standard error."""
    print(f"rasa environment: {line}", file=sys.stderr, flush=True)  # noqa: T201


def works(candidate: str) -> Path | None:
    """The interpreter behind a candidate, if it starts and is a complete Python 3.10."""
    try:
        # pyenv's shim named python3.10 exists without a Python 3.10 behind it: only running it tells.
        done = subprocess.run([candidate, "-c", PROBE], capture_output=True, text=True, timeout=30)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return None
    return Path(done.stdout.strip()) if done.returncode == 0 else None


def candidates(env: Mapping[str, str]) -> Iterator[str]:
    """Where a Python 3.10 may already be: on PATH, then pyenv's versions, newest first."""
    for folder in env.get("PATH", os.defpath).split(os.pathsep):
        found = shutil.which("python3.10", path=folder)
        if found:
            yield found
    root = Path(env.get("PYENV_ROOT") or Path(env.get("HOME", "~")).expanduser() / ".pyenv")
    found_versions = root.glob("versions/3.10*/bin/python")
    yield from map(str, sorted(found_versions, key=lambda path: _numbers(path.parts[-3]), reverse=True))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def find_python(env: Mapping[str, str]) -> Path | None:
    """A Python 3.10 of this machine. A wrong STADTBOTE_PYTHON310 is an error, not a reason to look elsewhere."""
    named = env.get("STADTBOTE_PYTHON310")
    if named:
        python = works(named)
        if python is None:
            raise CannotBuild(
                f"STADTBOTE_PYTHON310={named} is not a working Python 3.10 with ssl, ctypes and sqlite3. "
                "Name another, or unset it.",
                NO_PYTHON,
            )
        return python
    return next((python for python in map(works, candidates(env)) if python), None)


def run(step: str, argv: list[str], env: Mapping[str, str]) -> None:
    """Runs one step with a line every 15 seconds, so that a long installation is seen to live."""
    started = time.monotonic()
    process = subprocess.Popen(argv, env=dict(env))  # noqa: S603
    try:
        while True:
            try:
                status = process.wait(timeout=15)
                break
            except subprocess.TimeoutExpired:
                say(f"{step}: still at it after {time.monotonic() - started:.0f} s")
    except BaseException:
        process.terminate()
        process.wait()
        raise
    if status:
        raise CannotBuild(f"{step} failed with status {status}; the lines above say why. Start again to go on.")


def get_uv(tools: Path, env: Mapping[str, str]) -> str:
    """Path of uv: the one on PATH, or one from PyPI in a small environment of its own."""
    found = shutil.which("uv", path=env.get("PATH"))
    if found:
        return found
    uv = tools / "bin" / "uv"
    if not uv.exists():
        say("getting uv, the installer")
        run("creating the installer's environment", [sys.executable, "-m", "venv", str(tools)], env)
        pip = [str(tools / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        run("installing uv", [*pip, "--disable-pip-version-check", "uv"], env)
    return str(uv)


def install_python(uv: str, env: Mapping[str, str]) -> Path:
    """Lets uv bring a Python 3.10; the last way, because it downloads one."""
    say("no Python 3.10 on this machine, asking uv for one")
    subprocess.run([uv, "python", "install", "3.10"], env=dict(env), timeout=600)  # noqa: S603
    found = subprocess.run(  # noqa: S603
        [uv, "python", "find", "--managed-python", "3.10"], env=dict(env), capture_output=True, text=True
    )
    python = works(found.stdout.strip()) if found.returncode == 0 else None
    if python is None:
        raise CannotBuild(HELP, NO_PYTHON)
    return python


def lock_hash(lock: Path) -> str:
    """What the stamp must say: changes when any pinned package changes."""
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def is_done(venv: Path, lock: Path) -> bool:
    """Whether this environment holds exactly what the lock file says."""
    stamp = venv / STAMP
    return stamp.exists() and stamp.read_text() == lock_hash(lock) and (venv / "bin" / "python").exists()


def build(venv: Path, tools: Path, lock: Path, env: Mapping[str, str]) -> None:
    """Creates or completes the environment. Raises CannotBuild."""
    if is_done(venv, lock):
        say(f"ready in {venv}")
        return
    started = time.monotonic()
    inside = venv / "bin" / "python"
    if works(str(inside)) is None:
        python = find_python(env)
        uv = get_uv(tools, env)
        if python is None:
            python = install_python(uv, env)
        say(f"[1/3] creating {venv} with {python}")
        # An absolute path, so that uv does not choose another interpreter of the same version.
        run("creating the environment", [uv, "venv", "--quiet", "--clear", "--python", str(python), str(venv)], env)
    else:
        uv = get_uv(tools, env)
        say(f"[1/3] going on with {venv}")
    say("[2/3] installing Rasa and its packages, about 2.5 GB")
    sync = [uv, "pip", "sync", "--compile-bytecode", "--python", str(inside), str(lock)]
    run("installing", sync, env)
    say("[3/3] trying it")
    # `rasa --version` passes with a setuptools that training dies of, so the module itself is asked for.
    run("trying it", [str(inside), "-W", "ignore", "-c", SMOKE], env)
    (venv / STAMP).write_text(lock_hash(lock))
    say(f"ready in {venv} after {time.monotonic() - started:.0f} s")


def main() -> int:
    parser = argparse.ArgumentParser(description="Makes the environment in which Rasa runs.")
    parser.add_argument("--venv", type=Path, required=True, help="where the environment is or shall be")
    parser.add_argument("--tools", type=Path, default=None, help="where uv is kept (default: beside it)")
    args = parser.parse_args()
    venv: Path = args.venv.absolute()
    tools: Path = args.tools.absolute() if args.tools else venv.with_name(".venv-uv")
    env = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    if "PIP_INDEX_URL" in env:
        env.setdefault("UV_DEFAULT_INDEX", env["PIP_INDEX_URL"])  # uv does not read pip's settings
    tools.mkdir(parents=True, exist_ok=True)
    try:
        with (tools / f"{venv.name}.lock").open("w") as guard:
            fcntl.flock(guard, fcntl.LOCK_EX)  # two starts at once must not install into one place
            build(venv, tools, LOCK, env)
    except CannotBuild as error:
        say(str(error))
        return error.status
    except KeyboardInterrupt:
        say("stopped; start again to go on")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""How a Python 3.10 is found and an environment is made, with small programs in the place of the real ones."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from nlu.rasa_training import RASA_DIR

spec = importlib.util.spec_from_file_location("environment", RASA_DIR / "environment.py")
assert spec is not None
assert spec.loader is not None
environment = importlib.util.module_from_spec(spec)
spec.loader.exec_module(environment)


def program(path: Path, says: str = "", status: int = 0) -> Path:
    """An executable that prints a line (itself, if not told) and ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho {says or path}\nexit {status}\n")
    path.chmod(0o755)
    return path


def settings(tmp_path: Path, **more: str) -> dict[str, str]:
    return {"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path / "home"), **more}


def test_the_setting_comes_first(tmp_path: Path) -> None:
    named, on_path = program(tmp_path / "mine"), program(tmp_path / "bin" / "python3.10")
    assert environment.find_python(settings(tmp_path, STADTBOTE_PYTHON310=str(named))) == named
    assert environment.find_python(settings(tmp_path)) == on_path


def test_a_wrong_setting_is_an_error_that_names_it(tmp_path: Path) -> None:
    program(tmp_path / "bin" / "python3.10")
    with pytest.raises(environment.CannotBuild, match="STADTBOTE_PYTHON310=") as caught:
        environment.find_python(settings(tmp_path, STADTBOTE_PYTHON310=sys.executable))
    assert caught.value.status == 3


def test_a_shim_without_a_python_behind_it_is_passed_over(tmp_path: Path) -> None:
    program(tmp_path / "bin" / "python3.10", status=127)
    for version in ("3.10.2", "3.10.13", "3.9.1", "3.11.7"):
        program(tmp_path / "home" / ".pyenv" / "versions" / version / "bin" / "python")
    found = environment.find_python(settings(tmp_path))
    assert found is not None
    assert "3.10.13" in str(found), "the newest of pyenv's"
    elsewhere = program(tmp_path / "root" / "versions" / "3.10.1" / "bin" / "python")
    assert environment.find_python(settings(tmp_path, PYENV_ROOT=str(tmp_path / "root"))) == elsewhere


def test_another_version_is_no_python_310() -> None:
    assert environment.works(sys.executable) is None
    assert environment.works("/no/such/python") is None


def test_without_any_the_ways_to_get_one_are_named_and_the_status_is_3(tmp_path: Path) -> None:
    # This uv installs nothing and finds nothing, as on a machine without network.
    program(tmp_path / "bin" / "uv", says="no", status=2)
    done = subprocess.run(
        [sys.executable, str(RASA_DIR / "environment.py"), "--venv", str(tmp_path / "venv")],
        env=settings(tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 3
    for way in ("python3.10", "STADTBOTE_PYTHON310", "STADTBOTE_NLU_URL=off"):
        assert way in done.stderr
    assert "Traceback" not in done.stderr


UV = """#!/bin/sh
echo "$@" >> {log}
case "$1" in
  venv) shift; for place; do :; done; mkdir -p "$place/bin"; cp {python} "$place/bin/python";;
  pip) test ! -e {broken};;
esac
"""


def test_an_environment_is_made_once_and_again_when_the_lock_changes(tmp_path: Path) -> None:
    python = program(tmp_path / "bin" / "python3.10")
    log, broken = tmp_path / "log", tmp_path / "broken"
    uv = tmp_path / "bin" / "uv"
    uv.write_text(UV.format(log=log, python=python, broken=broken))
    uv.chmod(0o755)
    lock, venv = tmp_path / "requirements.txt", tmp_path / "venv"
    lock.write_text("rasa==3.6.21\n")
    env = settings(tmp_path, PATH=f"{tmp_path / 'bin'}:/usr/bin:/bin")

    def build() -> list[str]:
        log.write_text("")
        environment.build(venv, tmp_path / "tools", lock, env)
        return [line.split()[0] for line in log.read_text().splitlines()]

    broken.touch()
    with pytest.raises(environment.CannotBuild, match="installing"):
        build()
    assert not environment.is_done(venv, lock)
    broken.unlink()
    assert build() == ["pip"], "what was done is not done again"
    assert environment.is_done(venv, lock)
    assert build() == []
    lock.write_text("rasa==3.6.21\nnumpy==1.22.3\n")
    assert build() == ["pip"]


def test_the_lock_pins_everything_and_names_no_place() -> None:
    lines = [line for line in environment.LOCK.read_text().splitlines() if line and not line.startswith("#")]
    assert all("==" in line for line in lines)
    assert not any("://" in line or line.startswith("-") for line in lines)
    pinned = dict(line.split(" ;")[0].strip().split("==") for line in lines)
    assert (pinned["rasa"], pinned["setuptools"]) == ("3.6.21", "70.3.0")

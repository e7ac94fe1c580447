"""A job's process learns what it needs and no channel's secret; what it lacks it says."""

import os
import subprocess
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.jobs.runner import COMMAND
from bot.jobs.surroundings import READ, Withheld, environment, given
from bot.settings import PREFIX, Settings, read
from faq.jobs import Job, Jobs
from faq.schema import open_database
from tests.jobs.test_runner import latest, play, script, until

SECRET = "123456:geheim"
CHANNELS = ("telegram", "whatsapp")


def names() -> dict[str, str]:
    """Every setting, each with a value that tells it."""
    return {PREFIX + one.name.upper(): f"value of {one.name}" for one in fields(Settings)}


def test_of_the_settings_a_job_gets_those_that_jobs_read() -> None:
    found = environment(names() | {"PATH": "/bin", "LC_ALL": "C", "DEMO_CLERK": SECRET, "AWS_KEY": SECRET})
    assert (found["PATH"], found["LC_ALL"]) == ("/bin", "C")
    assert {name for name, value in found.items() if value and name.startswith(PREFIX)} == {
        PREFIX + name.upper() for name in READ
    }
    assert SECRET not in found.values()
    assert not [name for name in READ if name.startswith(CHANNELS)]
    secret = {one.name for one in fields(Settings) if one.metadata["secret"]}
    assert secret & READ == {"database_url"}, "a job works on the database, and with no other secret"


def test_what_is_withheld_is_not_read_from_the_file_either(tmp_path: Path) -> None:
    lines = ("TELEGRAM_MODE=webhook", f"TELEGRAM_TOKEN={SECRET}", "TELEGRAM_SECRET=" + "s" * 20, "ENCODER=off")
    (tmp_path / ".env").write_text("".join(f"{PREFIX}{line}\n" for line in lines), "utf-8")
    found = read(environment({}), tmp_path)
    assert (found.telegram_token, found.telegram_mode, found.encoder) == ("", "polling", "off")


def test_a_job_that_reads_what_it_was_not_given_says_so() -> None:
    settings = given(replace(Settings(), home=Path("/town"), telegram_token=SECRET))
    assert settings.database == "sqlite:////town/stadtbote.sqlite"
    with pytest.raises(Withheld, match=r"not given STADTBOTE_TELEGRAM_TOKEN.*surroundings\.READ"):
        _ = settings.telegram_token
    with pytest.raises(Withheld, match="ATTACHMENT_FOLDER"):
        _ = settings.files


def test_a_channels_secret_does_not_reach_a_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PREFIX + "TELEGRAM_TOKEN", SECRET)
    monkeypatch.setenv("SOMEBODYS_PASSWORD", SECRET)
    monkeypatch.setenv(PREFIX + "HOME", str(tmp_path))
    engine = open_database(f"sqlite:///{tmp_path}/town.sqlite")
    jobs = Jobs(engine)
    jobs.enqueue("prove", "r1", "kim")

    async def scene() -> None:
        await until(lambda: not latest(jobs).open)

    play(jobs, script(tmp_path, "jobs.done(job, dict(os.environ))"), scene)
    found = latest(jobs).result
    engine.dispose()
    assert SECRET not in found.values()
    assert found[PREFIX + "HOME"] == str(tmp_path)
    assert found["PATH"] == os.environ["PATH"]


def test_a_job_runs_with_what_it_gets(tmp_path: Path) -> None:
    """The real program, where the file of the settings names a channel by halves."""
    (tmp_path / ".env").write_text(f"{PREFIX}TELEGRAM_MODE=webhook\n{PREFIX}HOME=home\n", "utf-8")
    (tmp_path / "home").mkdir()
    engine = open_database(f"sqlite:///{tmp_path}/home/stadtbote.sqlite")
    jobs = Jobs(engine)
    jobs.enqueue("lint", "corpus", "kim")
    job = claimed(jobs)
    ours = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    done = subprocess.run(
        [*COMMAND, str(job.id), str(job.turn)],
        env=environment(ours | {PREFIX + "TELEGRAM_TOKEN": SECRET}),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    ended = jobs.get(job.id)
    engine.dispose()
    assert ended
    assert (ended.state, ended.result["entries"]) == ("done", 0)


def claimed(jobs: Jobs) -> Job:
    job = jobs.claim("w1", timedelta(minutes=5), ["lint"])
    assert job
    return job

"""Which models the supervisor serves: what releases want, two at once, whatever falls meanwhile."""

import os
import signal
import socket
from pathlib import Path

from bot.supervisor.understanding import TRY_AGAIN
from tests.taught.house import Machine, machine


def pid(machine: Machine, name: str) -> int:
    process = machine.models.child(name).process
    assert process
    return process.pid


async def test_two_models_are_served_and_a_third_takes_the_place_of_what_nobody_wants(tmp_path: Path) -> None:
    async with machine(tmp_path) as here:
        await here.serve("")
        assert await here.said("") == ("greet", "rasa")
        assert (await here.said("new"))[1] == "keywords"
        here.model("").unlink()  # somebody tidied the cache
        first = pid(here, "")
        await here.serve("", "new")
        assert await here.said("new") == ("thanks", "rasa")
        assert await here.said("") == ("greet", "rasa")
        assert pid(here, "") == first, "the old one answers on"
        await here.serve("new", "newer")
        assert (await here.said("newer"), (await here.said(""))[1]) == (("thanks", "rasa"), "keywords")
        assert len(here.supervisor.children) == 2
        assert {child.kind for child in here.supervisor.children} == {"rasa"}
        assert here.trained == ["", "new", "newer"]
        assert not here.model("").exists(), "an empty file would be taken for a model at the next start"


async def test_a_model_that_dies_while_it_loads_is_tried_again_and_the_old_one_answers_on(tmp_path: Path) -> None:
    async with machine(tmp_path) as here:
        await here.serve("")
        sick = Path(f"{here.model('new')}.sick")
        sick.touch()
        await here.until(["", "new"], lambda: here.steps().get("new") == "starting")
        dead = pid(here, "new")
        os.kill(dead, signal.SIGKILL)
        await here.until(["", "new"], lambda: pid(here, "new") != dead)
        assert here.steps() == {"": "serving", "new": "starting"}
        assert not here.nlu.serves("new")
        assert await here.said("") == ("greet", "rasa")
        sick.unlink()
        await here.serve("", "new")
        os.kill(pid(here, "new"), signal.SIGKILL)
        await here.until(["", "new"], lambda: here.steps()["new"] == "starting")
        await here.serve("", "new")


async def test_the_next_one_waits_until_the_first_answers(tmp_path: Path) -> None:
    async with machine(tmp_path) as here:
        sick = Path(f"{here.model('')}.sick")
        sick.touch()
        await here.until(["", "new"], lambda: here.steps().get("") == "starting")
        for _ in range(3):
            await here.models.keep(["", "new"])
        assert (here.steps(), here.trained) == ({"": "starting"}, [""])
        sick.unlink()
        await here.serve("", "new")


async def test_a_training_that_fails_is_told_and_tried_again_and_keeps_nobody_else(
    tmp_path: Path,
) -> None:
    async with machine(tmp_path) as here:
        here.broken = {"", "new"}
        await here.until(["", "new"], lambda: set(here.steps().values()) == {"failed"})
        assert set(here.steps()) == {"", "new"}
        assert here.models.stands["new"].said == "no space left"
        before = list(here.trained)
        await here.models.keep(["", "new"])
        assert here.trained == before, "not at once"
        here.broken = set()
        here.now += TRY_AGAIN + 1
        await here.until(["", "new"], lambda: set(here.steps().values()) == {"serving"})


async def test_a_supervisor_that_is_started_again_goes_on_where_the_one_before_was(tmp_path: Path) -> None:
    async with machine(tmp_path) as here:
        await here.serve("")
        await here.models.keep(["", "new"])
    async with machine(tmp_path) as here:
        await here.serve("", "new")
        assert await here.said("new") == ("thanks", "rasa")


async def test_nobody_else_gets_a_port_to_which_workers_show_the_token(tmp_path: Path) -> None:
    async with machine(tmp_path) as here:
        await here.serve("")
        await here.serve("", "new")
        await here.serve("")
        await here.until([""], lambda: not free(here.places[1].port))
        assert not free(here.places[0].port)


def free(port: int) -> bool:
    """Could a stranger listen there?"""
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            stranger.bind(("127.0.0.1", port))
            stranger.listen()
        except OSError:
            return False
        return True

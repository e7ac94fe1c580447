"""Sockets handed down by systemd, as sd_listen_fds(3) says."""

import asyncio
import os
import shutil
import socket
import sys
from contextlib import closing

import aiohttp
import pytest

from bot.processes.sockets import bound, inherited, told


@pytest.mark.slow
async def test_a_socket_of_systemd_is_served() -> None:
    bash = shutil.which("bash")
    assert bash
    with closing(bound("127.0.0.1", 0)) as listening:
        listening.listen()
        number, port = listening.fileno(), listening.getsockname()[1]
        # systemd gives the first descriptor the number 3 and names the process that it is meant for
        words = f"LISTEN_PID=$$ LISTEN_FDS=1 exec {sys.executable} -m tests.processes.greeter 1 3<&{number}"
        process = await asyncio.create_subprocess_exec(bash, "-c", words, pass_fds=(number,))
        try:
            async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/") as answer:
                assert await answer.text() == "hello"
        finally:
            process.terminate()
            assert await process.wait() == 0


def test_what_is_meant_for_another_process_is_not_taken() -> None:
    assert inherited({"LISTEN_PID": str(os.getpid() + 1), "LISTEN_FDS": "1"}) == {}
    assert inherited({}) == {}


def test_both_sockets_by_their_names() -> None:
    with closing(bound("127.0.0.1", 0)) as chat, closing(bound("127.0.0.1", 0)) as console:
        names = {"chat": socket.socket(fileno=os.dup(chat.fileno())), "console": console}
        found = inherited(told(names))
        assert {name: one.getsockname() for name, one in found.items()} == {
            "chat": chat.getsockname(),
            "console": console.getsockname(),
        }
        names["chat"].detach()
        for one in found.values():
            one.detach() if one.fileno() == console.fileno() else one.close()

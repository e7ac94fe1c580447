"""Ports that are given are free, and stay out of the way of what the system gives to outgoing connections."""

import random
import socket
from contextlib import ExitStack

import pytest

from bot import ports
from bot.ports import END, LOWEST, free_port, free_ports


def test_they_can_be_listened_on_all_at_once_with_what_is_beside_them() -> None:
    with ExitStack() as held:
        for port in free_ports(20, 1, 2):
            one = held.enter_context(socket.socket())
            one.bind(("127.0.0.1", port))
            assert port >= LOWEST
            assert port + 2 < END


def test_processes_with_the_same_seed_do_not_meet() -> None:
    random.seed(0)
    first = free_ports(4)
    random.seed(0)
    assert free_ports(4) != first


def test_a_taken_neighbour_is_seen_and_a_full_machine_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port := free_port()))
        monkeypatch.setattr(ports, "LOWEST", port - 1)
        monkeypatch.setattr(ports, "END", port + 1)
        with pytest.raises(OSError, match="no free port"):
            free_port(1)

"""Telling whoever started us how far we are: the datagrams of sd_notify(3), which `up` and systemd both read."""

import logging
import os
import socket

log = logging.getLogger(__name__)
READY, STOPPING = "READY=1", "STOPPING=1"
NAMED = "X_STADTBOTE_PROCESS="  # systemd ignores fields that begin with X_


def tell(state: str, process: str = "") -> None:
    """Say it, with the name of our process; nobody may be listening."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            out.connect(address)
            out.send(f"{state}\n{NAMED}{process}".encode())
    except OSError as error:
        log.warning("whoever started us does not listen", extra={"kind": error.strerror})


def heard(datagram: bytes) -> str:
    """The process that says it is ready; "" for anything else."""
    lines = datagram.decode("utf-8", "replace").splitlines()
    names = [line.removeprefix(NAMED) for line in lines if line.startswith(NAMED)]
    return names[0] if READY in lines and names else ""

"""Serves one trained model over HTTP, on this machine alone unless told otherwise. Run by Rasa's Python.

Told by the environment: STADTBOTE_RASA_MODEL, path of the model archive; STADTBOTE_RASA_PORT; STADTBOTE_RASA_TOKEN, at
least 16 characters; STADTBOTE_RASA_HOST, only in a container with an internal network: elsewhere nobody outside may
reach the port, because who reaches it and learns the token may replace the model.
"""

import os
import sys
import tempfile
import warnings
from pathlib import Path

HOST = "127.0.0.1"
SHORTEST_TOKEN = 16


def main() -> None:
    """Fills the command line from the environment: written there, every user of the machine could read the token."""
    model = Path(os.environ.get("STADTBOTE_RASA_MODEL", "")).absolute()
    token = os.environ.pop("STADTBOTE_RASA_TOKEN", "")
    host, port = os.environ.get("STADTBOTE_RASA_HOST", HOST), int(os.environ.get("STADTBOTE_RASA_PORT", "0"))
    if not model.is_file():
        # Rasa would silently serve any other model that lies in ./models.
        sys.exit(f"STADTBOTE_RASA_MODEL={model} is not a file: train a model first.")
    if len(token) < SHORTEST_TOKEN:
        sys.exit(f"STADTBOTE_RASA_TOKEN must have at least {SHORTEST_TOKEN} characters.")
    # An empty folder, so that no endpoints.yml or credentials.yml of the place we were started in is read.
    os.chdir(tempfile.mkdtemp(prefix="stadtbote-rasa-"))
    sys.argv = ["rasa", "run", "--enable-api", "-m", str(model), "-i", host, "-p", str(port), "--auth-token", token]
    # What Rasa's libraries find deprecated in each other fills pages and is nothing a town could change.
    warnings.showwarning = lambda *_args, **_more: None
    from rasa.__main__ import main as rasa

    rasa()


if __name__ == "__main__":
    main()

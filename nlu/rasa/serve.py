"""Serves one trained model over HTTP, on this machine alone unless told otherwise. Run by Rasa's Python.

Told by the environment: STADTBOTE_RASA_MODEL, path of the model archive; STADTBOTE_RASA_PORT; STADTBOTE_RASA_TOKEN, at
least 16 characters; STADTBOTE_RASA_TAUGHT, the name of the examples that editors added to what ships, as
`stadtbote nlu train` tells it, or nothing: every answer bears it, so that who asks knows whom; STADTBOTE_RASA_HOST,
only in a container with an internal network: elsewhere nobody outside may reach the port, because who reaches it and
learns the token may replace the model.
"""

import logging
import os
import sys
import tempfile
import warnings
from functools import partial
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"
SHORTEST_TOKEN = 16
TAUGHT_HEADER = "x-stadtbote-taught"  # nlu/process.py reads it


def main() -> None:
    """Everything but the environment is fixed: a command line could be read by every user of the machine."""
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
    # What Rasa's libraries find deprecated in each other fills pages and is nothing a town could change.
    warnings.showwarning = lambda *_args, **_more: None
    serve(model, host, port, token, os.environ.get("STADTBOTE_RASA_TAUGHT", ""))


def serve(model: Path, host: str, port: int, token: str, taught: str) -> None:
    """Rasa's own server with its API and no channel: understanding is all that is asked of it."""
    from rasa.core.run import close_resources, configure_app, load_agent_on_start
    from rasa.core.utils import AvailableEndpoints
    from rasa.utils.common import configure_logging_and_warnings, update_sanic_log_level
    from rasa.utils.log_utils import configure_structlog
    from stadtbote_meaning import HEADER, arrived

    configure_logging_and_warnings(logging.INFO)
    configure_structlog(logging.INFO)  # below that Rasa writes down what citizens say
    app = configure_app(enable_api=True, auth_token=token, port=port, cors=None)

    async def keep_meaning(request: Any) -> None:
        arrived(request.headers.get(HEADER))

    async def say_taught(_request: Any, response: Any) -> None:
        response.headers[TAUGHT_HEADER] = taught

    # Sanic runs this and the handler in one task, and Rasa its graph within the handler: one context.
    app.register_middleware(keep_meaning, "request")
    app.register_middleware(say_taught, "response")
    app.register_listener(partial(load_agent_on_start, str(model), AvailableEndpoints(), None), "before_server_start")
    app.register_listener(close_resources, "after_server_stop")
    update_sanic_log_level()
    app.run(host=host, port=port, workers=1, access_log=False)


if __name__ == "__main__":
    main()

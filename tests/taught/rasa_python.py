"""Plays Rasa's Python under the supervisor: serves what it is told to by the environment, as serve.py does."""

import json
import os
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

TAUGHT, TOKEN = os.environ["STADTBOTE_RASA_TAUGHT"], os.environ["STADTBOTE_RASA_TOKEN"]
SICK = Path(os.environ["STADTBOTE_RASA_MODEL"] + ".sick")  # while it is there, the model answers nobody


class Handler(BaseHTTPRequestHandler):
    """POST /model/parse: the intent is the word behind the last space of the model's name, or greet."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        token = parse_qs(urlsplit(self.path).query).get("token")
        status = 401 if token != [TOKEN] else 503 if SICK.exists() else 200
        intent = {"name": "thanks" if TAUGHT else "greet", "confidence": 0.9}
        body = json.dumps({"text": "", "intent": intent, "intent_ranking": [intent], "entities": []}).encode()
        self.send_response(status)
        self.send_header("x-stadtbote-taught", TAUGHT)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""


HTTPServer(("127.0.0.1", int(os.environ["STADTBOTE_RASA_PORT"])), Handler).serve_forever()

"""How the Bot API is spoken: parameters in four encodings, answers in one envelope, keyboards checked."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from .ledger import Button, File

Json = dict[str, Any]
MAX_BUTTONS = 100
CALLBACK_BYTES = 64


class ApiError(Exception):
    """Telegram refuses a call: HTTP status, description and, for 429, when to come back."""

    def __init__(self, status: int, description: str, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.retry_after = retry_after

    def json(self) -> Json:
        """The envelope of a refusal."""
        body: Json = {"ok": False, "error_code": self.status, "description": self.description}
        if self.retry_after is not None:
            body["parameters"] = {"retry_after": self.retry_after}
        return body


def bad_request(reason: str) -> ApiError:
    """400 in Telegram's wording."""
    return ApiError(400, f"Bad Request: {reason}")


def throttled(seconds: int) -> ApiError:
    """429 in Telegram's wording."""
    return ApiError(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


@dataclass
class Params:
    """Parameters of a call, however they were encoded; forms carry nested values as JSON text."""

    values: Mapping[str, Any]
    files: Mapping[str, File] = field(default_factory=dict)

    def text(self, name: str, default: str = "") -> str:
        """As text."""
        value = self.values.get(name)
        return default if value is None else value if isinstance(value, str) else json.dumps(value)

    def number(self, name: str, default: int = 0) -> int:
        """As a whole number; 400 if it is none."""
        value = self.values.get(name)
        if value in (None, ""):
            return default
        try:
            return int(float(str(value)))
        except ValueError:
            raise bad_request(f"parameter {name} must be a number") from None

    def flag(self, name: str) -> bool:
        """As true or false."""
        return str(self.values.get(name, "")).casefold() in ("true", "1", "yes")

    def json(self, name: str) -> Any:
        """A nested value; None when absent, 400 when it is not JSON."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from None


async def read_params(request: web.Request) -> Params:
    """Parameters from query, form, multipart or JSON body."""
    values: Json = dict(request.query)
    files: dict[str, File] = {}
    if request.content_type == "application/json":
        try:
            body = await request.json()
        except ValueError:
            raise bad_request("can't parse JSON object") from None
        if not isinstance(body, dict):
            raise bad_request("can't parse JSON object")
        values |= body
    elif request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                files[name] = File(value.filename, value.content_type, value.file.read())
            else:
                values[name] = value if isinstance(value, str) else bytes(value).decode()
    return Params(values, files)


def check_keyboard(markup: Any) -> tuple[Button, ...]:
    """The buttons of an inline keyboard, row by row; refusals as at Telegram."""
    if markup is None:
        return ()
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if markup.get("remove_keyboard") or markup.get("force_reply"):
        return ()
    rows = markup.get("inline_keyboard")
    if rows is None:
        raise bad_request("the simulator knows inline keyboards only")
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    buttons = tuple(_check_button(button) for row in rows for button in row)
    if len(buttons) > MAX_BUTTONS:
        raise bad_request("reply markup is too long")
    return buttons


def _check_button(button: Any) -> Button:
    if not isinstance(button, dict):
        raise bad_request("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    label, data, url = button.get("text"), button.get("callback_data"), button.get("url")
    if not isinstance(label, str):
        raise bad_request("can't parse inline keyboard button: Can't find field \"text\"")
    if not label.strip():
        raise bad_request("inline keyboard button text must be non-empty")
    if data is None and url is None:
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if data is not None and not 1 <= len(str(data).encode()) <= CALLBACK_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    if url is not None and "://" not in str(url):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    return Button(label, "" if data is None else str(data), url="" if url is None else str(url))

"""What Meta accepts as a message, checked before anything is sent; refusals in its words and codes.

Limits from the Cloud API's message reference and interactive list and reply button pages (v25).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .ledger import Button

Json = dict[str, Any]
MAX_TEXT = 4096
MAX_BUTTON_BODY = 1024
MAX_LIST_BODY = 4096
MAX_SMALL = 60  # header and footer
MAX_CAPTION = 1024


class GraphError(Exception):
    """Meta refuses a call: HTTP status, code, title and details."""

    def __init__(self, status: int, code: int, title: str, details: str = "") -> None:
        super().__init__(details or title)
        self.status = status
        self.code = code
        self.title = title
        self.details = details

    def json(self) -> Json:
        """The envelope of a refusal."""
        error: Json = {
            "message": f"(#{self.code}) {self.title}",
            "type": "OAuthException",
            "code": self.code,
            "fbtrace_id": "A" + format(self.code, "x").rjust(22, "0"),
        }
        if self.details:
            error["error_data"] = {"messaging_product": "whatsapp", "details": self.details}
        return {"error": error}


def invalid(details: str) -> GraphError:
    """100: a parameter is missing, too long or of the wrong kind."""
    return GraphError(400, 100, "Invalid parameter", details)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message that passed; `media` is an id or a link of `type` document, image, audio or video."""

    type: str
    text: str = ""
    header: str = ""
    footer: str = ""
    buttons: tuple[Button, ...] = ()
    menu: str = ""
    media: str = ""
    filename: str = ""
    template: str = ""


Templates = Mapping[tuple[str, str], str]
"""Approved bodies by name and language, with {{1}}, {{2}} … for parameters."""


def check_message(payload: Json, templates: Templates) -> Outgoing:
    """The message inside a POST to /messages; raises GraphError as Meta would."""
    kind = payload.get("type", "text")
    content = payload.get(kind) if isinstance(kind, str) else None
    if kind not in CHECKS and kind != "template":
        raise invalid(f'Param type must be one of {{{", ".join([*CHECKS, "template"])}}} - got "{kind}".')
    if not isinstance(content, dict):
        raise invalid(f"The parameter {kind} is required.")
    return _template(content, templates) if kind == "template" else CHECKS[kind](content)


def _words(container: Any, name: str, limit: int, where: str, *, required: bool = True) -> str:
    value = container.get(name) if isinstance(container, dict) else None
    if value is None and not required:
        return ""
    if not isinstance(value, str) or not value.strip():
        raise invalid(f"The parameter {where} is required.")
    if len(value) > limit:
        raise invalid(f"Param {where} must be at most {limit} characters long.")
    return value


def _text(content: Json) -> Outgoing:
    return Outgoing("text", text=_words(content, "body", MAX_TEXT, "text['body']"))


def _interactive(content: Json) -> Outgoing:
    kind, action = content.get("type"), content.get("action")
    if kind not in ("button", "list"):
        raise invalid("The simulator knows interactive messages of type button and list.")
    if not isinstance(action, dict):
        raise invalid("The parameter interactive['action'] is required.")
    limit = MAX_BUTTON_BODY if kind == "button" else MAX_LIST_BODY
    text = _words(content.get("body"), "text", limit, "interactive['body']['text']")
    header = content.get("header")
    if header is not None and header.get("type") != "text":
        raise invalid("The simulator knows interactive headers of type text.")
    shown = _words(header, "text", MAX_SMALL, "interactive['header']['text']") if header is not None else ""
    foot = content.get("footer")
    footer = _words(foot, "text", MAX_SMALL, "interactive['footer']['text']") if foot is not None else ""
    buttons, menu = _reply_buttons(action) if kind == "button" else _list_rows(action)
    for values, what in (([b.data for b in buttons], "id"), ([b.label for b in buttons], "title")):
        if len(set(values)) < len(values) and (what == "id" or kind == "button"):
            raise invalid(f"Duplicated {what} in interactive['action'].")
    return Outgoing("interactive", text, shown, footer, buttons, menu)


def _reply_buttons(action: Json) -> tuple[tuple[Button, ...], str]:
    buttons = action.get("buttons")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
        raise invalid("Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: 3")
    found = []
    for button in buttons:
        reply = button.get("reply") if isinstance(button, dict) else None
        if not isinstance(reply, dict) or button.get("type") != "reply":
            raise invalid("The parameter interactive['action']['buttons'][]['reply'] is required.")
        data = _words(reply, "id", 256, "reply['id']")
        if data != data.strip():
            raise invalid("Param reply['id'] must not begin or end with spaces.")
        found.append(Button(_words(reply, "title", 20, "reply['title']"), data))
    return tuple(found), ""


def _list_rows(action: Json) -> tuple[tuple[Button, ...], str]:
    menu = _words(action, "button", 20, "interactive['action']['button']")
    sections = action.get("sections")
    if not isinstance(sections, list) or not 1 <= len(sections) <= 10:
        raise invalid("Invalid sections count. Min allowed sections: 1, Max allowed sections: 10")
    found = []
    for section in sections:
        rows = section.get("rows") if isinstance(section, dict) else None
        if not isinstance(rows, list) or not rows:
            raise invalid("The parameter interactive['action']['sections'][]['rows'] is required.")
        _words(section, "title", 24, "sections[]['title']", required=len(sections) > 1)
        for row in rows:
            found.append(
                Button(
                    _words(row, "title", 24, "rows[]['title']"),
                    _words(row, "id", 200, "rows[]['id']"),
                    _words(row, "description", 72, "rows[]['description']", required=False),
                )
            )
    if len(found) > 10:
        raise invalid("Total row count exceeds max allowed count: 10")
    return tuple(found), menu


def _media(kind: str) -> Any:
    def check(content: Json) -> Outgoing:
        if bool(content.get("id")) == bool(content.get("link")):
            raise invalid(f"Exactly one of {kind}['id'] and {kind}['link'] is required.")
        caption = _words(content, "caption", MAX_CAPTION, f"{kind}['caption']", required=False)
        return Outgoing(
            kind,
            caption,
            media=str(content.get("id") or content.get("link")),
            filename=str(content.get("filename", "")),
        )

    return check


def _template(content: Json, templates: Templates) -> Outgoing:
    name = _words(content, "name", 512, "template['name']")
    language = _words(content.get("language"), "code", 15, "template['language']['code']")
    body = templates.get((name, language))
    if body is None:
        raise GraphError(
            404,
            132001,
            "Template name does not exist in the translation",
            f"template name ({name}) does not exist in {language}",
        )
    values: list[str] = []
    for component in content.get("components") or []:
        if isinstance(component, dict) and component.get("type") == "body":
            values += [str(p.get("text", "")) for p in component.get("parameters") or []]
    expected = len(set(re.findall(r"\{\{\d+\}\}", body)))
    if len(values) != expected:
        raise GraphError(
            400,
            132000,
            "Number of parameters does not match the expected number of params",
            f"body: number of localizable_params ({len(values)}) does not match "
            f"the expected number of params ({expected})",
        )
    if any(re.search(r"[\n\t]| {5}", value) for value in values):
        raise GraphError(
            400,
            132018,
            "There's an issue with the parameters in your template",
            "Param text cannot have new-line/tab characters or more than 4 consecutive spaces",
        )
    text = re.sub(r"\{\{(\d+)\}\}", lambda m: values[int(m.group(1)) - 1], body)
    return Outgoing("template", text, template=name)


CHECKS = {"text": _text, "interactive": _interactive, **{k: _media(k) for k in ("document", "image", "audio", "video")}}
"""How each type of message is checked; templates need the list of approved ones besides."""

"""The Bot API's methods, each with the checks and refusals of the real one."""

import inspect
from collections.abc import Callable
from typing import Any

from . import markup
from .ledger import Account, File
from .telegram_chats import MAX_TEXT, Chats
from .telegram_sending import Sending
from .telegram_wire import ApiError, Json, Params, bad_request, check_keyboard

CALLBACK_SECONDS = 60.0
"""How long a pressed button may go unanswered. Telegram documents no figure; a minute is generous."""
MAX_CAPTION = 1024
MAX_PHOTO, MAX_DOWNLOAD = 10 * 1024 * 1024, 20 * 1024 * 1024
ACTIONS = frozenset(
    {"typing", "upload_document", "upload_photo", "upload_video", "upload_voice", "upload_video_note"}
    | {"record_video", "record_voice", "record_video_note", "choose_sticker", "find_location"}
)


class BotApi(Sending):
    """Carries out calls of the bot on the citizens' chats."""

    def __init__(self, chats: Chats) -> None:
        super().__init__(chats)
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self.methods = {
            name.lower(): call
            for name, call in inspect.getmembers(self, inspect.ismethod)
            if not name.startswith("_") and name != "call"
        }

    async def call(self, method: str, params: Params) -> Any:
        """The result of a method; raises ApiError. Names are read without regard to case, as at Telegram."""
        found = self.methods.get(method.lower())
        if found is None:
            raise ApiError(404, "Not Found: method not found")
        result = found(params)
        return await result if inspect.isawaitable(result) else result

    def getMe(self, params: Params) -> Json:
        """Who the bot is."""
        return {
            **self._chats.bot(),
            "can_join_groups": False,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }

    async def getUpdates(self, params: Params) -> list[Json]:
        """Updates from an offset on, waiting for them if asked to."""
        limit = params.number("limit", 100)
        allowed = params.json("allowed_updates")
        return await self._chats.updates.poll(
            params.number("offset"), min(max(limit, 1), 100), min(params.number("timeout"), 50), allowed
        )

    def setWebhook(self, params: Params) -> bool:
        """Deliver updates there."""
        self._chats.updates.set_webhook(
            params.text("url"),
            params.text("secret_token"),
            min(max(params.number("max_connections", 40), 1), 100),
            params.json("allowed_updates"),
            params.flag("drop_pending_updates"),
        )
        return True

    def deleteWebhook(self, params: Params) -> bool:
        """Back to getUpdates."""
        self._chats.updates.delete_webhook(params.flag("drop_pending_updates"))
        return True

    def getWebhookInfo(self, params: Params) -> Json:
        """Where updates go, how many wait, what went wrong last."""
        return self._chats.updates.info()

    def sendMessage(self, params: Params) -> Json:
        """Text with an optional inline keyboard."""
        account = self._account(params)
        text, entities = self._text(params, "text", MAX_TEXT)
        if not text:
            raise bad_request("message text is empty")
        buttons = check_keyboard(params.json("reply_markup"))
        self._may_send(account)
        return self._show(account, params, {"text": text}, "entities", entities, text, buttons)

    def sendDocument(self, params: Params) -> Json:
        """A file with an optional caption."""
        account = self._account(params)
        name = params.text("document")
        key = name.removeprefix("attach://")
        file = params.files.get("document") or params.files.get(key) or self._chats.files.get(name)
        if file is None:
            raise bad_request("there is no document in the request")
        if not file.content:
            raise bad_request("file must be non-empty")
        about = {"file_name": file.name, "mime_type": file.media_type}
        return self._send_file(account, params, file, lambda one: {"document": {**one, **about}})

    def sendPhoto(self, params: Params) -> Json:
        """A picture with an optional caption; what is none is refused, as by Telegram."""
        account = self._account(params)
        name = params.text("photo")
        file = params.files.get("photo") or params.files.get(name.removeprefix("attach://"))
        if file is None:
            raise bad_request("there is no photo in the request")
        if not file.content.startswith((b"\xff\xd8\xff", b"\x89PNG", b"RIFF")) or len(file.content) > MAX_PHOTO:
            raise bad_request("IMAGE_PROCESS_FAILED")
        size = {"width": 800, "height": 600}
        return self._send_file(account, params, file, lambda one: {"photo": [{**one, **size}]})

    def _send_file(self, account: Account, params: Params, file: File, body: Callable[[Json], Json]) -> Json:
        caption, entities = self._text(params, "caption", MAX_CAPTION)
        buttons = check_keyboard(params.json("reply_markup"))
        self._may_send(account)
        file_id = f"sim-sent-{len(self._chats.files) + 1}"
        self._chats.files[file_id] = file
        content = body({"file_id": file_id, "file_unique_id": file_id, "file_size": len(file.content)})
        if caption:
            content["caption"] = caption
        return self._show(account, params, content, "caption_entities", entities, caption, buttons, file)

    def sendChatAction(self, params: Params) -> bool:
        """Show for five seconds that the bot is at work."""
        account = self._account(params)
        if params.text("action") not in ACTIONS:
            raise bad_request("wrong parameter action in request")
        self._not_blocked(account)
        account.typing_until = self._chats.clock.now() + 5
        self._chats.ledger.add(account, "typing", until=account.typing_until)
        return True

    def answerCallbackQuery(self, params: Params) -> bool:
        """Stop the spinner on a pressed button, perhaps with a toast."""
        waiting = self._chats.callbacks.pop(params.text("callback_query_id"), None)
        if waiting is None or waiting[1] < self._chats.clock.now() - CALLBACK_SECONDS:
            raise bad_request("query is too old and response timeout expired or query ID is invalid")
        text = params.text("text")
        if len(text) > 200:
            raise bad_request("MESSAGE_TOO_LONG")
        if text:
            waiting[0].notices.append(text)
        self._chats.ledger.add(waiting[0], "notice", params.text("callback_query_id"), text=text)
        return True

    def editMessageReplyMarkup(self, params: Params) -> Json:
        """Other buttons, or none, under a message that was sent."""
        account, seen, body = self._own_message(params)
        buttons = check_keyboard(params.json("reply_markup"))
        return self._changed(account, seen, body, params, buttons, seen.text, seen.html, seen.raw, {})

    def editMessageText(self, params: Params) -> Json:
        """Other words and other buttons."""
        account, seen, body = self._own_message(params)
        text, entities = self._text(params, "text", MAX_TEXT)
        if not text:
            raise bad_request("message text is empty")
        buttons = check_keyboard(params.json("reply_markup"))
        fields: Json = {"text": text, "entities": [e.json() for e in entities]}
        shown = markup.to_html(text, entities)
        return self._changed(account, seen, body, params, buttons, text, shown, params.text("text"), fields)

    def setMyCommands(self, params: Params) -> bool:
        """The menu of commands, per scope and language."""
        commands = params.json("commands")
        if not isinstance(commands, list) or len(commands) > 100:
            raise bad_request("can't parse commands")
        for command in commands:
            name = str(command.get("command", "")) if isinstance(command, dict) else ""
            if not (1 <= len(name) <= 32 and name.isascii() and name.replace("_", "a").isalnum() and name.islower()):
                raise bad_request("BOT_COMMAND_INVALID")
            if not 1 <= len(str(command.get("description", ""))) <= 256:
                raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
        self.commands[self._scope(params)] = commands
        return True

    def getMyCommands(self, params: Params) -> list[Json]:
        """The menu of commands as it was set."""
        return self.commands.get(self._scope(params), [])

    def deleteMyCommands(self, params: Params) -> bool:
        """No menu of commands."""
        self.commands.pop(self._scope(params), None)
        return True

    def getFile(self, params: Params) -> Json:
        """Where to fetch a file that a citizen sent."""
        file_id = params.text("file_id")
        file = self._chats.files.get(file_id)
        if file is None:
            raise bad_request("invalid file_id")
        if len(file.content) > MAX_DOWNLOAD:
            raise bad_request("file is too big")
        return {
            "file_id": file_id,
            "file_unique_id": file_id,
            "file_size": len(file.content),
            "file_path": f"files/{file_id}",
        }

    def _scope(self, params: Params) -> tuple[str, str]:
        scope = params.json("scope") or {}
        return str(scope.get("type", "default")), params.text("language_code")

"""A Cloud API server for one number: `<root>/<version>/<phone number id>/messages` and media.

Rules from Meta's reference for messages, media, webhooks and error codes; see each module.
"""

import asyncio
import hashlib
import random

from aiohttp import web

from . import markup
from .citizen import PATIENCE
from .clock import Clock
from .faults import Fault, cut
from .ledger import Account, File, Ledger, Seen
from .rates import Bucket, Rates
from .whatsapp_chats import WhatsAppChats, re_engagement
from .whatsapp_hooks import Element, Number
from .whatsapp_rules import GraphError, Json, Outgoing, check_message, invalid

MAX_MEDIA = 100 * 1024 * 1024
FREQUENT = "Message failed to send because there were too many messages sent from this phone number"


class WhatsApp(WhatsAppChats):
    """One number, its citizens, and the API it is driven by. `url` is the root for STADTBOTE_WHATSAPP_API_URL.

    `refuse_late`: what breaks the 24-hour window is accepted and fails by a status later, as Meta also does.
    """

    def __init__(
        self,
        clock: Clock,
        ledger: Ledger,
        rng: random.Random,
        rates: Rates,
        number: Number,
        token: str,
        app_secret: str,
        verify_token: str,
    ) -> None:
        super().__init__(clock, ledger, rng, rates, number, app_secret, verify_token)
        self.url = ""
        self.token = token
        self.refuse_late = False
        self._all = Bucket(rates.whatsapp_all, rates.whatsapp_all_burst)
        self._pairs: dict[str, Bucket] = {}

    def routes(self, root: str) -> list[web.RouteDef]:
        """Routes below `root`, e.g. "/whatsapp"."""
        version = root + r"/{version:v\d+\.\d+}"
        return [
            web.post(version + "/{number}/messages", self._messages),
            web.post(version + "/{number}/media", self._upload),
            web.get(version + r"/{media:\d+}", self._media_info),
            web.get(root + "/media/{media}", self._download),
        ]

    async def subscribe(self, url: str, *, verify: bool = True) -> None:
        """Deliver webhooks there, after the challenge was answered; raises VerificationFailed."""
        if verify:
            await self.hooks.verify(url)
        self.hooks.postman.aim(url)

    async def taken(self, timeout: float = PATIENCE) -> None:  # noqa: ASYNC109 - reads better in tests
        """Return once the webhook has taken everything with 2xx."""
        async with asyncio.timeout(timeout):
            while self.hooks.open:
                await self.hooks.signal.wait()

    async def close(self) -> None:
        """End deliveries."""
        await self.hooks.postman.close()

    async def _messages(self, request: web.Request) -> web.StreamResponse:
        kind, key = "messages", ""
        elements: list[Element] = []
        error: GraphError | None = None
        answer: Json = {}
        try:
            payload = await self._payload(request)
            kind = "read" if payload.get("status") == "read" else str(payload.get("type", "text"))
            account = self._recipient(payload, kind)
            key = account.key
            fault = self.faults.take(kind, key)
            if fault:
                await self._suffer(fault)
            answer, elements = self._read(account, payload) if kind == "read" else self._send(account, payload)
            error = _broken(fault) if fault and fault.after else None
        except GraphError as refusal:
            error = refusal
        if self.receipts.early and self.hooks.url:
            await self._tell_and_wait(elements)
            elements = []
        self.ledger.called(self.platform, kind, key, error.status if error else 200)
        if error and not error.status:
            response = cut(request)
        else:
            response = web.json_response(error.json() if error else answer, status=error.status if error else 200)
            await response.prepare(request)
            await response.write_eof()
        for element in elements:  # only now: the caller has its answer before the first status
            self.hooks.put([element])
        return response

    def _authorise(self, request: web.Request) -> None:
        if request.headers.get("Authorization", "") != f"Bearer {self.token}":
            raise GraphError(401, 190, "Invalid OAuth access token - Cannot parse access token")
        number = request.match_info.get("number", self.hooks.number.phone_number_id)
        if number != self.hooks.number.phone_number_id:
            raise GraphError(
                400, 100, f"Unsupported post request. Object with ID '{number}' does not exist", "Check the number's id"
            )

    async def _payload(self, request: web.Request) -> Json:
        self._authorise(request)
        try:
            payload = await request.json()
        except ValueError:
            raise invalid("The request body is not JSON.") from None
        if not isinstance(payload, dict) or payload.get("messaging_product") != "whatsapp":
            raise invalid("The parameter messaging_product is required.")
        return payload

    def _recipient(self, payload: Json, kind: str) -> Account:
        if kind == "read":
            wanted = str(payload.get("message_id", ""))
            if wanted not in self.senders:
                raise invalid("Param message_id is not the id of a message that was received.")
            return self.senders[wanted]
        to = str(payload.get("to") or "").lstrip("+").replace(" ", "")
        key = to or str(payload.get("recipient") or "")
        if not key:
            raise invalid("The parameter to is required.")
        if to and not to.isdigit():
            raise GraphError(400, 131009, "Parameter value is not valid", "Param to must be a phone number.")
        found = self.by_id.get(key)
        if found is None:
            raise GraphError(400, 131026, "Message undeliverable", "Message Undeliverable.")
        return found

    async def _suffer(self, fault: Fault) -> None:
        """What goes wrong before a call is carried out."""
        if fault.kind == "slow":
            await self.clock.sleep(fault.seconds)
        elif fault.kind == "throttle":
            raise GraphError(429, 130429, "Rate limit hit", f"{FREQUENT} in a short period of time.")
        elif not fault.after:
            raise _broken(fault)

    def _read(self, account: Account, payload: Json) -> tuple[Json, list[Element]]:
        for said in reversed(account.said):
            said.read = True
            if said.id == payload["message_id"]:
                break
        self.ledger.add(account, "status", str(payload["message_id"]), state="read")
        if payload.get("typing_indicator"):
            account.typing_until = self.clock.now() + 25
            self.ledger.add(account, "typing", until=account.typing_until)
        return {"success": True}, []

    def _throttle(self, account: Account) -> None:
        now = self.clock.now()
        pair = self._pairs.setdefault(account.key, Bucket(self.rates.whatsapp_pair, self.rates.whatsapp_pair_burst))
        if self._all.wait(now):
            raise GraphError(429, 130429, "Rate limit hit", f"{FREQUENT} in a short period of time.")
        if pair.wait(now):
            title = "(Business Account, Consumer Account) pair rate limit hit"
            raise GraphError(429, 131056, title, f"{FREQUENT} to the same phone number in a short period of time.")
        self._all.take()
        pair.take()

    def _send(self, account: Account, payload: Json) -> tuple[Json, list[Element]]:
        message = check_message(payload, self.templates)
        file = None
        if message.media and not message.media.startswith(("http://", "https://")):
            file = self.media.get(message.media)
            if file is None:
                raise GraphError(400, 131009, "Parameter value is not valid", "Media id does not exist.")
        self._throttle(account)
        late = message.type != "template" and not self.window(account)
        if late and not self.refuse_late:
            raise re_engagement()
        message_id = self.new_message_id()
        if not late and not account.blocked:
            self._show(account, message, message_id, file)
        by_phone = bool(payload.get("to"))
        contact = {"input": str(payload.get("to") or payload.get("recipient"))}
        contact |= {"wa_id": account.phone} if by_phone else {"user_id": account.user_id}
        answer: Json = {
            "messaging_product": "whatsapp",
            "contacts": [contact],
            "messages": [{"id": message_id, **({"message_status": "accepted"} if message.template else {})}],
        }
        return answer, self.statuses(account, message_id, late)

    def _show(self, account: Account, message: Outgoing, message_id: str, file: File | None) -> None:
        raw = f"*{message.header}*\n{message.text}" if message.header else message.text
        text, entities = markup.parse_marks(raw)
        if file and message.filename:
            file = File(message.filename, file.media_type, file.content)
        seen = Seen(
            id=message_id,
            at=self.clock.now(),
            seq=self.ledger.number(),
            text=text,
            html=markup.to_html(text, entities),
            raw=message.text,
            buttons=message.buttons,
            menu=message.menu,
            footer=message.footer,
            file=file or (File(message.filename or message.media, "", b"") if message.media else None),
            template=message.template,
        )
        account.seen.append(seen)
        account.typing_until = 0.0
        self.ledger.add(account, "seen", message_id, seq=seen.seq, text=text)

    async def _tell_and_wait(self, elements: list[Element]) -> None:
        for element in elements:
            arrived = asyncio.Event()
            self.hooks.put([element], arrived.set)
            if not self.hooks.holds("statuses"):
                await arrived.wait()

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        status = 200
        try:
            self._authorise(request)
            form = await request.post()
            file = form.get("file")
            if form.get("messaging_product") != "whatsapp":
                raise invalid("The parameter messaging_product is required.")
            if not isinstance(file, web.FileField):
                raise invalid("The parameter file is required.")
            fault = self.faults.take("media", "")
            if fault:
                await self._suffer(fault)
            media_id = str(2_000_000_000 + len(self.media))
            kind = str(form.get("type") or file.content_type)
            self.media[media_id] = File(file.filename, kind, file.file.read(MAX_MEDIA))
            if fault and fault.after:
                raise _broken(fault)
            body: Json = {"id": media_id}
        except GraphError as error:
            status, body = error.status, error.json()
        self.ledger.called(self.platform, "media", "", status)
        return web.json_response(body, status=status) if status else cut(request)

    async def _media_info(self, request: web.Request) -> web.Response:
        media_id = request.match_info["media"]
        try:
            self._authorise(request)
            file = self.media.get(media_id)
            if file is None:
                raise GraphError(400, 100, f"Unsupported get request. Object with ID '{media_id}' does not exist")
        except GraphError as error:
            return web.json_response(error.json(), status=error.status)
        return web.json_response(
            {
                "messaging_product": "whatsapp",
                "url": f"{self.url}/media/{media_id}",
                "mime_type": file.media_type,
                "sha256": hashlib.sha256(file.content).hexdigest(),
                "file_size": len(file.content),
                "id": media_id,
            }
        )

    async def _download(self, request: web.Request) -> web.Response:
        file = self.media.get(request.match_info["media"])
        if file is None or request.headers.get("Authorization", "") != f"Bearer {self.token}":
            return web.Response(status=404)
        return web.Response(body=file.content, headers={"Content-Type": file.media_type})


def _broken(fault: Fault) -> GraphError:
    """A cut connection is a status of 0."""
    if fault.kind == "cut":
        return GraphError(0, 0, "cut")
    if fault.status == 503:
        return GraphError(503, 2, "Service temporarily unavailable")
    return GraphError(fault.status, 1, "An unknown error has occurred")

"""Meta's webhooks: elements put into bodies, signed over the raw bytes, delivered at least once in any order."""

import hashlib
import hmac
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import aiohttp

from .clock import Clock, Signal
from .faults import reordered
from .postman import Parcel, Postman, nothing
from .whatsapp_rules import Json

Sort = Literal["messages", "statuses"]
PER_CHANGE = 2
PER_ENTRY = 2
PER_BODY = 200


@dataclass(frozen=True)
class Element:
    """One message or status, and the contact it is about."""

    sort: Sort
    citizen: str
    body: Json
    contact: Json
    taken: Callable[[], None] = nothing


@dataclass(frozen=True)
class Number:
    """The business's account and number, as webhooks name them."""

    business_id: str
    phone_number_id: str
    display_number: str


def sign(secret: str, raw: bytes) -> str:
    """The value of X-Hub-Signature-256."""
    return "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


def encode(body: Json) -> bytes:
    """JSON as Meta writes it: non-ASCII and slashes escaped, so that serialising it again gives other bytes."""
    return json.dumps(body, separators=(",", ":")).replace("/", "\\/").encode()


def body_of(elements: Sequence[Element], number: Number) -> Json:
    """One webhook body; several elements are spread over several changes and entries."""
    changes = []
    for start in range(0, len(elements), PER_CHANGE):
        chunk = elements[start : start + PER_CHANGE]
        value: Json = {
            "messaging_product": "whatsapp",
            "metadata": {
                "display_phone_number": number.display_number,
                "phone_number_id": number.phone_number_id,
            },
        }
        contacts: list[Json] = []
        for element in chunk:
            if element.contact and element.contact not in contacts:
                contacts.append(element.contact)
            value.setdefault(element.sort, []).append(element.body)
        if contacts:
            value["contacts"] = contacts
        changes.append({"value": value, "field": "messages"})
    entries = [
        {"id": number.business_id, "changes": changes[start : start + PER_ENTRY]}
        for start in range(0, len(changes), PER_ENTRY)
    ]
    return {"object": "whatsapp_business_account", "entry": entries}


class VerificationFailed(Exception):
    """The webhook did not answer the challenge as Meta wants it; str() says how."""


class Hooks:
    """The one webhook of the app.

    `repeats` (low, high): every body is delivered that many times, drawn by the seed; (2, 2) is always twice.
    """

    def __init__(self, clock: Clock, rng: random.Random, number: Number, app_secret: str, verify_token: str) -> None:
        self.repeats = (1, 1)
        self.number = number
        self.app_secret = app_secret
        self.verify_token = verify_token
        self.postman = Postman(clock, lambda attempts: min(2.0 ** (attempts - 1), 3600.0), in_order=False)
        self.signal = Signal()
        self._random = rng
        self._held: dict[Sort, list[Element]] = {}

    @property
    def url(self) -> str:
        """Where webhooks go; "" while none is subscribed: then they wait."""
        return self.postman.url

    async def verify(self, url: str, challenge: str = "1158201444") -> None:
        """Ask the webhook the question that Meta asks when it is entered; raises VerificationFailed."""
        query = {"hub.mode": "subscribe", "hub.verify_token": self.verify_token, "hub.challenge": challenge}
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session,
            session.get(url, params=query) as answer,
        ):
            text = await answer.text()
        if answer.status != 200 or text != challenge:
            raise VerificationFailed(f"HTTP {answer.status}; the body is not the challenge that was sent")

    def put(self, elements: Sequence[Element], arrived: Callable[[], None] = nothing) -> None:
        """Deliver these in one body, unless their sort is held back."""
        free = [e for e in elements if e.sort not in self._held]
        for element in elements:
            if element.sort in self._held:
                self._held[element.sort].append(element)
        if free:
            self.postman.put(self._parcel(free, arrived))

    def hold(self, *sorts: Sort) -> None:
        """Keep messages, statuses or (none named) both back until release()."""
        for sort in sorts or ("messages", "statuses"):
            self._held.setdefault(sort, [])

    def holds(self, sort: Sort) -> bool:
        """Whether that sort is being kept back."""
        return sort in self._held

    def release(self, order: str = "kept", *, batch: bool = False, scatter: bool = False) -> None:
        """Deliver what was held, in "kept", "reversed" or "shuffled" order; with `batch` in one body.

        With `scatter` the copies of all bodies come in a drawn order, not one after the other.
        """
        held = [element for elements in self._held.values() for element in elements]
        self._held.clear()
        held = reordered(held, order, self._random)
        size = PER_BODY if batch else 1
        parcels = [self._parcel(held[start : start + size]) for start in range(0, len(held), size)]
        if not scatter:
            for parcel in parcels:
                self.postman.put(parcel)
            return
        if self.postman.archive is not None:
            self.postman.archive += parcels
        self.postman.scatter(parcels, self._random)

    @property
    def open(self) -> int:
        """Bodies that the webhook has not taken, and elements held back."""
        return self.postman.waiting + sum(len(elements) for elements in self._held.values())

    def _parcel(self, elements: Sequence[Element], arrived: Callable[[], None] = nothing) -> Parcel:
        raw = encode(body_of(elements, self.number))

        def taken() -> None:
            arrived()
            for element in elements:
                element.taken()
            self.signal.fire()

        return Parcel(
            key=elements[0].citizen,
            body=raw,
            headers={"X-Hub-Signature-256": sign(self.app_secret, raw), "User-Agent": "facebookexternalua"},
            copies=self._random.randint(*self.repeats),
            arrived=taken,
        )

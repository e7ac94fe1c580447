"""A route of the web edge with its policy: one without a policy cannot be written."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Access(StrEnum):
    """Who may use a route."""

    PUBLIC = "public"  # anybody; guards itself (signature, visitor's cookie)
    SIGNED_IN = "signed_in"  # any account
    CLERK = "clerk"
    LEAD = "lead"
    EDITOR = "editor"
    FIGURES = "figures"  # whoever keeps the corpus, leads a team, or audits
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Route:
    """One method and path. `largest`: bytes of a request's body, where it may be more than elsewhere."""

    method: str
    path: str
    handler: Handler
    access: Access
    largest: int = 0

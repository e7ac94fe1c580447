"""Telegram and WhatsApp as the product meets them, with citizens on the other end. It plays the outside world.

It imports nothing of the product, which is configured to talk to it as to the real platforms.
"""

from .citizen import Citizen, NoSuchButton, NotRead
from .clock import Clock, ManualClock, SystemClock
from .faults import LOST_RESPONSE, Fault
from .ledger import Account, Button, Call, File, Ledger, Record, Said, Seen
from .rates import UNLIMITED, Rates
from .server import Simulator, run
from .whatsapp_chats import Receipts
from .whatsapp_hooks import VerificationFailed

__all__ = [
    "LOST_RESPONSE",
    "UNLIMITED",
    "Account",
    "Button",
    "Call",
    "Citizen",
    "Clock",
    "Fault",
    "File",
    "Ledger",
    "ManualClock",
    "NoSuchButton",
    "NotRead",
    "Rates",
    "Receipts",
    "Record",
    "Said",
    "Seen",
    "Simulator",
    "SystemClock",
    "VerificationFailed",
    "run",
]

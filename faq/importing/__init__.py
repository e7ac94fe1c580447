"""Many entries at once: what an import would do, told before anything is written, and then done in one transaction."""

from faq.importing.keep import Kept, take_in
from faq.importing.plan import Change, Differs, Plan, plan

__all__ = ["Change", "Differs", "Kept", "Plan", "plan", "take_in"]

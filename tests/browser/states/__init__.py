"""Every page and state that people see, as one table: what is looked at for barriers, and photographed for people."""

from tests.browser.states.arriving import FIRST_MORNING, SIGN_IN
from tests.browser.states.citizens import CHAT, SIMULATOR
from tests.browser.states.desk import DESK, INBOX
from tests.browser.states.editing import FAQ, GAPS, LINT, WHY_NOT
from tests.browser.states.imports import IMPORTS, NUMBERS, TAUGHT
from tests.browser.states.releases import RELEASES
from tests.browser.states.settings import SETTINGS

STATES = (
    *SIGN_IN,
    *FIRST_MORNING,
    *INBOX,
    *DESK,
    *LINT,
    *WHY_NOT,
    *FAQ,
    *GAPS,
    *IMPORTS,
    *NUMBERS,
    *RELEASES,
    *TAUGHT,
    *SETTINGS,
    *CHAT,
    *SIMULATOR,
)

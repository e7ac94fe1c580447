"""What the simulated accounts are called unless a test says otherwise. Give the product the same words.

None of these opens anything outside the simulator.
"""

TELEGRAM_TOKEN = "4711:simulator-token-of-lindenfurt"  # noqa: S105 - opens only the simulator
TELEGRAM_SECRET = "simulator-webhook-secret-of-lindenfurt"  # noqa: S105 - opens only the simulator
TELEGRAM_BOT_NAME = "Stadtbote"
TELEGRAM_BOT_USERNAME = "stadtbote_lindenfurt_bot"

WHATSAPP_PHONE_NUMBER_ID = "106540352242922"
WHATSAPP_TOKEN = "simulator-whatsapp-token-of-lindenfurt"  # noqa: S105 - opens only the simulator
WHATSAPP_APP_SECRET = "simulator-whatsapp-app-secret-of-lindenfurt"  # noqa: S105 - opens only the simulator
WHATSAPP_VERIFY_TOKEN = "simulator-verify-token"  # noqa: S105 - opens only the simulator
WHATSAPP_BUSINESS_ID = "102290129340398"
WHATSAPP_DISPLAY_NUMBER = "4930555000"

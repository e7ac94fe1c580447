"""Generous limits: a busy machine may be slow, a test only says what happens in the end."""

from playwright.async_api import expect

from tests.browser.chromium import PATIENCE

expect.set_options(timeout=PATIENCE)

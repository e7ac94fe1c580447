"""Generous limits: a busy machine may be slow, a test only says what happens in the end."""

from playwright.async_api import expect

expect.set_options(timeout=90_000)

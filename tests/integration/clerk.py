"""Staff for the tests: accounts made as an administrator makes them, signed in at the console as people do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.people.staff import Staff
from tests.integration.product import Product


@asynccontextmanager
async def signed_in(running: Product, name: str, role: str, display_name: str) -> AsyncIterator[Staff]:
    """A new member of the staff, at work until the end of the block."""
    password = f"{name} sitzt am Schalter 4"
    await running.users_add(name, role, password, display_name)
    staff = Staff(running.url)
    try:
        await staff.sign_in(name, password)
        yield staff
    finally:
        await staff.close()

"""Links in entries: found, looked at without ever touching an address of our own network, and what came of it."""

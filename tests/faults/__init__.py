"""The fault kit: what breaks processes, connections, platforms and power, and what must hold all the same."""

"""The editors' pages on gaps: what citizens asked in vain, and what becomes of it."""

"""Offices and places: what a citizen asks about them, which one is meant, and the answer from the working calendar."""

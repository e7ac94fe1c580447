"""How a text is written: its sentences, its syllables, and what makes them hard to read."""

"""The bench: open-loop load through the real edge, and what it costs. `make bench`; see docs/bench.md."""

"""What a process counts and measures, for Prometheus: numbers and a few fixed words, never a citizen's."""

"""Everything that an installation holds in one file, taken while it runs, and put back."""

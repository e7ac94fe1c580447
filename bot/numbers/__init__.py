"""Figures made of facts: what each counts, over which days, split by what. Defined in texts/<language>/numbers.yml."""

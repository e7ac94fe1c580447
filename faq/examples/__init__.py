"""Examples that editors add to those that ship: immutable documents, one of which a release names."""

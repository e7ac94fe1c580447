"""The editor's desk beside the catalogue: what is typed and not saved, and what lists show."""

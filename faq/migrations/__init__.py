"""What changes the tables of an older Stadtbote: one file a step, never edited once it was released.

A step only adds (columns with a default, tables, indexes): while processes are replaced one by one, those of the
version before still read and write.
"""


class ForeignTable(Exception):
    """A table of that name is there and is not ours; the message is its name."""

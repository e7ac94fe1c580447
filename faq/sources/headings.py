"""Headings of Markdown, read line by line: in one pass, however long a line is and whatever fills it."""

_BLANK = " \t"


def title(line: str) -> str:
    """The words of a heading of the first level; "" for any other line, and for signs alone such as `# # #`. Signs
    that close it are left out."""
    if not line.startswith(("# ", "#\t")):
        return ""
    words = line[1:].strip(_BLANK).rstrip("#").rstrip(_BLANK)
    return words if words.strip("#" + _BLANK) else ""


def section(line: str) -> tuple[str, str] | None:
    """The name and the question of a heading of the second level such as `## en: How do I …?`; a question "" for one
    that is a name alone. None for any other line."""
    if not line.startswith(("## ", "##\t")):
        return None
    name, colon, question = (part.strip(_BLANK) for part in line[2:].partition(":"))
    return (name, question) if name and bool(colon) == bool(question) else None

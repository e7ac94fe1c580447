"""The rooms of the editor's desk, as every page of it shows them above its content."""

TABS: dict[str, str] = {
    "list": "/console/faq",
    "releases": "/console/faq/releases",
    "trials": "/console/faq/trials",
    "lint": "/console/faq/lint",
    "import": "/console/faq/import",
    "examples": "/console/faq/examples",
    "gaps": "/console/faq/gaps",
    "ask": "/console/ask",
}
"""A room's name, whose words are tabs.<name>, and where it is; in their order on the page."""

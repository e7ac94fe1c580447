"""The rooms of the editor's desk, as every page of it shows them above its content."""

TABS: dict[str, str] = {
    "list": "/console/faq",
    "gaps": "/console/faq/gaps",
    "releases": "/console/faq/releases",
    "trials": "/console/faq/trials",
    "lint": "/console/faq/lint",
    "examples": "/console/faq/examples",
    "import": "/console/faq/import",
}
"""A room's name, whose words are tabs.<name>, and where it is; in their order on the page."""

"""Sections whose rows have ids that people never see."""

from dataclasses import dataclass
from typing import Any

from bot.console.settings.rows import Form, item_of, one, slug
from bot.console.settings.section import Section


@dataclass(frozen=True)
class Keyed(Section):
    """Each row has an id out of one of its fields, which stays when that changes."""

    by: str = "title"

    def document(self, form: Form, before: Any) -> Any:
        """With ids."""
        known, taken = [item["id"] for item in before], [item["id"] for item in before]
        items = []
        for row in form.rows:
            key = one(row, "id") if one(row, "id") in known else slug(one(row, self.by), taken)
            taken.append(key)
            items.append({**item_of(row, self.fields), "id": key})
        return items

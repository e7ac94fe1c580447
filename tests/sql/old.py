"""A database of Stadtbote 0.1.0: its tables as that release wrote them, with an entry, an account and a deed."""

import json
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.engine import Engine

from faq.database import open_engine
from faq.entry import Revision, content_to_json
from tests.faq.town import revision

KINDS = {
    "sqlite": {"moment": "DATETIME", "number": "INTEGER"},
    "postgresql": {"moment": "TIMESTAMP WITH TIME ZONE", "number": "BIGSERIAL"},
}
DOG: Revision = revision("hund", "Wie melde ich meinen Hund an?", "Im Steueramt.", "hund anmelden")


def lay_out(url: str, *tables: str) -> None:
    """The whole database, or some of its tables: 0.1.0 laid out what a command needed."""
    kind = make_url(url).get_backend_name()
    content = json.dumps(content_to_json(DOG.content), ensure_ascii=False, sort_keys=True)
    told = Path(__file__).with_name("release_0_1_0.sql").read_text("utf-8")
    told = "\n".join(line for line in told.splitlines() if not line.startswith("--"))
    if kind == "sqlite":
        told = told.replace("CHR(10)", "CHAR(10)")
    for word, value in {**KINDS[kind], "id": DOG.id, "content": content}.items():
        told = told.replace("{" + word + "}", value)
    engine: Engine = open_engine(url)
    with engine.begin() as db:
        if kind == "postgresql":
            db.exec_driver_sql("SET LOCAL TIME ZONE 'UTC'")
        for statement in filter(str.strip, told.split(";\n")):
            if not tables or any(table in statement for table in tables):
                db.exec_driver_sql(statement)
    engine.dispose()

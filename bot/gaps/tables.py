"""Where clusters lie in SQL: migration v0006. A question's words are not copied: they lie with its fact, and go with
it."""

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, MetaData, String, Table

from faq.database import LongText, Moment, PlainText
from faq.tables import ENTRY, PERSON

TITLE, WORDS = 300, 200
"""Characters of the name that an editor gave a cluster, and of its telling words."""

metadata = MetaData()

clusters = Table(
    "gap_clusters",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("title", PlainText(TITLE), nullable=False),  # an editor's; "" none
    Column("words", PlainText(WORDS), nullable=False),  # shared by several citizens' questions
    Column("typical", String(24), nullable=False),  # the fact whose question stands for all
    Column("entry", PlainText(ENTRY), nullable=False),  # which is to answer; "" none
    Column("number", Integer, nullable=False),  # from which revision of it on
    Column("release", Integer, nullable=False),  # the number of the release with which it came live; 0 none
    Column("live_at", Moment, nullable=True),
    Column("into", String(16), nullable=False),  # with which other one it was merged; "" none
    Column("near", PlainText(100), nullable=False),  # ids of clusters about nearly the same, the nearest first
    Column("made", Moment, nullable=False),
)

questions = Table(
    "gap_questions",
    metadata,
    Column("fact", String(24), primary_key=True),
    Column("cluster", String(16), nullable=False),
    Column("placed", Boolean, nullable=False),  # by an editor: no clustering moves it
    Column("again", Boolean, nullable=False),  # the same citizen asked it before: not counted
    Column("handed", Boolean, nullable=False),  # a person took over within the hour
    Column("use", String(8), nullable=False),  # bot.gaps.gap.Use
    Column("trial", String(64), nullable=False),  # its id among the trials; "" none
    Column("asked", String(16), nullable=False),  # of which release it was asked last
    Column("found", LongText, nullable=False),  # what that found, as JSON (bot.gaps.gap.Found)
    Column("encoder", PlainText(160), nullable=False),
    Column("vector", LargeBinary, nullable=True),  # float16; goes with the words
    Index("gap_questions_cluster", "cluster"),
)

deeds = Table(
    "gap_deeds",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("cluster", String(16), nullable=False),
    Column("what", String(16), nullable=False),
    Column("by", PlainText(PERSON), nullable=False),
    Column("at", Moment, nullable=False),
    Column("detail", LongText, nullable=False),  # JSON: all that is needed to undo it
    Column("undone", Boolean, nullable=False),
    Index("gap_deeds_cluster", "cluster"),
)

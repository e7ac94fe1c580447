"""The town file, and what is said about a wrong one."""

from datetime import date, time
from pathlib import Path

import pytest

from faq.marked import FileError
from faq.town import Slot, load_town
from tests.faq.town import CORPUS

GOOD = """\
town: {name: A, land: NW, website: "https://a.example", privacy_url: "https://a.example/p", phone: "1"}
districts: {mitte: {name: Mitte}}
offices:
  amt: {name: Amt, address: Weg 1, phone: "1", district: mitte, hours: {mon: ["08:00-12:00"]}}
teams: {eins: {name: Eins, office: amt}}
topics: {hund: {name: Hund, office: amt, team: eins}}
"""


def test_the_sample_town() -> None:
    town = load_town(CORPUS / "town.yml")
    assert len(town.offices) >= 10
    assert town.offices["buergeramt"].hours[3] == (Slot(time(8), time(12)), Slot(time(13), time(18)))
    assert 6 not in town.offices["buergeramt"].hours
    assert town.local_holidays[0].date == date(2027, 2, 8)
    assert {topic.team for topic in town.topics.values()} <= set(town.teams)


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("land: NW", "land: XX", 1, "XX"),
        ("name: A,", "", 1, '"name" is missing'),
        ("district: mitte", "district: nord", 4, '"nord" is not among the districts'),
        ("08:00-12:00", "8 bis 12", 4, "no time slot"),
        ("08:00-12:00", "12:00-08:00", 4, "ends before it starts"),
        ("08:00-12:00", "08:00-25:00", 4, "no time slot"),
        ('["08:00-12:00"]', '["08:00-12:00", "11:00-13:00"]', 4, "overlap"),
        ("team: eins}", "team: eins, people: ja}", 6, '"people" must be true or false'),
        ("mon:", "montag:", 4, "no weekday"),
        ("team: eins}", "team: zwei}", 6, '"zwei" is not among the teams'),
        ("office: amt}}\ntopics", "office: rathaus}}\ntopics", 5, '"rathaus" is not among the offices'),
        ('phone: "1", district', "phone: 1, district", 4, "put 1 into quotes"),
        ("districts:", "bezirke:", 1, '"districts:"'),
        ("{name: Hund", "{name: Hund, name: Katze", 6, "twice"),
        ("{mitte: {name", "{mitte: [name", 2, "not valid YAML"),
    ],
)
def test_a_wrong_file_is_one_sentence_with_file_and_line(
    tmp_path: Path, old: str, new: str, line: int, says: str
) -> None:
    path = tmp_path / "town.yml"
    assert old in GOOD
    path.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(FileError) as refused:
        load_town(path)
    message = str(refused.value)
    assert message.startswith(f"{path}:{line}: ")
    assert says in message
    assert "\n" not in message


def test_a_file_that_is_not_there_and_one_that_is_not_text(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be read"):
        load_town(tmp_path / "town.yml")
    (tmp_path / "town.yml").write_bytes(b"town:\n  name: M\xfcnchen\n")
    with pytest.raises(FileError, match=r":2: is not UTF-8"):
        load_town(tmp_path / "town.yml")

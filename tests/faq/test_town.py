"""The town file, and what is said about a wrong one."""

from datetime import date, time
from pathlib import Path

import pytest

from faq.marked import FileError
from faq.town import Slot, load_town
from faq.town.near import nearest_districts, nearest_office
from tests.faq.town import CORPUS

GOOD = """\
town: {name: A, land: NW, website: "https://a.example", privacy_url: "https://a.example/p", phone: "1"}
districts: {mitte: {name: Mitte}}
offices:
  amt: {name: Amt, address: Weg 1, phone: "1", district: mitte, hours: {mon: ["08:00-12:00"]}}
teams: {eins: {name: Eins, office: amt}}
topics: {hund: {name: Hund, office: amt, team: eins}}
special_days:
  - {date: "2026-12-24", hours: ["08:00-10:00"], reason: Heiligabend}
  - {date: "2026-12-28", until: "2026-12-30", offices: amt, reason: Betriebsferien}
places:
  brunnen: {name: Brunnen, list: [{address: Weg 2, district: mitte}]}
routing:
  - {topic: hund, district: mitte, team: eins}
"""


def test_the_sample_town() -> None:
    town = load_town(CORPUS / "town.yml")
    assert len(town.offices) >= 10
    assert town.offices["buergeramt"].hours[3] == (Slot(time(8), time(12)), Slot(time(13), time(18)))
    assert 6 not in town.offices["buergeramt"].hours
    assert [h.name for h in town.local_holidays if h.date == date(2027, 2, 8)] == ["Rosenmontag"]
    assert {topic.team for topic in town.topics.values()} <= set(town.teams)


def test_districts_by_nearness_begin_with_the_one_and_miss_none() -> None:
    town = load_town(CORPUS / "town.yml")
    for district in town.districts:
        order = nearest_districts(town, district)
        assert order[0] == district
        assert sorted(order) == sorted(town.districts)
    assert nearest_districts(town, "krummbach")[:3] == ("krummbach", "hafen", "auefeld")
    assert nearest_districts(town, "") == tuple(town.districts)
    hall = town.offices["buergeramt"]
    assert nearest_office(town, hall, "westheide").id == "buergeramt-nord"
    assert nearest_office(town, hall, "").id == "buergeramt"
    assert nearest_office(town, town.offices["standesamt"], "westheide").id == "standesamt"


def test_what_the_sections_that_may_be_left_out_say(tmp_path: Path) -> None:
    path = tmp_path / "town.yml"
    path.write_text(GOOD, encoding="utf-8")
    town = load_town(path)
    eve, holidays = town.special_days
    assert (eve.first, eve.last, eve.slots, eve.offices) == (
        date(2026, 12, 24), date(2026, 12, 24), (Slot(time(8), time(10)),), frozenset(),
    )  # fmt: skip
    assert (holidays.last, holidays.slots, holidays.offices) == (date(2026, 12, 30), (), frozenset({"amt"}))
    assert town.kinds["brunnen"].places[0].district == "mitte"
    assert [(r.topic, r.district, r.team) for r in town.routes] == [("hund", "mitte", "eins")]
    path.write_text(GOOD.replace('"08:00-12:00"', '"20:00-24:00"'), encoding="utf-8")
    assert load_town(path).offices["amt"].hours[0] == (Slot(time(20), time(0)),)
    path.write_text(GOOD.replace('"08:00-12:00"', '"20:00-02:00"'), encoding="utf-8")
    assert load_town(path).offices["amt"].hours[0] == (Slot(time(20), time(2)),)


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("land: NW", "land: XX", 1, "XX"),
        ("name: A,", "", 1, '"name" is missing'),
        ("district: mitte", "district: nord", 4, '"nord" is not among the districts'),
        ("08:00-12:00", "8 bis 12", 4, "no time slot"),
        ("08:00-12:00", "12:00-08:00", 4, "ends before it starts"),
        ("08:00-12:00", "08:00-08:00", 4, "ends before it starts"),
        ('["08:00-12:00"]', '["20:00-02:00", "22:00-23:00"]', 4, "overlap"),
        ("{name: Mitte}", "{name: Mitte, near: nord}", 2, '"nord" is not among the districts'),
        ("district: mitte, hours", "district: mitte, appointment_only: ja, hours", 4, '"appointment_only" must be'),
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
        ("amt:", "Das_Amt:", 4, "no id"),
        ('{date: "2026-12-24", ', "{", 8, '"date" is missing'),
        ("2026-12-24", "24.12.2026", 8, "is no date"),
        ('hours: ["08:00-10:00"]', 'hour: ["08:00-10:00"]', 8, '"hour" is no field here'),
        ('"08:00-10:00"', '"08:00-10:00", "09:00-11:00"', 8, "overlap"),
        ('"08:00-10:00"', '"08:00-24:00", "09:00-11:00"', 8, "overlap"),
        ('until: "2026-12-30"', 'until: "2026-12-20"', 9, "is before 2026-12-28"),
        ("offices: amt", "offices: [rathaus]", 9, '"rathaus" is not among the offices'),
        (
            '  - {date: "2026-12-24", ',
            '  - {date: "2026-12-30", offices: amt, ',
            9,
            "two special days are about 2026-12-30",
        ),
        ("{address: Weg 2, district: mitte}", "{address: Weg 2}", 11, '"district" is missing'),
        ("{address: Weg 2, district: mitte}", "{address: Weg 2, district: nord}", 11, "not among the districts"),
        ("list: [{address: Weg 2, district: mitte}]", "also: [Wasser]", 11, "has no place"),
        ("{topic: hund, district: mitte, team: eins}", "{topic: katze, district: mitte, team: eins}", 13, "the topics"),
        (
            "{topic: hund, district: mitte, team: eins}",
            "{topic: hund, district: nord, team: eins}",
            13,
            "the districts",
        ),
        ("{topic: hund, district: mitte, team: eins}", "{topic: hund, district: mitte, team: zwei}", 13, "the teams"),
        ("{topic: hund, district: mitte, team: eins}", "{topic: hund, team: eins}", 13, '"district" is missing'),
        ("hund, district: mitte, team", "[hund, hund], district: mitte, team", 13, "has a team already"),
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

"""What the people of demo and tests see of a page, and that their script can be played."""

import subprocess
import sys
from pathlib import Path

import yaml

from bot.commands.demo import SCRIPT
from bot.people.html import forms, parse
from faq.sources.yaml_corpus import read
from tests.integration.conftest import tidy

PAGE = """
<head><title>no</title><style>.x{}</style></head><h1>Zwei
 Zeilen</h1><p>und<br>drei &amp; <b>vier</b></p><script>if (a < b) {}</script>
<form method="post" action="/a"><input type=hidden name=id value="1"><input type=checkbox name=no>
<input type=checkbox name=yes checked><textarea name=t>
wie getippt</textarea><select name=s><option value=1>eins<option value=2 selected>zwei</select>
<input name=off value=x disabled><button name=go value=fast>Los</button><button type=button>nicht</button></form>
<form action="/b"><select name=s><option>erste</option><option>zweite</option></select></form>
"""


def test_a_page_as_a_person_reads_it() -> None:
    page = parse(PAGE)
    assert page.words.splitlines()[:3] == ["Zwei", "Zeilen", "und"]
    assert tidy(page.words).startswith("Zwei Zeilen und drei & vier")
    assert "no" not in page.words.split()


def test_forms_as_a_browser_submits_them() -> None:
    first, second = forms(parse(PAGE))
    assert (first.method, first.action) == ("post", "/a")
    assert first.fields == {"id": "1", "yes": "on", "t": "wie getippt", "s": "2"}
    assert first.buttons == [("go", "fast", "Los")]
    assert (second.method, second.fields) == ("get", {"s": "erste"})


def test_the_script_of_the_demo_can_be_played() -> None:
    script = yaml.safe_load(SCRIPT.read_text("utf-8"))
    known = {getattr(item, "entry", "") for item in read(Path("faq/corpora/lindenfurt"))}
    for scene in script["scenes"]:
        for step in scene["steps"]:
            assert step["who"] in script["cast"]
            at_the_desk = "role" in script["cast"][step["who"]]
            assert not at_the_desk or scene["staff"]
            assert {"says", "press", "choose"} & step.keys() or at_the_desk
            assert {step.get("take"), step.get("to"), step.get("back")} - {None} <= script["cast"].keys()
            assert {step.get("edit"), step.get("restore")} - {None} <= known


def test_they_know_nothing_of_the_product() -> None:
    check = "import sys, bot.people.play, bot.people.phone, bot.people.visitor; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True).stdout.split()
    ours = {name for name in modules if name.split(".")[0] in ("bot", "nlu", "faq")}
    assert ours == {name for name in ours if name == "bot" or name.startswith("bot.people")}

"""Files that make more of themselves than anybody wrote."""

from pathlib import Path

import pytest

from faq.marked import FileError, load_marked

LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)


@pytest.mark.parametrize(
    "text",
    [LAUGHS, "a: &a [*a]", "a: &a {b: *a}", "a: &a {b: [x, *a]}", "a: " + "[" * 60 + "]" * 60, "a: " + "[" * 100_000],
)
def test_what_unfolds_without_end_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "town.yml"
    file.write_text(text)
    with pytest.raises(FileError, match=r"town\.yml:\d+: .*without (anchors|lists)"):
        load_marked(file)


def test_an_anchor_by_itself_is_none_of_these(tmp_path: Path) -> None:
    file = tmp_path / "town.yml"
    file.write_text("week: &week {mon: 08:00-12:00}\nother: *week\n")
    assert load_marked(file)["other"] == {"mon": "08:00-12:00"}


@pytest.mark.parametrize("tag", ["!!python/name:os.system x", "!!python/object/apply:os.getcwd x", "!evil x"])
def test_no_tag_makes_anything(tag: str, tmp_path: Path) -> None:
    file = tmp_path / "town.yml"
    file.write_text(f"a: {tag}\n")
    with pytest.raises(FileError, match="not valid YAML"):
        load_marked(file)
    file.write_text("a: !!python/object/apply:os.system [x]\n")
    assert load_marked(file) == {"a": ["x"]}

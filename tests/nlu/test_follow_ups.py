"""Follow-ups in the languages beside German and English: which fact is asked for, and that no matter is named."""

from pathlib import Path

import pytest
import yaml

from nlu.manner import manner_of

SAID = yaml.safe_load(Path(__file__).with_name("follow_ups.yml").read_text(encoding="utf-8"))
ASKED = [(aspect, text) for said in SAID.values() for aspect, texts in said.items() for text in texts]


@pytest.mark.parametrize(("aspect", "text"), ASKED)
def test_a_follow_up_is_known_by_its_words(aspect: str, text: str) -> None:
    manner = manner_of(text)
    if aspect == "stands_alone":
        assert manner.names
        assert not manner.bare
    elif aspect == "person":
        assert manner.person.startswith("für ")
        assert manner.bare
    else:
        assert (manner.aspects, manner.bare) == ((aspect,), True)


def test_every_language_has_its_phrasings() -> None:
    assert set(SAID) == {"tr", "uk", "ar", "ru", "fr"}
    assert all(sum(map(len, said.values())) >= 15 for said in SAID.values())

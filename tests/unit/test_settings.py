"""Settings: the environment wins, wrong values end in one sentence that names the setting and says what to do."""

from pathlib import Path

import pytest

from bot.processes.models import encoder_loader
from bot.processes.web import expected_parts
from bot.settings import SettingsError, read
from faq.encoder import EncoderUnavailable


def settings_of(folder: Path, dotenv: str = "", **environ: str):  # type: ignore[no-untyped-def]
    if dotenv:
        (folder / ".env").write_text(dotenv, "utf-8")
    return read({f"STADTBOTE_{k.upper()}": v for k, v in environ.items()}, folder)


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    found = settings_of(tmp_path, '# a town\nSTADTBOTE_PORT=9000\nSTADTBOTE_HOST="0.0.0.0"\n', port="9001")
    assert (found.port, found.host) == (9001, "0.0.0.0")
    assert found.home == tmp_path / "var"
    assert found.base_url == "http://127.0.0.1:9001"


def test_an_encoder_that_is_switched_off_is_not_waited_for(tmp_path: Path) -> None:
    off = settings_of(tmp_path, encoder=" Off ", nlu_url="off")
    assert off.encoder == "off"
    assert expected_parts(off) == ("web", "worker", "clock")
    assert "encoder" in expected_parts(settings_of(tmp_path, nlu_url="off"))
    with pytest.raises(EncoderUnavailable, match="STADTBOTE_ENCODER=off"):
        encoder_loader(off)


def test_an_empty_value_is_the_default(tmp_path: Path) -> None:
    assert settings_of(tmp_path, redis_url="", port=" ").port == 8080


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"port": "80a"}, "STADTBOTE_PORT"),
        ({"port": "0"}, "1 to 65535"),
        ({"nlu_url": "localhost"}, "https://"),
        ({"telegram_mode": "push"}, "polling, webhook"),
        ({"telegram_mode": "webhook"}, "STADTBOTE_TELEGRAM_TOKEN is empty"),
        ({"telegram_mode": "webhook", "telegram_token": "1:a", "telegram_secret": "short"}, "16 characters"),
        ({"telegram_token": "abc"}, "@BotFather"),
        ({"whatsapp_enabled": "on", "whatsapp_token": "x"}, "STADTBOTE_WHATSAPP_APP_SECRET"),
        ({"whatsapp_enabled": "maybe"}, "on or off"),
        ({"secret": "short"}, "32 characters"),
        ({"redis_url": "http://x"}, "redis://"),
        ({"prot": "80"}, "STADTBOTE_PROT is not a setting"),
        ({"public_url": "stadt.example"}, "https://"),
    ],
)
def test_wrong_values_are_named_with_what_to_do(tmp_path: Path, wrong: dict[str, str], says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        settings_of(tmp_path, **wrong)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_secret_is_not_repeated_in_the_message(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        settings_of(tmp_path, telegram_token="geheim-geheim")
    assert "geheim" not in str(caught.value)


def test_a_broken_line_of_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="line 2"):
        settings_of(tmp_path, "STADTBOTE_PORT=1\nwhat is this\n")

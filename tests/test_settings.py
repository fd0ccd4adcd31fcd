from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tobs.errors import SettingError
from tobs.settings import Settings, list_keys, read_settings

HASH = "0123456789abcdef" * 2


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, where `.env` would stand."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return here


def write_config(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "home" / "config.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def refusal(**flags: object) -> str:
    with pytest.raises(SettingError) as caught:
        read_settings(**flags)
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_without_anything_the_defaults_hold(tmp_path: Path) -> None:
    reading = read_settings()
    assert reading.settings.export_path == Path("export")
    assert reading.settings.max_flood_wait == 3600
    assert reading.settings.request_timeout == 60
    assert reading.settings.format is None
    assert reading.settings.home == tmp_path / "home"
    assert reading.origins["max_threads"].place == "default"
    assert reading.notes == ()


def test_the_default_home_is_the_data_folder_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOBS_HOME")
    assert read_settings().settings.home.name == "tobs"


def test_a_flag_wins_over_all_and_the_default_comes_last(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    write_config(tmp_path, 'export_path = "from-config"')
    found.append(read_settings().origins["export_path"].place)
    (folder / ".env").write_text("TOBS_EXPORT_PATH=from-dotenv\n")
    found.append(read_settings().origins["export_path"].place)
    monkeypatch.setenv("TOBS_EXPORT_PATH", "from-environment")
    found.append(read_settings().origins["export_path"].place)
    reading = read_settings(export_path=Path("from-flag"))
    found.append(reading.origins["export_path"].place)
    assert found == ["config.toml", ".env", "environment", "flag"]
    assert reading.settings.export_path == Path("from-flag")
    assert str(reading.origins["export_path"]) == "--output"


def test_a_flag_that_was_not_given_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPORT_PATH", "vault")
    assert read_settings(export_path=None).settings.export_path == Path("vault")


def test_bare_names_are_read_and_the_prefixed_one_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_ID", "1")
    reading = read_settings()
    assert (reading.settings.api_id, reading.origins["api_id"].name) == (1, "API_ID")
    monkeypatch.setenv("TOBS_API_ID", "2")
    reading = read_settings()
    assert (reading.settings.api_id, reading.origins["api_id"].name) == (2, "TOBS_API_ID")


def test_names_that_are_common_elsewhere_count_with_the_prefix_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSWORD", "of something else")
    monkeypatch.setenv("FORMAT", "html")
    monkeypatch.setenv("SERVER", "example.org:80")
    settings = read_settings().settings
    assert (settings.password, settings.format, settings.server) == (None, None, None)


def test_an_empty_value_counts_as_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOBS_API_ID", "")
    monkeypatch.setenv("API_ID", "7")
    assert read_settings().settings.api_id == 7


def test_a_dotenv_in_use_is_named(folder: Path) -> None:
    (folder / ".env").write_text(f'API_ID="5"\nAPI_HASH={HASH}\nDATABASE_URL=x\n')
    reading = read_settings()
    assert reading.settings.api_id == 5
    assert reading.notes == (f"Settings are read from {folder / '.env'}.",)


def test_a_dotenv_of_another_program_is_not_mentioned(folder: Path) -> None:
    (folder / ".env").write_text("DATABASE_URL=x\n")
    assert read_settings().notes == ()


def test_the_way_to_telegram_is_never_read_from_a_dotenv(folder: Path) -> None:
    (folder / ".env").write_text(
        "TOBS_SERVER=198.51.100.1:443\nTOBS_SERVER_KEY=key.pem\nTOBS_PROXY=http://a:1\nTOBS_SESSION_KEY=none\n"
    )
    reading = read_settings()
    assert reading.settings.server is None
    assert reading.settings.server_key is None
    assert reading.settings.proxy is None
    assert reading.settings.session_key is None
    told = [note.split()[0] for note in reading.notes]
    assert told == ["TOBS_SERVER", "TOBS_SERVER_KEY", "TOBS_PROXY", "TOBS_SESSION_KEY"]


def test_the_server_is_read_from_the_environment_and_the_config(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_config(tmp_path, 'server = "127.0.0.1:4430"\nserver_key = "~/key.pem"')
    settings = read_settings().settings
    assert settings.server == "127.0.0.1:4430"
    assert settings.server_key == tmp_path / "user" / "key.pem"
    monkeypatch.setenv("TOBS_SERVER", "[::1]:80")
    assert read_settings().settings.server == "[::1]:80"


@pytest.mark.parametrize("name", ["TOBS_EXPORT_PAHT", "TOBS_EXPORTPATH"])
def test_an_unknown_key_names_the_nearest_real_one(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "x")
    assert (
        refusal()
        == f"{name} in the environment is not a setting of tobs; the nearest one is TOBS_EXPORT_PATH."
    )


def test_unknown_keys_in_files_name_the_file(tmp_path: Path, folder: Path) -> None:
    dotenv = folder / ".env"
    dotenv.write_text("TOBS_LOGLEVEL=info\n")
    assert refusal().startswith("TOBS_LOGLEVEL in .env is not")
    dotenv.unlink()
    path = write_config(tmp_path, "max_thread = 3\n")
    assert refusal() == f"max_thread in {path} is not a setting of tobs; the nearest one is max_threads."


def test_the_config_cannot_say_where_it_is(tmp_path: Path) -> None:
    write_config(tmp_path, 'home = "/elsewhere"\n')
    assert "home in" in refusal()


def test_the_config_takes_names_in_any_case_with_or_without_prefix(tmp_path: Path) -> None:
    write_config(tmp_path, f'TOBS_API_ID = 9\nAPI_HASH = "{HASH}"\nformat = ["markdown"]\nmax_threads = 2\n')
    settings = read_settings().settings
    assert (settings.api_id, settings.max_threads, settings.format) == (9, 2, ("markdown",))


def test_a_config_that_is_no_toml_is_named(tmp_path: Path) -> None:
    path = write_config(tmp_path, "this is not toml")
    assert refusal().startswith(f"{path} cannot be read: ")


def test_a_dotenv_in_another_encoding_is_named(folder: Path) -> None:
    (folder / ".env").write_bytes("API_ID=5 # für mich".encode("latin-1"))
    assert refusal() == f"{folder / '.env'} is not UTF-8 text."


@pytest.mark.parametrize(
    ("text", "line"),
    [("API_ID 5 = no\nAPI_ID=5\n", 1), ("API_ID=5\n\n\nnot a line\n", 4), ("X='open\nAPI_ID=5\n", 1)],
)
def test_a_damaged_line_of_a_dotenv_is_named(text: str, line: int, folder: Path) -> None:
    (folder / ".env").write_text(text)
    assert refusal() == f"{folder / '.env'}, line {line}, cannot be read; a line is NAME=value."


def test_a_dotenv_may_begin_with_a_byte_order_mark(folder: Path) -> None:
    (folder / ".env").write_text("API_ID=5\n", encoding="utf-8-sig")
    assert read_settings().settings.api_id == 5


def test_an_empty_flag_is_refused() -> None:
    assert refusal(export_path="") == "--output needs a folder."


def test_a_key_like_no_other_names_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOBS_NOPE", "x")
    assert refusal() == "TOBS_NOPE in the environment is not a setting of tobs."


@pytest.mark.parametrize(
    ("given", "zone"),
    [("europe/berlin", "Europe/Berlin"), ("EUROPE/BERLIN", "Europe/Berlin"), ("utc", "UTC")],
)
def test_a_zone_is_found_without_regard_to_case(given: str, zone: str) -> None:
    assert read_settings(timezone=given).settings.timezone == zone


BAD = {
    "TOBS_API_ID": ("twelve", "-1", "0", "1.5", "99999999999"),
    "TOBS_API_HASH": ("short", "g" * 32, HASH.upper()),
    "TOBS_PHONE_NUMBER": ("call me", "12"),
    "TOBS_FORMAT": ("pdf", "markdown,pdf", ","),
    "TOBS_TIMEZONE": ("Mars/Olympus", "Europe", "../etc/passwd", "/etc/localtime"),
    "TOBS_LOG_LEVEL": ("TRACE", "loud"),
    "TOBS_MAX_THREADS": ("-1", "257", "many"),
    "TOBS_FETCH_QUEUE": ("0", "1001"),
    "TOBS_WRITE_QUEUE": ("0", "x"),
    "TOBS_REQUEST_TIMEOUT": ("0", "inf", "nan", "3601"),
    "TOBS_MAX_FLOOD_WAIT": ("-1", "inf", "nan"),
    "TOBS_INPUT_PEER_CACHE_SIZE": ("-1", "1.5"),
    "TOBS_INPUT_PEER_CACHE_TTL": ("-1", "nan"),
    "TOBS_DOWNLOAD_PHOTOS": ("sometimes",),
    "TOBS_DOWNLOAD_VIDEOS": ("2",),
    "TOBS_DOWNLOAD_AUDIO": ("loud",),
    "TOBS_DOWNLOAD_OTHER": ("none",),
    "TOBS_MAX_SIZE": ("-1", "big", "1 MiB", "999999999TB"),
    "TOBS_MIN_FREE_SPACE": ("-1GB", "half", "1e9"),
    "TOBS_MEDIA_LAYOUT": ("flat", "PER CHAT"),
    "TOBS_VERIFY_MEDIA": ("none", "Full "),
    "TOBS_HASH_BASED_DEDUPLICATION": ("perhaps",),
    "TOBS_HASH_CACHE_MAX_SIZE": ("-1", "1.5", "1k"),
    "TOBS_HASH_API_TIMEOUT": ("0", "-1", "nan", "inf"),
    "TOBS_SERVER": ("localhost", "host:port", "a b:1", "host:123456", ":1"),
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in BAD.items() for value in values]
)
def test_a_bad_value_is_one_sentence_that_says_what_is_expected(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    [key] = [key for key in list_keys() if key.name == name]
    text = refusal()
    assert text.startswith(f"{name} (environment) must be {key.expects}")
    assert (value in text) is not key.is_private
    assert "pydantic" not in text


def test_another_programs_value_under_a_bare_name_says_how_to_overrule_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LOG_LEVEL", "trace")
    with pytest.raises(SettingError) as caught:
        read_settings()
    assert "TOBS_LOG_LEVEL" in caught.value.hint
    monkeypatch.setenv("TOBS_LOG_LEVEL", "warning")
    assert read_settings().settings.log_level == "WARNING"


def test_a_bad_flag_is_named_as_it_was_typed() -> None:
    assert refusal(timezone="Mars").startswith("--timezone must be the IANA name")


def test_paths_may_begin_with_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOBS_EXPORT_PATH", "~/Vault")
    assert read_settings().settings.export_path == tmp_path / "user" / "Vault"


def test_secrets_do_not_show_when_the_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOBS_PASSWORD", "correct horse")
    monkeypatch.setenv("TOBS_API_HASH", HASH)
    monkeypatch.setenv("TOBS_EXPORT_TG_CODE", "54321")
    settings = read_settings().settings
    shown = f"{settings!r} {settings.model_dump_json()}"
    assert not any(secret in shown for secret in ("correct horse", HASH, "54321"))
    assert settings.password is not None
    assert settings.password.get_secret_value() == "correct horse"


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().max_threads = 5


def test_settings_made_by_hand_read_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOBS_MAX_THREADS", "5")
    assert Settings().max_threads == 0


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40))
def test_any_text_is_a_value_or_is_refused(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for key in list_keys():
            if key.name != "TOBS_HOME":
                patch.setenv(key.name, text)
        with suppress(SettingError):
            read_settings()


def test_every_key_says_what_it_means_and_what_it_takes() -> None:
    for key in list_keys():
        assert key.description.endswith("."), key
        assert key.description[0].isupper(), key
        assert not key.expects.endswith("."), key
        assert len(key.description) < 160, key

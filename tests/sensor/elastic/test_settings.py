"""Promises about settings: what cannot work is refused in one sentence that says what to change."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from sensor.elastic.settings import Settings, SettingsError, check
from tests.sensor.elastic.shipping import KEY, key_file

URL = "https://es.example:9200"


def refused(**given: object) -> str:
    with pytest.raises(SettingsError) as caught:
        check(Settings(**{"urls": (URL,), **given}))  # type: ignore[arg-type]
    return str(caught.value)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("es.example:9200", "write https://HOST"),
        ("ftp://es.example:9200", "write https://HOST"),
        ("https://", "write https://HOST"),
        ("https://es.example", "port is missing"),
        ("https://es.example:99999", "not a URL"),
        ("https://[::1", "not a URL"),
        ("https://es.example:9200/?pretty", "no '?'"),
    ],
)
def test_what_is_no_address_is_refused(url: str, said: str) -> None:
    assert said in refused(urls=(url,))


def test_a_password_in_the_address_is_refused_and_not_repeated() -> None:
    said = refused(urls=("https://elastic:hunter2@es.example:9200",))
    assert "--elastic-password-file" in said and "hunter2" not in said


def test_a_key_never_crosses_the_network_in_clear_text(tmp_path: Path) -> None:
    assert "clear text" in refused(urls=("http://es.example:9200",), key_file=key_file(tmp_path))
    assert check(Settings(urls=("http://127.0.0.1:9200",), key_file=key_file(tmp_path))) is not None


def test_one_cluster_is_reached_in_one_way() -> None:
    assert "https, some http" in refused(urls=(URL, "http://127.0.0.1:9200"))


@pytest.mark.parametrize("text", ["aWQ6c2VjcmV0", "id:secret", "  aWQ6c2VjcmV0\n"])
def test_a_key_is_taken_encoded_or_plain(tmp_path: Path, text: str) -> None:
    credential = check(Settings(urls=(URL,), key_file=key_file(tmp_path, text)))
    assert credential is not None and credential.authorization == "ApiKey aWQ6c2VjcmV0"


@pytest.mark.parametrize("text", ["", "two\nlines", "not base64!", "aWQ=", "x" * 5_000, "bm90IGFzY2lpOu+/vQ=="])
def test_what_is_no_key_is_refused_without_repeating_it(tmp_path: Path, text: str) -> None:
    said = refused(key_file=key_file(tmp_path, text))
    assert str(tmp_path) in said and (not text or text not in said)


def test_a_key_everybody_can_read_is_refused_with_the_command_that_repairs_it(tmp_path: Path) -> None:
    path = key_file(tmp_path)
    path.chmod(0o644)
    assert f"chmod 600 {path}" in refused(key_file=path)
    path.chmod(0o640)
    assert check(Settings(urls=(URL,), key_file=path)) is not None


def test_files_that_are_not_there_are_named_with_their_option(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    assert f"{missing}: cannot be read" in refused(key_file=missing) and "--elastic-key-file" in refused(
        key_file=missing
    )
    assert f"{missing}: cannot be read" in refused(ca=missing)
    assert "PEM" in refused(ca=key_file(tmp_path))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"user": "u"}, "--elastic-password-file"),
        ({"password_file": Path("x")}, "--elastic-user"),
        ({"user": "u", "key_file": Path("x")}, "not both"),
        ({"ca": Path("x"), "fingerprint": "ab" * 32}, "not both"),
        ({"fingerprint": "abc"}, "64 hex digits"),
        ({"fingerprint": "zz" * 32}, "64 hex digits"),
        ({"urls": ("http://127.0.0.1:9200",), "fingerprint": "ab" * 32}, "need an https://"),
        ({"urls": ()}, "--elastic URL"),
        ({"site": "Plant-1"}, "site name"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(given: dict[str, object], said: str) -> None:
    assert said in refused(**given)


def test_a_user_with_a_password_file_works(tmp_path: Path) -> None:
    credential = check(Settings(urls=(URL,), user="writer", password_file=key_file(tmp_path, "pass:word")))
    assert credential is not None
    assert credential.authorization == "Basic " + base64.b64encode(b"writer:pass:word").decode()


def test_a_fingerprint_may_have_colons_and_any_case() -> None:
    assert check(Settings(urls=(URL,), fingerprint=":".join(["AB"] * 32))) is None


def test_a_credential_shows_nothing_and_hides_itself_in_texts(tmp_path: Path) -> None:
    credential = check(Settings(urls=(URL,), key_file=key_file(tmp_path)))
    assert credential is not None
    encoded = base64.b64encode(KEY.encode()).decode()
    assert KEY not in repr(credential) and encoded not in repr(credential)
    assert credential.hidden(f"a {KEY} b {encoded} c topsecretkeyvalue") == "a *** b *** c ***"


def test_settings_become_arguments_that_hold_no_secret(tmp_path: Path) -> None:
    arguments = Settings(urls=(URL,), key_file=key_file(tmp_path)).arguments()
    assert arguments == ["--elastic", URL, "--elastic-key-file", str(tmp_path / "sensor.key")]

"""How a cluster is reached, checked before anything is sent.

Secrets come from files only, never from arguments: arguments are seen by every user of the machine. A file that
everybody may read is refused, as ssh does: its key must be taken for known. Reading by a group is allowed, because that is how
container platforms hand out secrets. There is no switch that turns certificate checks off.
"""

from __future__ import annotations

import base64
import binascii
import re
import ssl
import stat
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from sensor.documents.origin import Origin

MAX_SECRET: Final = 4_096
"""Bytes of a key or password file."""
LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_FINGERPRINT: Final = re.compile(r"[0-9a-f]{64}")


class SettingsError(Exception):
    """The settings cannot work; the message is one sentence that says what to change."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """A cluster and the credential for it. Holds the paths of secrets, never the secrets.

    ``urls`` are nodes of one cluster. Give ``ca`` (PEM) or ``fingerprint`` (SHA-256 of the server's or CA's
    certificate, hex) for https with an own authority; ``key_file`` (an API key, encoded or "id:key"), or ``user``
    with ``password_file`` for clusters without API keys.
    """

    urls: tuple[str, ...]
    ca: Path | None = None
    fingerprint: str = ""
    key_file: Path | None = None
    user: str = ""
    password_file: Path | None = None
    site: str = "default"
    sensor: str = "spanwatch"

    @property
    def is_local(self) -> bool:
        """Whether every node is on this machine: then compressing costs more than it saves."""
        return all(urlsplit(url).hostname in LOOPBACK for url in self.urls)

    def arguments(self) -> list[str]:
        """Return the options of the command line that give these settings again."""
        given = [("--elastic", url) for url in self.urls]
        given += [
            ("--elastic-ca", str(self.ca or "")),
            ("--elastic-fingerprint", self.fingerprint),
            ("--elastic-key-file", str(self.key_file or "")),
            ("--elastic-user", self.user),
            ("--elastic-password-file", str(self.password_file or "")),
        ]
        return [text for name, value in given if value for text in (name, value)]


class Credential(msgspec.Struct, frozen=True):
    """A header for the cluster and the texts that must never be shown; keep it in memory only."""

    authorization: str
    secrets: tuple[str, ...]

    def hidden(self, text: str) -> str:
        """Return ``text`` without any of the secrets."""
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text

    def __repr__(self) -> str:
        """Say nothing."""
        return "Credential(***)"


def check(settings: Settings) -> Credential | None:
    """Return the credential, None without one; raises ``SettingsError`` for anything that cannot work. No network."""
    if not settings.urls:
        raise SettingsError("no Elasticsearch address: give --elastic URL")
    for url in settings.urls:
        check_url(url, "--elastic", has_credential=settings.key_file is not None or bool(settings.user))
    if len({urlsplit(url).scheme for url in settings.urls}) > 1:
        raise SettingsError("some Elasticsearch addresses are https, some http: use one of them for all nodes")
    try:
        Origin(site=settings.site, sensor=settings.sensor, version="0")
    except ValueError as error:
        raise SettingsError(str(error)) from error
    _check_trust(settings)
    return _credential(settings)


def check_url(url: str, option: str, has_credential: bool) -> None:
    """Refuse what is no address of a server, or would show the credential; raises ``SettingsError``."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise SettingsError(f"{option}: the address is not a URL ({error}); write https://HOST:PORT") from error
    # The address is not repeated here: it may hold a password.
    if parts.username is not None or parts.password is not None:
        raise SettingsError(
            f"{option}: no user or password in the address; use --elastic-key-file, or --elastic-user with "
            "--elastic-password-file"
        )
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise SettingsError(f"{option} {url}: not an address of a server; write https://HOST:PORT")
    if port is None:
        raise SettingsError(
            f"{option} {url}: the port is missing; write {parts.scheme}://HOST:PORT (often 9200 or 443)"
        )
    if parts.query or parts.fragment:
        raise SettingsError(f"{option} {url}: an address has no '?' or '#'; write https://HOST:PORT")
    if parts.scheme == "http" and has_credential and parts.hostname not in LOOPBACK:
        raise SettingsError(
            f"{option} {url}: the key would cross the network in clear text; use https:// (with --elastic-ca FILE)"
        )


def _check_trust(settings: Settings) -> None:
    is_https = urlsplit(settings.urls[0]).scheme == "https"
    if settings.ca is not None and settings.fingerprint:
        raise SettingsError(
            "give --elastic-ca or --elastic-fingerprint, not both: a fingerprint replaces the authority"
        )
    if (settings.ca is not None or settings.fingerprint) and not is_https:
        raise SettingsError("--elastic-ca and --elastic-fingerprint need an https:// address")
    if settings.fingerprint and not _FINGERPRINT.fullmatch(plain_fingerprint(settings.fingerprint)):
        raise SettingsError(
            "--elastic-fingerprint: not a SHA-256 fingerprint (64 hex digits, colons allowed); get it with: "
            "openssl x509 -fingerprint -sha256 -noout -in http_ca.crt"
        )
    if settings.ca is not None:
        try:
            ssl.create_default_context(cafile=str(settings.ca))
        except ssl.SSLError as error:
            raise SettingsError(f"{settings.ca}: holds no certificate in PEM form. Check --elastic-ca") from error
        except OSError as error:
            raise SettingsError(f"{settings.ca}: cannot be read ({error.strerror}). Check --elastic-ca") from error


def plain_fingerprint(text: str) -> str:
    """Return a fingerprint as bare lower-case hex digits."""
    return text.replace(":", "").strip().lower()


def _credential(settings: Settings) -> Credential | None:
    if settings.key_file is not None and (settings.user or settings.password_file is not None):
        raise SettingsError("give --elastic-key-file or --elastic-user, not both")
    if settings.key_file is not None:
        return _key(read_secret(settings.key_file, "--elastic-key-file"), settings.key_file)
    if settings.password_file is not None and not settings.user:
        raise SettingsError("--elastic-password-file needs --elastic-user NAME")
    if not settings.user:
        return None
    if settings.password_file is None:
        raise SettingsError("--elastic-user needs --elastic-password-file FILE (passwords are not taken as arguments)")
    if ":" in settings.user:
        raise SettingsError("--elastic-user: a user name has no ':'")
    password = read_secret(settings.password_file, "--elastic-password-file")
    encoded = base64.b64encode(f"{settings.user}:{password}".encode()).decode()
    return Credential(f"Basic {encoded}", (encoded, password))


def _key(text: str, path: Path) -> Credential:
    """Return the header of an API key, which may be encoded or the "id:key" it encodes."""
    wrong = SettingsError(
        f"{path}: is no API key. Write the value 'encoded' of the key, or 'id:key', into one line. "
        "Make a key with: spanwatch elastic setup --key-out FILE"
    )
    encoded = base64.b64encode(text.encode()).decode() if ":" in text else text
    try:
        plain = base64.b64decode(encoded, validate=True).decode("ascii")
    except (binascii.Error, ValueError) as error:
        raise wrong from error
    name, _, secret = plain.partition(":")
    if not name or not secret or not plain.isprintable():
        raise wrong
    return Credential(f"ApiKey {encoded}", (encoded, plain, secret))


def read_secret(path: Path, option: str) -> str:
    """Return the one line of a secret file; raises ``SettingsError`` when it is missing, open to all, or empty."""
    try:
        with path.open("rb") as file:
            mode = path.stat().st_mode
            body = file.read(MAX_SECRET + 1)
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({error.strerror or error}). Check {option}") from error
    if mode & (stat.S_IROTH | stat.S_IWOTH):
        raise SettingsError(f"{path}: every user of this machine can read it. Do: chmod 600 {path}")
    try:
        text = body.decode("utf-8").strip()
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: is not text. Check {option}") from error
    if not text or len(body) > MAX_SECRET or "\n" in text:
        raise SettingsError(f"{path}: must hold one line with the secret. Check {option}")
    return text

"""Content credentials: a file signed with the user's certificate (C2PA 2), and whoever's signature is checked.

Nothing is asked of the network, unless the user names a time-stamping authority. The key stays in memory: it is in no
log, no error and no file. By `c2pa-python`, which is the extra `[c2pa]`.
"""

import os
import re
import ssl
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from personify.voices.errors import BadInput, MissingExtra, PersonifyError
from personify.voices.settings import own_table

if TYPE_CHECKING:
    from personify.pipelines.provenance import Provenance

TABLE = "c2pa"
CERTIFICATE, KEY, PASSPHRASE = "PERSONIFY_C2PA_CERT", "PERSONIFY_C2PA_KEY", "PERSONIFY_C2PA_PASSPHRASE"
LABEL = "org.personify.provenance"
"""The assertion that holds Personify's own record."""

_LARGEST_PEM = 2**20
_LONGEST_PATH = 1024
_WANTED = (
    "the key must be the certificate's, and that must be valid today, made for signing documents or e-mail, and come "
    "with those above it"
)
_SECRET = re.compile(r"-----BEGIN.*|[A-Za-z0-9+/=]{32,}", re.DOTALL)
_PUBLIC_KEYS = (
    (bytes.fromhex("06072a8648ce3d020106082a8648ce3d030107"), "es256"),
    (bytes.fromhex("06072a8648ce3d020106052b81040022"), "es384"),
    (bytes.fromhex("06072a8648ce3d020106052b81040023"), "es512"),
    (bytes.fromhex("300506032b6570032100"), "ed25519"),
    (bytes.fromhex("06092a864886f70d010101"), "ps256"),
    (bytes.fromhex("06092a864886f70d01010a"), "ps256"),
)
"""How the public key of a certificate begins (RFC 5480, 8017, 8410), and what it signs with (C2PA 2.1, 13.2.1).

The last one is that of a signature by RSA-PSS too, with which an authority may have signed any of the others."""


class CredentialSettings(BaseModel):
    """The table `[c2pa]`. Relative paths count from the file that they are written in.

    `certificate`: the signer's certificate and those above it, PEM; `key`: its private key, PEM, whose passphrase is
    read from the environment. `tsa_url`: a time-stamping authority that is asked for each file (RFC 3161). `trust`:
    certificates, PEM, whose signers `personify inspect` calls trusted.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    certificate: Path | None = None
    key: Path | None = None
    tsa_url: str | None = Field(None, pattern=r"^https?://\S+$")
    trust: Path | None = None


@dataclass(frozen=True)
class Credentials:
    """A certificate and its key, ready to sign."""

    chain: str
    key: str = field(repr=False)
    algorithm: str
    tsa_url: str | None = None

    def sign(self, path: Path, said: "Provenance") -> None:
        """Puts a signed manifest into a PNG, WAV or MP4: that a machine made it, how, and with what record.

        Raises `PersonifyError` where the library or the time-stamping authority can't do it; the file is as it was.
        """
        from personify.pipelines.containers import container_of
        from personify.voices.tags import rewritten

        mime = container_of(path).mime
        try:
            with rewritten(path) as (before, after):
                _signed(self, _manifest(said, mime), mime, before, after)
        except OSError:
            raise
        except Exception as error:
            if not type(error).__module__.startswith("c2pa"):
                raise
            raise PersonifyError(f"{path.name} could not be signed: {_harmless(error)}") from None


def find_credentials() -> Credentials | None:
    """What the user signs with: named by the environment, else by `[c2pa]` in `personify.toml`; None for nothing.

    It is tried on a tiny picture once. Raises `BadInput` for a certificate or key that can't be used, and
    `MissingExtra` where the library isn't installed.
    """
    settings, place = read_settings()
    if settings.certificate is None or settings.key is None:
        return None
    if find_spec("c2pa") is None:
        raise MissingExtra(
            f"{place} names a certificate to sign with, which needs c2pa-python; "
            "install it with: pip install 'personify[c2pa]'"
        )
    return _opened(
        *_known(settings.certificate, place), *_known(settings.key, place), settings.tsa_url,
        os.environ.get(PASSPHRASE, ""),
    )  # fmt: skip


def check_credentials() -> None:
    """Raises as `find_credentials` where files couldn't be signed; to be called before work begins."""
    find_credentials()


def read_settings() -> tuple[CredentialSettings, str]:
    """The settings, and where they stand for messages. Raises `BadInput` for what can't be understood."""
    path, table = own_table(TABLE)
    place = f"{path}: [{TABLE}]"
    try:
        settings = CredentialSettings.model_validate(table)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        raise BadInput(f"{place}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    folder = path.parent if path is not None else Path()
    named = {name: os.environ.get(variable) for name, variable in (("certificate", CERTIFICATE), ("key", KEY))}
    told = {name: Path(value) for name, value in named.items() if value}
    if told:
        place = " and ".join(variable for variable in (CERTIFICATE, KEY) if os.environ.get(variable))
    paths = {}
    for name in ("certificate", "key", "trust"):
        given = told.get(name) or getattr(settings, name)
        if given is not None:
            _check_path(given, f"the {name} in {place}")
        paths[name] = None if given is None else folder / _home(given, place)
    settings = settings.model_copy(update=paths)
    if (settings.certificate is None) != (settings.key is None):
        lacks = "key" if settings.key is None else "certificate"
        raise BadInput(
            f"{place} lacks the {lacks}; give both {CERTIFICATE} and {KEY}, or certificate and key in [{TABLE}]"
        )
    return settings, place


def pem_of(path: Path, place: str) -> str:
    """The text of a PEM file. Raises `BadInput` that says nothing of what is in it."""
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST_PEM + 1).decode("ascii", "replace")
    except OSError as error:
        raise BadInput(f"{place} names {path}, which can't be read: {error.strerror}") from None
    if "-----BEGIN " not in text or len(text) > _LARGEST_PEM:
        raise BadInput(f"{place} names {path}, which is no PEM file; it must begin with -----BEGIN")
    return text


def offline(trust: str | None = None) -> dict[str, Any]:
    """The library's settings: it asks no network, makes no thumbnails, and trusts these certificates too."""
    settings: dict[str, Any] = {
        "version": 1,
        "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_after_sign": False},
        "builder": {"thumbnail": {"enabled": False}},
    }
    return settings | ({"trust": {"user_anchors": trust}} if trust else {})


def _check_path(path: Path, what: str) -> None:
    """Refuses what must be a key or a certificate itself, and says nothing of it."""
    text = str(path)
    if "-----" in text or "\n" in text or "\r" in text or len(text) > _LONGEST_PATH:
        raise BadInput(f"{what} must be the path of a PEM file, not what is in it")


def _home(path: Path, place: str) -> Path:
    try:
        return path.expanduser()
    except RuntimeError:
        raise BadInput(f"{place}: {path} begins with the home folder of nobody on this machine") from None


def _known(path: Path, place: str) -> tuple[Path, int, str]:
    """A file as it is now, so that it is read anew once it changes."""
    try:
        return path, path.stat().st_mtime_ns, place
    except OSError as error:
        raise BadInput(f"{place} names {path}, which can't be read: {error.strerror}") from None


@lru_cache(4)
def _opened(
    certificate: Path, changed_ns: int, place: str, key: Path, key_changed_ns: int, key_place: str,
    tsa_url: str | None, passphrase: str,
) -> Credentials:  # fmt: skip
    chain = pem_of(certificate, place)
    private = _decrypted(pem_of(key, place), key, passphrase)
    if "PRIVATE KEY-----" not in private:
        raise BadInput(f"{place} names {key} as the key, which holds no private key")
    credentials = Credentials(chain, private, _algorithm(chain, certificate, place), tsa_url)
    _try(credentials, certificate, key, place)
    return credentials


def _decrypted(pem: str, path: Path, passphrase: str) -> str:
    if "ENCRYPTED" not in pem:
        return pem
    if not passphrase:
        raise BadInput(f"the key {path} is encrypted; put its passphrase into {PASSPHRASE}")
    if find_spec("cryptography") is None:
        raise MissingExtra(f"the key {path} is encrypted, which needs cryptography; pip install cryptography")
    from cryptography.hazmat.primitives import serialization

    try:
        key = serialization.load_pem_private_key(pem.encode(), passphrase.encode())
    except (ValueError, TypeError):
        raise BadInput(f"the passphrase in {PASSPHRASE} doesn't open the key {path}") from None
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, plain).decode()


def _algorithm(chain: str, path: Path, place: str) -> str:
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    try:
        first = chain[chain.index(begin) : chain.index(end) + len(end)]
        told = ssl.PEM_cert_to_DER_cert(first)
    except ValueError:
        raise BadInput(f"{place} names {path}, which holds no certificate") from None
    for prefix, algorithm in _PUBLIC_KEYS:
        if prefix in told:
            return algorithm
    raise BadInput(f"{path} has a key of a kind that C2PA doesn't sign with; use P-256, P-384, RSA or Ed25519")


def _try(credentials: Credentials, certificate: Path, key: Path, place: str) -> None:
    """Signs a picture of one pixel, without the time, and checks that."""
    import io

    from PIL import Image

    from personify.pipelines.bundle import MACHINE_MADE
    from personify.pipelines.provenance import Provenance
    from personify.pipelines.verifying import verdict_on

    tiny, signed = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (1, 1)).save(tiny, "PNG")
    tiny.seek(0)
    said = Provenance(notice=MACHINE_MADE, what="portrait", source_type="algorithmicMedia")
    quiet = Credentials(credentials.chain, credentials.key, credentials.algorithm)
    try:
        _signed(quiet, _manifest(said, "image/png"), "image/png", tiny, signed)
    except Exception as error:
        if not type(error).__module__.startswith("c2pa"):
            raise
        raise BadInput(
            f"{place}: nothing can be signed with {certificate} and {key} ({_harmless(error)}); {_WANTED}"
        ) from None
    signed.seek(0)
    verdict = verdict_on(signed, "image/png", trust=None)
    if verdict is None or verdict.state == "broken":
        why = "; ".join(verdict.problems) if verdict else "no signature came of it"
        raise BadInput(f"{place}: what {certificate} and {key} sign doesn't hold ({why}); {_WANTED}")


def _signed(credentials: Credentials, manifest: dict[str, Any], mime: str, before: Any, after: Any) -> None:
    import c2pa

    info = c2pa.C2paSignerInfo(
        credentials.algorithm.encode(), credentials.chain.encode(), credentials.key.encode(),
        credentials.tsa_url.encode() if credentials.tsa_url else None,
    )  # fmt: skip
    with (
        c2pa.Context.from_dict(offline()) as context,
        c2pa.Signer.from_info(info) as signer,
        c2pa.Builder(manifest, context) as builder,
    ):
        builder.sign(signer, mime, before, after)


def _manifest(said: "Provenance", mime: str) -> dict[str, Any]:
    from personify.pipelines.provenance import SOURCE_TYPES, title_of

    machine = {"name": said.software, "version": said.version}
    made = {
        "action": "c2pa.created",
        "digitalSourceType": f"{SOURCE_TYPES}{said.source_type}",
        "softwareAgent": machine,
        "description": said.notice,
    }
    return {
        "claim_generator_info": [machine],
        "title": title_of(said),
        "format": mime,
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": [made]}},
            {"label": LABEL, "kind": "Json", "data": said.model_dump(mode="json", exclude_none=True)},
        ],
    }


def _harmless(error: Exception) -> str:
    """What the library says, without anything that could be part of a key."""
    return _SECRET.sub("…", str(error)).strip()[:300] or type(error).__name__

"""Throw-away certificates to sign with: a root, and signers under it that C2PA takes, or doesn't."""

import datetime
from pathlib import Path
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PASSPHRASE = "correct horse"


class Papers(NamedTuple):
    """PEM files: the signer's chain, its key, and the root that whoever trusts it needs."""

    chain: Path
    key: Path
    root: Path


def papers(
    folder: Path, kind: str = "P-256", *, root: str = "P-256", usage: bool = True, days: int = 30, passphrase: str = ""
) -> Papers:
    """A signer of its own, called "Tea Signer" of "Tea Works".

    `kind` is that of its key, `root` that of the authority's; without `usage` its certificate isn't for signing
    documents; `days` may be negative for one that is over.
    """
    root_key, key = _key(root), _key(kind)
    authority = _root(root_key)
    signer = _signer(key.public_key(), root_key, usage=usage, days=days)
    folder.mkdir(parents=True, exist_ok=True)
    made = Papers(folder / "chain.pem", folder / "key.pem", folder / "root.pem")
    pem = serialization.Encoding.PEM
    made.chain.write_bytes(signer.public_bytes(pem) + authority.public_bytes(pem))
    made.root.write_bytes(authority.public_bytes(pem))
    lock = serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else serialization.NoEncryption()
    made.key.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, lock))
    return made


def _key(kind: str) -> Any:
    if kind in ("RSA", "RSA-PSS"):
        return rsa.generate_private_key(65537, 2048)
    if kind == "Ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    curves = {"P-256": ec.SECP256R1, "P-384": ec.SECP384R1, "P-521": ec.SECP521R1, "secp256k1": ec.SECP256K1}
    return ec.generate_private_key(curves[kind]())


def _padding(key: Any) -> dict[str, Any]:
    """An authority with an RSA key signs by RSA-PSS, which is what C2PA takes."""
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
    return {"rsa_padding": pss} if isinstance(key, rsa.RSAPrivateKey) else {}


def _root(key: Any) -> x509.Certificate:
    named = _name("Tea Root")
    return (
        _certificate(named, key.public_key(), days=60)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256(), **_padding(key))
    )


def _signer(key: Any, root_key: Any, *, usage: bool, days: int) -> x509.Certificate:
    issuer = x509.SubjectKeyIdentifier.from_public_key(root_key.public_key())
    purpose = ExtendedKeyUsageOID.EMAIL_PROTECTION if usage else ExtendedKeyUsageOID.SERVER_AUTH
    return (
        _certificate(_name("Tea Signer"), key, days=days)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer), critical=False)
        .sign(root_key, hashes.SHA256(), **_padding(root_key))
    )


def _certificate(subject: x509.Name, key: Any, *, days: int) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(_name("Tea Root"))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=90))
        .not_valid_after(now + datetime.timedelta(days=days))
    )


def _name(common: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, common), x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Tea Works")]
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signs, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=not signs, crl_sign=not signs, encipher_only=False, decipher_only=False,
    )  # fmt: skip

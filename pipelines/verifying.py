"""Whether the content credentials in a file hold, and whose they are. Asks no network, and trusts no one unasked."""

import json
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO, Literal

from personify.pipelines.credentials import LABEL, offline, pem_of, read_settings

State = Literal["trusted", "intact", "broken", "unchecked", "unread"]
_MOST = 12
_LONGEST = 300


@dataclass(frozen=True)
class Verdict:
    """What is known of a file's credentials.

    `trusted`: not changed since it was signed, by somebody whom the user trusts; `intact`: not changed since, but
    whether the signer is who they say nobody here knows; `broken`: changed, expired or forged; `unchecked`: they are
    there and could not be checked, as `problems` say; `unread`: nobody has looked whether there are any, as `problems`
    say why. `record` is Personify's own as it was signed.
    """

    state: State
    signer: str | None = None
    issuer: str | None = None
    time: str | None = None
    generator: str | None = None
    actions: tuple[str, ...] = ()
    source_types: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    record: dict[str, Any] | None = field(default=None, repr=False)

    @property
    def holds(self) -> bool:
        """Whether what was signed is what the file is, so that it may count."""
        return self.state in ("trusted", "intact")


REMOTE = Verdict("unchecked", problems=("they lie at an address, and nothing is fetched",))
"""On a file that only says where its credentials are."""


def can_verify() -> bool:
    """Whether the library is here that `verify` needs."""
    return find_spec("c2pa") is not None


def verify(path: Path, mime: str) -> Verdict | None:
    """The verdict on a file's credentials; None where it has none. Raises `BadInput` for settings that can't be used.

    `mime` is the file's format.
    """
    settings, place = read_settings()
    trust = None if settings.trust is None else pem_of(settings.trust, place)
    with path.open("rb") as file:
        return verdict_on(file, mime, trust=trust)


def verdict_on(file: BinaryIO, mime: str, *, trust: str | None) -> Verdict | None:
    """As `verify`, of an open file; `trust` are certificates, PEM."""
    import c2pa

    try:
        with c2pa.Context.from_dict(offline(trust)) as context, c2pa.Reader(mime, file, context=context) as reader:
            told = json.loads(reader.json())
    except c2pa.C2paError.ManifestNotFound:
        return None
    except (c2pa.C2paError, ValueError, RecursionError) as error:
        if str(error).startswith("Remote"):  # the library has no type of error for it
            return REMOTE
        return Verdict("broken", problems=(_short(str(error)) or type(error).__name__,))
    return _verdict(told)


def _verdict(told: dict[str, Any]) -> Verdict:
    manifest = told.get("manifests", {}).get(told.get("active_manifest"), {})
    signed = manifest.get("signature_info", {})
    state: State = {"Trusted": "trusted", "Valid": "intact"}.get(told.get("validation_state", ""), "broken")  # type: ignore[assignment]
    found = manifest.get("assertions", [])
    actions = [
        action
        for each in found
        if str(each.get("label", "")).startswith("c2pa.actions")
        for action in _list(each.get("data"), "actions")
        if isinstance(action, dict)
    ]
    record = next((each.get("data") for each in found if each.get("label") == LABEL), None)
    generator: dict[str, Any] = next(iter(manifest.get("claim_generator_info") or []), {})
    return Verdict(
        state,
        signer=_text(signed.get("common_name")),
        issuer=_text(signed.get("issuer")),
        time=_text(signed.get("time")),
        generator=_text(" ".join(filter(None, (generator.get("name"), generator.get("version"))))),
        actions=tuple(_short(str(each.get("action", ""))) for each in actions[:_MOST]),
        source_types=tuple(
            _short(str(each["digitalSourceType"]).rpartition("/")[2])
            for each in actions[:_MOST]
            if each.get("digitalSourceType")
        ),
        problems=_problems(told, state),
        record=record if isinstance(record, dict) else None,
    )


def _problems(told: dict[str, Any], state: State) -> tuple[str, ...]:
    """What doesn't hold; that the signer is unknown is what `intact` means, and no problem of the file's."""
    failed = told.get("validation_results", {}).get("activeManifest", {}).get("failure", [])
    said = [
        _short(f"{each.get('code', '')}: {each.get('explanation', '')}")
        for each in [*failed, *(told.get("validation_status") or [])]
        if isinstance(each, dict) and not (state == "intact" and each.get("code") == "signingCredential.untrusted")
    ]
    return tuple(dict.fromkeys(said))[:_MOST]


def _list(data: Any, name: str) -> list[Any]:
    """A list in an assertion's data, which whoever signed it may have made anything."""
    found = data.get(name) if isinstance(data, dict) else None
    return found if isinstance(found, list) else []


def _text(value: Any) -> str | None:
    return _short(value) if isinstance(value, str) and value else None


def _short(text: str) -> str:
    return text[:_LONGEST]

"""The model as JSON text and back, by the types of the model itself.

A journal outlives the program that wrote it: keys that are missing take the type's default, keys
that are not known are passed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from msgspec import json, to_builtins

from bulk_update.journal.records import Asked
from bulk_update.model import (
    Account,
    Change,
    Contact,
    Desired,
    FieldChange,
    FindingGroup,
    TagEdit,
    Wish,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Of a contact, its name."""

    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """What results tell of a change: the contact before, and the fields that differ."""

    before: Named
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asks:
    """What a change asked for."""

    wishes: tuple[Wish, ...] = ()
    tags: TagEdit | None = None


def _as_text(thing: object) -> str:
    """The text of a cell that is more than text: of a number, a date, a formula of a workbook."""
    if isinstance(thing, str):
        return str.__str__(thing)
    raise TypeError(type(thing).__name__)


# Made once: a million documents are read by them.
_ENCODER: Final = json.Encoder(enc_hook=_as_text)
_CHANGE: Final = json.Decoder(Change)
_DIFFERENCES: Final = json.Decoder(Differences)
_ASKS: Final = json.Decoder(Asks)
_DESIRED: Final = json.Decoder(Desired)
_CONTACT: Final = json.Decoder(Contact)
_ACCOUNT: Final = json.Decoder(Account)
_FINDINGS: Final = json.Decoder(tuple[FindingGroup, ...])
_ASKED: Final[json.Decoder[Asked]] = json.Decoder(Asked)
_MAPPING: Final = json.Decoder(dict[str, object])


def encode(thing: object) -> str:
    """Any dataclass of the model, mapping or list of them as JSON text."""
    try:
        return _ENCODER.encode(thing).decode()
    except UnicodeEncodeError:
        return _ENCODER.encode(_spelled_out(to_builtins(thing, enc_hook=_as_text))).decode()


def _spelled_out(thing: object) -> object:
    r"""The same with each lone surrogate as ``\udXXX``: a file's name and a flag may hold one, and
    no database takes it. Cells with one are errors, so nothing that is sent is touched."""
    if isinstance(thing, str):
        return thing.encode("utf-8", "backslashreplace").decode()
    if isinstance(thing, list):
        return [_spelled_out(each) for each in thing]
    if isinstance(thing, dict):
        return {_spelled_out(name): _spelled_out(value) for name, value in thing.items()}
    return thing


def decode_change(text: str) -> Change:
    """The change that :func:`encode` wrote."""
    return _CHANGE.decode(text)


def decode_differences(text: str) -> Differences:
    """Of the change that :func:`encode` wrote, what results tell: in less time than all of it."""
    return _DIFFERENCES.decode(text)


def decode_asks(text: str) -> Asks:
    """Of the change that :func:`encode` wrote, what it asked for."""
    return _ASKS.decode(text)


def decode_desired(text: str) -> Desired:
    """The desired state that :func:`encode` wrote."""
    return _DESIRED.decode(text)


def decode_contact(text: str | bytes) -> Contact:
    """The contact that :func:`encode` wrote."""
    return _CONTACT.decode(text)


def decode_account(text: str) -> Account:
    """The account that :func:`encode` wrote."""
    return _ACCOUNT.decode(text)


def decode_findings(text: str) -> tuple[FindingGroup, ...]:
    """The grouped findings that :func:`encode` wrote."""
    return _FINDINGS.decode(text)


def decode_asked(text: str) -> Asked:
    """The value, or the edit of tags, that :func:`encode` wrote."""
    return _ASKED.decode(text)


def decode_mapping(text: str) -> dict[str, object]:
    """A JSON object as it stands."""
    return _MAPPING.decode(text)

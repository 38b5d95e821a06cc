"""How the words and switches of the settings are read; quantities have a module of their own.

Each function takes what a flag, a variable or a TOML file holds and raises ``ValueError`` with a
readable line that quotes it and names the allowed forms.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable
from pathlib import Path

from bulk_update.config.files import did_you_mean
from bulk_update.language import _
from bulk_update.model import KEY_KINDS, PROBLEM_STATUSES, RowStatus, Target


def one_of(*allowed: str) -> Callable[[object], str]:
    """A reader of one of a few words, in any case."""

    def choose(given: object) -> str:
        word = str(given).strip().lower()
        if word in allowed:
            return word
        raise ValueError(
            _('"{text}" is none of: {allowed}').format(text=given, allowed=", ".join(allowed))
        )

    return choose


def parse_word(given: object) -> str:
    """A text that is not empty."""
    text = given.strip() if isinstance(given, str) else ""
    if not text:
        raise ValueError(_("needs a text that is not empty"))
    return text


def parse_switch(given: object) -> bool:
    """True or false, and nothing that merely looks like it."""
    if isinstance(given, bool):
        return given
    raise ValueError(_('"{text}" is neither true nor false').format(text=given))


def parse_path(given: object) -> Path:
    """A path; ``~`` is the user's home."""
    text = str(given).strip()
    if not text:
        raise ValueError(_("needs a path that is not empty"))
    return Path(text).expanduser()


def parse_region(given: object) -> str:
    """A country that has phone numbers, as ISO 3166 spells it."""
    from phonenumbers import SUPPORTED_REGIONS

    code = str(given).strip().upper()
    if code in SUPPORTED_REGIONS:
        return code
    note = _(" (Britain is GB)") if code == "UK" else ""
    raise ValueError(
        _('"{text}" is no country code of two letters, such as IT{note}').format(
            text=given, note=note
        )
    )


def parse_encoding(given: object) -> str:
    """The name of a text encoding, in its own spelling."""
    try:
        return codecs.lookup(str(given).strip()).name
    except (LookupError, ValueError) as error:
        raise ValueError(
            _('"{text}" is no encoding; write utf-8, utf-16, cp1252 or another').format(text=given)
        ) from error


def parse_delimiter(given: object) -> str:
    """The one character between cells; ``tab`` may be spelled out."""
    text = {"tab": "\t", "\\t": "\t"}.get(str(given).lower(), str(given))
    if len(text) != 1 or text in '"\r\n':
        raise ValueError(_('"{text}" is no delimiter; write , ; | or tab').format(text=given))
    return text


def parse_date_format(given: object) -> str:
    """``DMY``, ``MDY``, ``YMD``, or a strptime pattern."""
    text = str(given).strip()
    if text.upper() in ("DMY", "MDY", "YMD"):
        return text.upper()
    if "%" in text:
        return text
    raise ValueError(
        _('"{text}" is no date format; write DMY, MDY, YMD or a pattern (%d.%m.%Y)').format(
            text=given
        )
    )


def parse_statuses(given: object) -> frozenset[RowStatus]:
    """Row statuses as a list or with commas between; only those that make the exit code 1."""
    listed = given if isinstance(given, list | tuple | frozenset) else str(given).split(",")
    words = [str(word).strip().lower().replace("-", "_") for word in listed]
    allowed = {status.value for status in PROBLEM_STATUSES}
    for word in words:
        if word not in allowed:
            raise ValueError(
                _('"{text}" is no status to accept. {hint}').format(
                    text=word, hint=did_you_mean(word, allowed)
                )
            )
    return frozenset(RowStatus(word) for word in words)


def parse_fields(given: object) -> tuple[Target, ...]:
    """Fields of a contact, each spelled like a target: one, or a list of them."""
    listed = given if isinstance(given, list | tuple) else [given]
    return tuple(each if isinstance(each, Target) else _field(str(each)) for each in listed)


def _field(text: str) -> Target:
    try:
        target = Target.parse(text.strip())
    except ValueError:
        target = None
    if target is None or target.was or target.kind in KEY_KINDS:
        raise ValueError(
            _('"{text}" is no field; write note, tags, team, cf:Status or the like').format(
                text=text
            )
        )
    return target

"""From a text to a target: as people write targets, and as headers name them by themselves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from bulk_update.mapping.names import (
    TARGET_NAMES,
    FieldNames,
    fold,
    header_list,
    parse_or_none,
    tidy,
)
from bulk_update.model import (
    CUSTOM_PREFIX,
    CUSTOM_SHORT,
    WAS_PREFIX,
    Target,
    TargetKind,
)

NEAR: Final = 80
"""From this likeness on (0 to 100), a header that nothing maps is a question."""

_ENOUGH: Final = 3  # a header of two letters ("No") is near to half the list


class How(StrEnum):
    """How a column came to its target."""

    FLAG = "flag"
    FILE = "file"
    API_NAME = "api_name"
    HEADER_LIST = "header_list"
    CUSTOM_FIELD = "custom_field"
    NEAR = "near"
    VALUES = "values"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """What a header is by itself.

    ``languages`` are those of the header list that name it so; ``shadowed`` is the custom field
    of the same name that the target took precedence over; ``choices`` are the fields that differ
    by case only, between which nobody but the user can choose (``target`` is then the first).
    """

    target: Target
    how: How
    languages: tuple[str, ...] = ()
    shadowed: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """What a text is like: the name it resembles, its target, and how much (0 to 100)."""

    target: Target
    name: str
    score: int


def recognise(header: str, fields: FieldNames) -> Recognised | None:
    """What the header is by itself: an API name, a name of the header list, a custom field.

    The API's and the list's names win over a custom field of the same name. After ``was.`` the
    same rules hold again.
    """
    text = tidy(header)
    known = _by_list(text)
    if known is not None:
        return replace(known, shadowed=next(iter(fields.match(text)), ""))
    return _by_prefix(text, fields) or _by_field(text, fields) or _by_was(text, fields)


def _by_list(text: str) -> Recognised | None:
    target = parse_or_none(text.casefold())
    if target is not None and not target.custom:
        return Recognised(target=target, how=How.API_NAME)
    known = header_list().get(fold(text))
    if known is None:
        return None
    return Recognised(target=known.target, how=How.HEADER_LIST, languages=known.languages)


def _by_prefix(text: str, fields: FieldNames) -> Recognised | None:
    """``custom_fields.<Name>`` and ``cf:<Name>``, also behind ``was.``."""
    target = parse_or_none(_lower_prefixes(text))
    if target is None or not target.custom:
        return None
    return _field(target, fields.match(target.custom), How.API_NAME)


def _lower_prefixes(text: str) -> str:
    """The text with ``was.``, ``custom_fields.`` and ``cf:`` at its start in small letters."""
    for prefix in (WAS_PREFIX, CUSTOM_PREFIX, CUSTOM_SHORT):
        if text.casefold().startswith(prefix):
            rest = text[len(prefix) :]
            return prefix + (_lower_prefixes(rest) if prefix == WAS_PREFIX else rest)
    return text


def _by_field(text: str, fields: FieldNames) -> Recognised | None:
    found = fields.match(text)
    return _field(Target(TargetKind.CUSTOM_FIELD, text), found, How.CUSTOM_FIELD) if found else None


def _field(target: Target, found: tuple[str, ...], how: How) -> Recognised:
    spelled = replace(target, custom=found[0]) if found else target
    return Recognised(target=spelled, how=how, choices=found if len(found) > 1 else ())


def _by_was(text: str, fields: FieldNames) -> Recognised | None:
    if not text.casefold().startswith(WAS_PREFIX):
        return None
    inner = recognise(text[len(WAS_PREFIX) :], fields)
    if inner is None or parse_or_none(WAS_PREFIX + str(inner.target)) is None:
        return None
    return replace(inner, target=replace(inner.target, was=True))


def nearest(text: str, fields: FieldNames, *, least: int = NEAR) -> Near | None:
    """The name that ``text`` is most like, of all targets, the header list and custom fields.

    Both sides are compared folded; None under ``least`` or for a text of one or two letters.
    """
    folded = fold(text)
    if len(folded) < _ENOUGH:
        return None
    from rapidfuzz import fuzz, process

    names = fields.likely
    best = process.extractOne(folded, names.keys(), scorer=fuzz.ratio, score_cutoff=least)
    if best is None:
        return None
    target, spelled = names[best[0]]
    return Near(target=target, name=spelled, score=int(best[1]))


def near_field(name: str, fields: FieldNames) -> str:
    """The custom field that ``name`` nearly is, or ``""``."""
    from rapidfuzz import fuzz, process

    best = process.extractOne(fold(name), fields.folded, scorer=fuzz.ratio, score_cutoff=NEAR)
    return best[2] if best else ""


def suggestion(text: str, fields: FieldNames) -> Target | None:
    """The target that somebody who wrote ``text`` as a target may have meant."""
    known = recognise(text, fields) or nearest(text, fields, least=60)
    return known.target if known else None


def short(target: Target) -> str:
    """The target as people write it: ``cf:Status`` rather than ``custom_fields.Status``."""
    spelled = str(target)
    head, found, name = spelled.partition(CUSTOM_PREFIX)
    return head + CUSTOM_SHORT + name if found and head in ("", WAS_PREFIX) else spelled


def possible_targets() -> str:
    """Every target, in one line, for a hint."""
    return ", ".join((*TARGET_NAMES, f"{CUSTOM_SHORT}<Name>", f"{WAS_PREFIX}<target>"))

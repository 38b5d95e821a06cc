"""What the make-believe account does where the public API reference is silent.

Every switch is one such question. The default is the answer that published observations of
real accounts favour; :func:`Behaviour.readings` gives an account for every other answer, so
that a program can be shown to work under each.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Annotated, Literal

from pydantic import Field


class Envelope(StrEnum):
    """How one contact comes back: ``{"contact": {…}}`` (observed) or, as the reference
    prints it, ``{"contact": [{…}]}``. A look-up by phone is always an object (reference)."""

    OBJECT = "object"
    ARRAY = "array"


class CustomFields(StrEnum):
    """What naming one custom field in a PATCH does to those it does not name."""

    MERGE = "merge"
    REPLACE = "replace"


class Unknown(StrEnum):
    """What becomes of a tag or field that the account does not have: the PATCH is refused, or
    is accepted without it and without a word."""

    REFUSE = "refuse"
    DROP = "drop"


class Clear(StrEnum):
    """What an empty value does: it clears, is refused (4xx), or changes nothing."""

    TAKES = "takes"
    REFUSED = "refused"
    IGNORED = "ignored"


class Cleared(StrEnum):
    """How a cleared custom field looks afterwards: gone, ``null``, or ``""`` (``"[]"`` for a
    checkbox)."""

    ABSENT = "absent"
    NULL = "null"
    EMPTY = "empty"


class PhoneSpelling(StrEnum):
    """Which spelling of a number the look-up by phone takes."""

    DIGITS = "digits"
    PLUS = "plus"
    BOTH = "both"


class RetryAfter(StrEnum):
    """The ``Retry-After`` of a 429: none, seconds, or an HTTP date."""

    NONE = "none"
    SECONDS = "seconds"
    DATE = "date"


class ErrorShape(StrEnum):
    """The body of an error: ``{"error": "…"}``, ``{"errors": {"field": ["…"]}}``,
    ``{"errors": ["…"]}``, ``{"message": "…"}``, a page of HTML, or nothing at all."""

    ERROR = "error"
    BY_FIELD = "by_field"
    LIST = "list"
    MESSAGE = "message"
    HTML = "html"
    EMPTY = "empty"


class TagOrder(StrEnum):
    """The order in which tags come back; none is promised."""

    AS_SENT = "as_sent"
    SORTED = "sorted"
    REVERSED = "reversed"


class Dates(StrEnum):
    """How a date comes back: as the day that was sent, or as a moment
    (``2026-03-03T00:00:00.000Z``), which no PATCH takes."""

    DAY = "day"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """One account's answers to the open questions.

    ``clear_by_empty`` is about ``""`` for a custom field that is no checkbox,
    ``clear_checkbox`` about ``[]``, ``clear_by_null`` about ``null`` for any custom field,
    ``clear_team`` about ``team_uuid: ""``. ``phone_as_uuid``: whether a number is taken in the
    place of ``:uuid``. ``cursors``: whether listings give ``meta.next``.
    ``metadata_in_listing``: whether a listing honours ``include_field_types``. ``bare_numbers``:
    whether a number field takes a JSON number, which it then shows as a number. ``dates``: how a
    date comes back. ``refusal_status``: 422 or 400. ``patch_moves``: whether a PATCH counts as
    activity and moves its contact to the head of the listing. ``stale_reads``: for that many
    seconds after a change, GET shows the contact as it was before; 0 is never.
    """

    envelope: Envelope = Envelope.OBJECT
    custom_fields: CustomFields = CustomFields.MERGE
    unknown_tags: Unknown = Unknown.REFUSE
    unknown_fields: Unknown = Unknown.REFUSE
    clear_by_empty: Clear = Clear.TAKES
    clear_by_null: Clear = Clear.REFUSED
    clear_checkbox: Clear = Clear.TAKES
    clear_team: Clear = Clear.REFUSED
    cleared_shows: Cleared = Cleared.EMPTY
    phone_as_uuid: bool = False
    phone_lookup: PhoneSpelling = PhoneSpelling.BOTH
    retry_after: RetryAfter = RetryAfter.SECONDS
    cursors: bool = True
    metadata_in_listing: bool = True
    error_shape: ErrorShape = ErrorShape.ERROR
    refusal_status: Literal[400, 422] = 422
    tag_order: TagOrder = TagOrder.AS_SENT
    bare_numbers: bool = True
    dates: Dates = Dates.DAY
    patch_moves: bool = False
    stale_reads: Annotated[float, Field(ge=0)] = 0.0

    @classmethod
    def readings(cls) -> Iterator[tuple[str, Behaviour]]:
        """``(name, behaviour)`` for the default and for each other answer to one question."""
        yield "default", cls()
        for field in dataclasses.fields(cls):
            for value in _others(field.name, getattr(cls(), field.name)):
                yield f"{field.name}={value}", _with(field.name, value)


def _with(name: str, value: object) -> Behaviour:
    return dataclasses.replace(Behaviour(), **{name: value})  # type: ignore[arg-type]


def _others(name: str, default: object) -> list[object]:
    if isinstance(default, Enum):
        return [value for value in type(default) if value is not default]
    if isinstance(default, bool):
        return [not default]
    return [400] if name == "refusal_status" else [0.05]

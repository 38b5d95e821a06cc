"""What the query of a request says, for the calls that share it."""

from __future__ import annotations

from collections.abc import Mapping

from bulk_update.sandbox.refusals import Refusal, Refused


def wants_types(query: Mapping[str, str]) -> bool:
    """Whether the call asks for ``customFieldsMetadata``."""
    return query.get("include_field_types", "").lower() in ("true", "1")


def page_number(query: Mapping[str, str]) -> int:
    """The page asked for, the first when none is; ``Refused`` (400) for what is no page."""
    page = _number(query.get("page", "1"))
    if not page:
        raise Refused(400, Refusal("page", "page must be a positive integer"))
    return page


def page_or_first(query: Mapping[str, str]) -> int:
    """The page asked for; the first where that is none, for calls that the reference gives no
    400."""
    return _number(query.get("page", "1")) or 1


def _number(text: str) -> int:
    return int(text[:9]) if text.isascii() and text.isdigit() else 0

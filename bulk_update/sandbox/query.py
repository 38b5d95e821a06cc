"""What the query of a request says, for the calls that share it."""

from __future__ import annotations

from collections.abc import Mapping

from bulk_update.sandbox.refusals import Refusal, Refused


def wants_types(query: Mapping[str, str]) -> bool:
    """Whether the call asks for ``customFieldsMetadata``."""
    return query.get("include_field_types", "").lower() in ("true", "1")


def page_number(query: Mapping[str, str]) -> int:
    """The page asked for, the first when none is; ``Refused`` (400) for what is no page."""
    text = query.get("page", "1")
    digits = text.isascii() and text.isdigit()
    page = int(text[:9]) if digits else 0
    if not page:
        raise Refused(400, Refusal("page", "page must be a positive integer"))
    return page

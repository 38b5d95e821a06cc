"""One text of a sheet or an account, for the page.

The template escapes it; here what can't be seen is spelled out, and what is too long for a page
is cut, which is said.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from markupsafe import Markup, escape

from bulk_update.language import _, number
from bulk_update.model import CUSTOM_PREFIX, FieldName, Value
from bulk_update.reporting.cells import value_text
from bulk_update.reporting.screen import visible

_CODE: Final = re.compile(r"`([^`\n]+)`")


def shown(text: str, limit: int = 300) -> str:
    """The text as people can see it; of one longer than ``limit`` its begin, and how long it is.

    Lines stay lines.
    """
    if len(text) <= limit:
        return visible(text, lines=True)
    begin = visible(text[:limit], lines=True)
    return _("{begin} … ({n} characters in all)").format(begin=begin, n=number(len(text)))


def prose(text: str) -> Markup:
    """A sentence of ours, escaped, with what stands in backticks as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped first


def breakable(text: str) -> Markup:
    """A name, escaped; an address may go on in the next line before its ``@``."""
    return Markup(str(escape(text)).replace("@", "<wbr>@"))  # noqa: S704 - escaped first


def shown_value(value: Value, limit: int = 160) -> str:
    """A field's value; ``""`` for nothing."""
    return shown(value_text(value), limit)


def field_title(name: FieldName) -> str:
    """A field as people call it: a custom field by its own name."""
    return _own_title(name) or shown(name.removeprefix(CUSTOM_PREFIX), 80)


def _own_title(name: FieldName) -> str | None:
    return {
        "name": _("Name"),
        "note": _("Note"),
        "tags": _("Tags"),
        "assigned_user": _("Assigned user"),
        "team": _("Team"),
        "bot_status": _("Bot"),
    }.get(name)


def moment(at: datetime) -> str:
    """A time to the second, with its offset: ``2026-11-20 23:49:05 +01:00``. It is local time,
    for a person compares it with the clock on the wall."""
    local = at.astimezone()
    offset = f"{local:%z}"
    return f"{local:%Y-%m-%d %H:%M:%S} {offset[:3]}:{offset[3:5]}"


def one_decimal(rate: float) -> str:
    """A rate: ``30``, ``7.5``."""
    return f"{rate:g}"

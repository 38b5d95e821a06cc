"""Rows as wide as their header, and what is said of those that were not."""

from __future__ import annotations

from collections.abc import Sequence

from bulk_update.language import _, ngettext
from bulk_update.model import Finding, Level
from bulk_update.reading.cells import is_blank, visible


def fitted(cells: Sequence[str], width: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """``cells`` made exactly ``width`` wide, and the filled ones that were beyond it.

    Missing cells are blank; extra blank cells are nothing.
    """
    if len(cells) < width:
        return (*cells, *[""] * (width - len(cells))), ()
    return tuple(cells[:width]), tuple(cell for cell in cells[width:] if not is_blank(cell))


def extra_cells(extra: Sequence[str]) -> tuple[Finding, ...]:
    """What is said of filled cells beyond the header; nothing of none."""
    if not extra:
        return ()
    finding = Finding(
        code="extra_cells",
        level=Level.ERROR,
        message=ngettext(
            "{count} filled cell more than there are columns: '{first}'",
            "{count} filled cells more than there are columns, the first: '{first}'",
            len(extra),
        ).format(count=len(extra), first=visible(extra[0])),
        hint=_(
            "Give its column a name in the header, delete it, or put a text that holds the "
            "separator into quotes."
        ),
        value=visible(" | ".join(extra)),
    )
    return (finding,)


def cut_off() -> Finding:
    """The last row of a text file that ends in the middle of it."""
    return Finding(
        code="cut_off",
        level=Level.ERROR,
        message=_("the file ends in the middle of this row"),
        hint=_("The file was cut off: export or copy it again."),
    )


def broken_quotes() -> Finding:
    """A row with something between a closing quote and the next separator."""
    return Finding(
        code="broken_quotes",
        level=Level.ERROR,
        message=_("text after a closing quote: where its cells end can't be told"),
        hint=_('Write a quote inside a quoted cell twice: "Via ""Roma"" 3".'),
    )

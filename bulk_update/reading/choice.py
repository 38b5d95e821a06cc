"""Which sheet of a workbook is meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bulk_update.errors import SheetError, SheetQuestion
from bulk_update.language import _
from bulk_update.model import Finding, Level


@dataclass(frozen=True, slots=True)
class SheetName:
    """A worksheet by its name; ``number`` counts the visible ones from 1, hidden ones have 0."""

    name: str
    number: int

    def __str__(self) -> str:
        return f"{self.number}: '{self.name}'" if self.number else f"'{self.name}'"


def choose(
    sheets: Sequence[SheetName], chosen: str | None, is_filled: Callable[[str], bool]
) -> SheetName:
    """The sheet that ``chosen`` names, else the only visible one that is filled.

    A hidden sheet is taken only when it is named. Raises :class:`SheetError` for a name that is
    none and for an empty workbook, :class:`SheetQuestion` where several sheets are filled.
    """
    if chosen is not None:
        return _named(sheets, chosen)
    filled = [sheet for sheet in sheets if sheet.number and is_filled(sheet.name)]
    if len(filled) > 1:
        raise SheetQuestion(
            _("several sheets are filled: {sheets}").format(sheets=_listed(filled)),
            hint=_("Say which one with --sheet, by its name or its number."),
            code="which_sheet",
        )
    if not filled:
        raise _nothing_filled(sheets)
    return filled[0]


def _named(sheets: Sequence[SheetName], chosen: str) -> SheetName:
    same = [sheet for sheet in sheets if sheet.name == chosen]
    folded = [sheet for sheet in sheets if sheet.name.casefold() == chosen.casefold()]
    numbered = [sheet for sheet in sheets if sheet.number and str(sheet.number) == chosen]
    for found in (same, folded, numbered):
        if found:
            return found[0]
    raise SheetError(
        _("no sheet '{chosen}'; there are: {sheets}").format(chosen=chosen, sheets=_listed(sheets)),
        hint=_("Name one with --sheet, by its name or its number."),
        code="sheet_unknown",
    )


def _nothing_filled(sheets: Sequence[SheetName]) -> SheetError:
    hidden = [sheet for sheet in sheets if not sheet.number]
    hint = _("Check that this is the file that you meant.")
    if hidden:
        hint = _("Hidden sheets are never taken by themselves; name one with --sheet: {sheets}")
    return SheetError(
        _("the workbook is empty: no visible sheet has a filled cell"),
        hint=hint.format(sheets=_listed(hidden)),
        code="empty",
    )


def sheet_taken(taken: SheetName, sheets: Sequence[SheetName]) -> Iterator[Finding]:
    """Says which sheet was taken, where there was more than one."""
    others = [sheet for sheet in sheets if sheet != taken]
    if not others:
        return
    yield Finding(
        code="sheet",
        level=Level.INFO,
        message=_("read the sheet '{name}'; left alone: {others}").format(
            name=taken.name, others=_listed(others)
        ),
        hint=_("For another one: --sheet."),
        value=taken.name,
    )


def _listed(sheets: Sequence[SheetName]) -> str:
    return ", ".join(
        str(sheet) if sheet.number else _("{sheet} (hidden)").format(sheet=sheet)
        for sheet in sheets
    )

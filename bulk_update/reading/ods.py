"""The second look at an ODS workbook: what it shows where that is more than its values.

OpenDocument keeps the text that is shown beside each value, so no format has to be worked out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, Final
from xml.etree.ElementTree import Element

from bulk_update.model import FormulaCell
from bulk_update.reading.overlay import Facts, Part
from bulk_update.reading.package import opened_part
from bulk_update.reading.source import Source

_CONTENT: Final = "content.xml"
_CELLS: Final = ("table-cell", "covered-table-cell")
_HIDDEN: Final = ("collapse", "filter")
_NUMBERS: Final = ("float", "currency")

_ADDS: Final = re.compile(r"(?:0[\d ().\-]*\d|[\d ().\-]*\+[\d ().\-]*\d)")
"""A number that is shown with zeros in front of it or with a plus sign."""


class OdsParts:
    """The facts and exceptional cells of every sheet; the file is streamed each time.

    Raises :class:`SheetError` for archives and XML that are damaged or unsafe.
    """

    date_1904: Final = False
    """Dates are written out in this format."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._facts: dict[str, Facts] = {}
        for sheet, part in self._all():
            self._facts.setdefault(sheet, Facts()).add(part)

    @property
    def all_facts(self) -> tuple[Facts, ...]:
        """The facts of all sheets: calamine loads them all at once."""
        return tuple(self._facts.values())

    def facts(self, sheet: str) -> Facts:
        """What the whole of ``sheet`` shows."""
        return self._facts.get(sheet) or Facts()

    def is_filled(self, sheet: str) -> bool:
        """Whether ``sheet`` has a cell with a value."""
        return self.facts(sheet).values > 0

    def parts(self, sheet: str) -> Iterator[Part]:
        """What ``sheet`` holds beyond plain values, in the order of rows."""
        return (part for name, part in self._all() if name == sheet)

    def _all(self) -> Iterator[tuple[str, Part]]:
        with opened_part(self._source, _CONTENT) as stream:
            yield from _parts(stream)


def _parts(stream: IO[bytes]) -> Iterator[tuple[str, Part]]:
    """A part for each row of each sheet, with the sheet's name."""
    from defusedxml.ElementTree import iterparse

    above: list[Element] = []
    sheet, row = "", 0
    for event, element in iterparse(stream, events=("start", "end"), forbid_dtd=True):
        name = _local(element.tag)
        if event == "start":
            above.append(element)
            if name == "table":
                sheet, row = _attribute(element, "name"), 0
            continue
        above.pop()
        if name == "table-row":
            part = _row(element, row + 1)
            row += _repeats(element, "number-rows-repeated")
            yield sheet, part
            above[-1].clear()  # or the rows that are done with would stay


def _row(element: Element, row: int) -> Part:
    part, column = Part(), 1
    last = row + _repeats(element, "number-rows-repeated") - 1
    if _attribute(element, "visibility") in _HIDDEN:
        part.hidden.append((row, last))
    for cell in element:
        if _local(cell.tag) in _CELLS:
            wide = _repeats(cell, "number-columns-repeated")
            _cell(cell, part, range(row, last + 1), range(column, column + wide))
            column += wide
    return part


def _cell(cell: Element, part: Part, rows: range, columns: range) -> None:
    attributes = {_local(key): value for key, value in cell.items()}
    if "value-type" not in attributes and "formula" not in attributes:
        return
    part.values += 1
    part.last_row, part.last_column = rows[-1], max(part.last_column, columns[-1])
    part.merged += "number-columns-spanned" in attributes or "number-rows-spanned" in attributes
    text = _special(cell, attributes)
    if text is None:
        return
    part.formatted += not isinstance(text, FormulaCell) and "value" in attributes
    for row in rows:
        for column in columns:
            part.put(row, column, text)


def _special(cell: Element, attributes: dict[str, str]) -> str | None:
    """The text of a cell that calamine reads as something else, or as nothing."""
    shown = "\n".join("".join(p.itertext()) for p in cell if _local(p.tag) == "p")
    if any(key.endswith("}value-type") and value == "error" for key, value in cell.items()):
        return shown or "#N/A"
    if "value-type" not in attributes:
        return FormulaCell("=" + attributes["formula"].partition("=")[2])
    if attributes["value-type"] in _NUMBERS and _ADDS.fullmatch(shown):
        digits = re.sub(r"\D", "", shown)
        number = float(attributes.get("value", "nan"))
        return shown if number % 1 == 0 and digits.endswith(str(int(number))) else None
    return None


def _repeats(element: Element, name: str) -> int:
    return int(_attribute(element, name) or 1)


def _attribute(element: Element, name: str) -> str:
    return next((value for key, value in element.items() if _local(key) == name), "")


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]

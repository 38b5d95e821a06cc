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
_CRITERION: Final = "filter-condition"
_ADDRESS: Final = re.compile(r"\$?(?:'((?:[^']|'')*)'|([^.']*))\.")
_NUMBERS: Final = ("float", "currency")

_DURATION: Final = re.compile(r"(-?)PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?")
_SPACES: Final = {"s": " ", "tab": "\t", "line-break": "\n"}
_BREAKS: Final = frozenset("\t\n")

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
    sheet, row, column = "", 0, 1
    for event, element in iterparse(stream, events=("start", "end"), forbid_dtd=True):
        name = _local(element.tag)
        if event == "start":
            above.append(element)
            if name == "table":
                sheet, row, column = _attribute(element, "name"), 0, 1
            continue
        above.pop()
        if name == "table-column":
            column, part = _column(element, column)
            yield sheet, part
        elif name == "table-row":
            part = _row(element, row + 1)
            row += _repeats(element, "number-rows-repeated")
            yield sheet, part
            above[-1].clear()  # or the rows that are done with would stay
        elif name == "database-range" and any(_local(e.tag) == _CRITERION for e in element.iter()):
            yield _sheet_of(_attribute(element, "target-range-address")), Part(filtered=True)


def _sheet_of(address: str) -> str:
    """The sheet in ``$'Sheet 1'.A1:'Sheet 1'.D9``; a quote in its name stands twice."""
    found = _ADDRESS.match(address)
    return (found[1] or "").replace("''", "'") or found[2] if found else ""


def _column(element: Element, column: int) -> tuple[int, Part]:
    """The column after the one, or several alike, that start at ``column``; whether it shows."""
    after = column + _repeats(element, "number-columns-repeated")
    if _attribute(element, "visibility") in _HIDDEN:
        return after, Part(hidden_columns=[(column, after - 1)])
    return after, Part()


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
    many = len(rows) * len(columns)
    part.repeated += many * len("".join(cell.itertext())) if many > 1 else 0
    text = _special(cell, attributes)
    if text is None:
        return
    part.formatted += not isinstance(text, FormulaCell) and "value" in attributes
    for row in rows:
        for column in columns:
            part.put(row, column, text)


def _special(cell: Element, attributes: dict[str, str]) -> str | None:
    """The text of a cell that calamine reads as something else, or as nothing."""
    lines = [p for p in cell if _local(p.tag) == "p"]
    shown = "\n".join(map(_line, lines))
    if any(key.endswith("}value-type") and value == "error" for key, value in cell.items()):
        return shown or "#N/A"
    kind = attributes.get("value-type", "")
    if not kind:  # a formula; the empty text is shown where that is its value
        return shown if lines else FormulaCell("=" + attributes["formula"].partition("=")[2])
    if kind == "time":
        return _time(attributes.get("time-value", ""))
    if kind == "string" and any(len(line) for line in lines):
        return shown if _BREAKS.intersection(shown) else None
    if kind in _NUMBERS and _ADDS.fullmatch(shown):
        digits = re.sub(r"\D", "", shown)
        number = float(attributes.get("value", "nan"))
        return shown if number % 1 == 0 and digits.endswith(str(int(number))) else None
    return None


def _line(element: Element) -> str:
    """The text of a line, with what stands in it for several spaces, a tab, a line's end."""
    texts = [element.text or ""]
    for child in element:
        name = _local(child.tag)
        if name in _SPACES:
            texts.append(_SPACES[name] * (_repeats(child, "c") if name == "s" else 1))
        elif name != "annotation":
            texts.append(_line(child))
        texts.append(child.tail or "")
    return "".join(texts)


def _time(said: str) -> str | None:
    """A time of day or a duration as ``HH:MM:SS``, however long it is."""
    found = _DURATION.fullmatch(said)
    if found is None:
        return None
    hours, minutes, seconds = (float(part or 0) for part in found.groups()[1:])
    whole = round(hours * 3600 + minutes * 60 + seconds)
    return f"{found[1]}{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"


def _repeats(element: Element, name: str) -> int:
    return int(_attribute(element, name) or 1)


def _attribute(element: Element, name: str) -> str:
    return next((value for key, value in element.items() if _local(key) == name), "")


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]

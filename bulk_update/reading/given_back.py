"""A workbook of ours that somebody mended: its two sheets of rows and its answers, put together.

Of the sheet itself each row is taken as it stands. A row of the sheet with only the bad rows
belongs to the row with the same id, wherever sorting put the two; its cells count where they were
changed. What was changed in both, and differently, is a finding of the row. The answers are for
the mapping: they replace a value wherever its column has it.

Findings of a row, errors: ``mended_twice`` (changed differently in two places, or the row was
copied), ``cut_cell`` (the workbook never held all of the cell). Of the sheet: ``given_back``
(info: what was taken from where). Errors: ``fix_row_unknown``, ``answered_twice``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bulk_update.errors import SheetError
from bulk_update.language import _, ngettext
from bulk_update.model import Finding, Level, SourceRow
from bulk_update.reading.answers import Answers, read_answers
from bulk_update.reading.cells import forbidden_findings, is_blank, is_filled, visible
from bulk_update.reading.choice import SheetName, choose
from bulk_update.reading.marks import Marks, read_marks
from bulk_update.reading.own_files import FIX_ID, MARKS_SHEET, OWN_COLUMNS, ROW_ID, VALUE
from bulk_update.reading.page import Book, Page
from bulk_update.reading.row_id import EXTRA, Kind, RowId, joined_extra
from bulk_update.reading.rows import extra_cells, fitted

_ROLES: Final = (ROW_ID, FIX_ID, VALUE)


@dataclass(frozen=True, slots=True)
class _Role:
    """What a sheet is: the column that says so, and the row that has the titles."""

    sheet: SheetName
    mark: str
    row: int
    titles: tuple[str, ...]


def given_back(book: Book, chosen: str | None) -> GivenBack | None:
    """The workbook as one that was given back; None for any other, and where ``chosen`` names
    a sheet that is none of ours.

    Raises :class:`SheetError`, and :class:`SheetQuestion` where the sheet was copied.
    """
    marks = read_marks(book)
    if marks is None:
        return None
    roles = [role for sheet in book.sheets if (role := _role(book, sheet))]
    taken = _taken(book, roles, chosen)
    if taken is None:
        return None
    beside = [role for role in roles if taken.mark == ROW_ID and role.mark == FIX_ID]
    values = next((role for role in roles if role.mark == VALUE), None)
    answers = Answers()
    if values:
        answers = read_answers(book.page(values.sheet.name), values.row, values.titles, marks)
    return GivenBack(book, marks, taken, beside, answers)


def _role(book: Book, sheet: SheetName) -> _Role | None:
    if sheet.name == MARKS_SHEET:
        return None
    for row, cells in book.page(sheet.name).numbered():
        for mark in _ROLES:
            if mark in cells:
                while is_blank(cells[-1]):
                    cells.pop()
                return _Role(sheet, mark, row, tuple(map(str, cells)))
    return None


def _taken(book: Book, roles: Sequence[_Role], chosen: str | None) -> _Role | None:
    """The sheet whose rows are read: the one itself. Where that is gone, it has to be said which
    other: the one with the bad rows, or whatever else somebody put there."""
    with_rows = {role.sheet.name: role for role in roles if role.mark in {ROW_ID, FIX_ID}}
    itself = [role.sheet for role in with_rows.values() if role.mark == ROW_ID]
    if chosen is None and itself:
        return with_rows[choose(itself, None, lambda _name: True).name]
    values = {role.sheet.name for role in roles if role.mark == VALUE}
    others = [sheet for sheet in book.sheets if sheet.name not in values]
    name = choose(others if chosen is None else book.sheets, chosen, book.look.is_filled).name
    return with_rows.get(name)


@dataclass(frozen=True, slots=True)
class _Edit:
    """What was changed in one row of the sheet with the bad rows; ``cells`` go by the place
    among the sheet's own columns."""

    row: int
    cells: Mapping[int, str]
    extra: tuple[str, ...] | None = None


@dataclass(slots=True)
class _Mending:
    """One row on its way: what was changed where, and what is wrong with that."""

    cells: list[str]
    extra: tuple[str, ...]
    changed: dict[int, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


class GivenBack:
    """The rows of a workbook that was given back. ``page`` has the sheet, ``header_row`` is where
    its titles stand, ``answers`` and ``findings`` are for :class:`Sheet`."""

    def __init__(
        self, book: Book, marks: Marks, taken: _Role, beside: Sequence[_Role], answers: Answers
    ) -> None:
        self.page = book.page(taken.sheet.name)
        self.header_row = taken.row
        self.findings: list[Finding] = []
        self._marks, self._taken, self._answers = marks, taken, answers
        self._beside = [(role, book.page(role.sheet.name)) for role in beside]
        self._edits: dict[int, list[_Edit]] = {}
        self._copied: frozenset[int] = frozenset()

    @property
    def answers(self) -> Mapping[str, Mapping[str, str]]:
        """By column and value, what to read for it."""
        return self._answers.by_column

    def join(self, header_row: int, header: tuple[str, ...]) -> None:
        """Reads the changes of the other sheet, now that the header is known. Raises
        :class:`SheetError` for changes that can't be placed."""
        self._header = header
        self._id = header.index(self._taken.mark) if self._taken.mark in header else None
        self._own = [place for place, name in enumerate(header) if name not in OWN_COLUMNS]
        self._places = _places(self._marks.header, header)
        for role, page in self._beside:
            self._read_edits(role, page)
        self._settle(header_row)
        self.findings.append(self._summary())

    def mended(self, number: int, cells: list[str]) -> SourceRow | None:
        """The row as it is meant; None where none of the sheet's own cells is filled."""
        fit, extra = fitted(cells, len(self._header))
        if not is_filled([fit[place] for place in self._own]) and not extra:
            return None
        row = _Mending(list(fit), extra)
        known = RowId.parse(fit[self._id]) if self._id is not None else None
        if known:
            self._restore(row, known)
            for edit in self._edits.get(known.row, ()):
                self._apply(row, known, edit)
            self._hold_against_answers(row, known)
        done = tuple(row.cells)
        wrong = (*extra_cells(row.extra), *forbidden_findings(done, self._header), *row.findings)
        return SourceRow(number, done, None, wrong, row.extra)

    # -- one row -------------------------------------------------------------------------

    def _restore(self, row: _Mending, known: RowId) -> None:
        """Makes unchanged cells what they were, and notes which were changed."""
        for place, mark in known.cells.items():
            at = self._places.get(place)
            if at is None:
                continue
            text = row.cells[at]
            if not mark.is_of(text):
                row.changed[place] = text
            elif mark.kind is Kind.CUT:
                row.findings.append(_cut(self._header[at]))
            else:
                row.cells[at] = mark.restored(text)

    def _apply(self, row: _Mending, known: RowId, edit: _Edit) -> None:
        if known.row in self._copied:
            row.findings.append(_copied(edit.row, self._beside[0][0].sheet.name))
            return
        for place, text in edit.cells.items():
            at = self._places[place]
            if row.changed.setdefault(place, text) != text:
                row.findings.append(self._twice(self._header[at], row.changed[place], text, edit))
            row.cells[at] = row.changed[place]
        row.findings = [each for each in row.findings if not self._is_mended(each, row)]
        if edit.extra is not None:
            unchanged = known.cells.get(EXTRA)
            if unchanged is None or unchanged.is_of(joined_extra(row.extra)):
                row.extra = edit.extra

    def _is_mended(self, finding: Finding, row: _Mending) -> bool:
        """Whether a cell that was cut has been written anew in the other sheet."""
        if finding.code != "cut_cell":
            return False
        changed = {self._header[self._places[place]] for place in row.changed}
        return finding.column in changed

    def _hold_against_answers(self, row: _Mending, known: RowId) -> None:
        for place, text in row.changed.items():
            column = self._header[self._places[place]]
            mark = known.cells.get(place)
            answer = self._answers.of(column, mark) if mark else None
            if answer is not None and answer.strip() != text.strip():
                row.findings.append(self._answered_otherwise(column, text, answer))

    # -- the other sheet -----------------------------------------------------------------

    def _read_edits(self, role: _Role, page: Page) -> None:
        places = _places(self._marks.header, role.titles)
        own = [place for place, name in enumerate(role.titles) if name not in OWN_COLUMNS]
        at = role.titles.index(FIX_ID)
        for number, cells in page.numbered():
            fit, extra = fitted(cells, len(role.titles))
            if number <= role.row or not (is_filled([fit[place] for place in own]) or extra):
                continue
            known = RowId.parse(fit[at])
            if known is None:
                raise _not_ours(number, role.sheet.name, self._taken.sheet.name)
            edit = _edit(number, fit, extra, known, places)
            if edit.cells or edit.extra is not None:
                self._require_places(edit, role)
                self._edits.setdefault(known.row, []).append(edit)

    def _require_places(self, edit: _Edit, role: _Role) -> None:
        for place in edit.cells:
            if place not in self._places:
                raise SheetError(
                    _(
                        "row {row} of '{fix}' was mended in the column '{column}', which '{sheet}' "
                        "no longer has"
                    ).format(
                        row=edit.row,
                        fix=role.sheet.name,
                        column=self._marks.header[place],
                        sheet=self._taken.sheet.name,
                    ),
                    hint=_("Give the column its name again in both sheets."),
                    code="fix_row_unknown",
                )

    def _settle(self, header_row: int) -> None:
        """Finds the rows that changes belong to. Raises :class:`SheetError` where there is none:
        what somebody mended is never left out in silence."""
        if not self._edits:
            return
        seen = Counter(self._ids(header_row))
        for row, edits in self._edits.items():
            if not seen[row]:
                raise _gone(edits[0].row, self._beside[0][0].sheet.name, self._taken.sheet.name)
        self._copied = frozenset(row for row, count in seen.items() if count > 1)

    def _ids(self, header_row: int) -> Iterator[int]:
        for number, cells in self.page.numbered():
            fit, extra = fitted(cells, len(self._header))
            filled = is_filled([fit[place] for place in self._own]) or extra
            if number > header_row and filled and self._id is not None:
                known = RowId.parse(fit[self._id])
                if known:
                    yield known.row

    # -- what is said --------------------------------------------------------------------

    def _twice(self, column: str, first: str, second: str, edit: _Edit) -> Finding:
        return _mended_twice(
            column,
            first,
            _("changed to '{first}' here and to '{second}' in row {row} of '{sheet}'").format(
                first=visible(first),
                second=visible(second),
                row=edit.row,
                sheet=self._beside[0][0].sheet.name,
            ),
        )

    def _answered_otherwise(self, column: str, text: str, answer: str) -> Finding:
        return _mended_twice(
            column,
            text,
            _("changed to '{first}', but its value was answered with '{second}'").format(
                first=visible(text), second=visible(answer)
            ),
        )

    def _summary(self) -> Finding:
        rows = ngettext(
            "{n} row mended in another sheet", "{n} rows mended in another sheet", len(self._edits)
        ).format(n=len(self._edits))
        count = sum(map(len, self.answers.values()))
        values = ngettext("{n} value answered", "{n} values answered", count).format(n=count)
        return Finding(
            code="given_back",
            level=Level.INFO,
            message=_(
                "a workbook of bulk-update, read with what was mended: {rows}, {values}"
            ).format(rows=rows, values=values),
            value=self._taken.sheet.name,
        )


def _edit(
    number: int,
    cells: Sequence[str],
    extra: tuple[str, ...],
    known: RowId,
    places: Mapping[int, int],
) -> _Edit:
    changed = {
        place: cells[places[place]]
        for place, mark in known.cells.items()
        if place in places and not mark.is_of(cells[places[place]])
    }
    beyond = known.cells.get(EXTRA)
    is_kept = beyond is None or beyond.is_of(joined_extra(extra))
    return _Edit(number, changed, None if is_kept else extra)


def _places(original: Sequence[str], header: Sequence[str]) -> dict[int, int]:
    """Where each of the sheet's own columns stands now: by its name, and by which of several
    with that name it is, for somebody may have moved or inserted columns."""
    free: dict[str, list[int]] = {}
    for at, name in enumerate(header):
        free.setdefault(name, []).append(at)
    return {place: free[name].pop(0) for place, name in enumerate(original) if free.get(name)}


def _mended_twice(column: str, value: str, message: str) -> Finding:
    return Finding(
        code="mended_twice",
        level=Level.ERROR,
        message=message,
        hint=_("Make it the same in both places, or undo one of the two changes."),
        column=column,
        value=value,
    )


def _copied(row: int, sheet: str) -> Finding:
    return Finding(
        code="mended_twice",
        level=Level.ERROR,
        message=_("the row stands here more than once, and row {row} of '{sheet}' mends it").format(
            row=row, sheet=sheet
        ),
        hint=_("Mend the rows here, and delete that one from '{sheet}'.").format(sheet=sheet),
    )


def _cut(column: str) -> Finding:
    return Finding(
        code="cut_cell",
        level=Level.ERROR,
        message=_("the cell held more than a workbook can, and was cut"),
        hint=_("Mend this row in the file it came from, or write the cell anew."),
        column=column,
    )


def _not_ours(row: int, fix: str, sheet: str) -> SheetError:
    return SheetError(
        _("row {row} of '{fix}' is new: that sheet is for rows of '{sheet}'").format(
            row=row, fix=fix, sheet=sheet
        ),
        hint=_("Put new rows into '{sheet}', and delete them here.").format(sheet=sheet),
        code="fix_row_unknown",
    )


def _gone(row: int, fix: str, sheet: str) -> SheetError:
    return SheetError(
        _("row {row} of '{fix}' was mended, but its row is no longer in '{sheet}'").format(
            row=row, fix=fix, sheet=sheet
        ),
        hint=_("Put it back into '{sheet}', or delete it from '{fix}' too.").format(
            sheet=sheet, fix=fix
        ),
        code="fix_row_unknown",
    )

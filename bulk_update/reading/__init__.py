"""The first step: a file becomes rows of text, each with its number.

``open_sheet`` opens CSV and TSV files, XLSX, XLS and ODS workbooks, and standard input (``-``);
the kind is recognised by the content. What can't be read raises :class:`SheetError`, what only a
flag can answer :class:`SheetQuestion`; what is wrong with a row is a finding of that row.

Findings of a row, all errors:

- ``extra_cells``: filled cells beyond the last column
- ``control_character``: a control character other than tab and line end
- ``undecodable``: bytes that are no text in the file's encoding, a lone surrogate
- ``cut_off``: the file ends in the middle of its last row
- ``broken_quotes``: text after a closing quote

Findings of the sheet (:attr:`Sheet.findings`):

- ``encoding``, ``delimiter``, ``header_row``, ``sheet``: what was taken (info)
- ``encoding_mixed``: a few bytes that are not UTF-8, in a file that is (warning)
- ``own_file``: a report of ours, its guards are removed (info)
- ``hidden_rows``: how many were left out or taken in (info)
- ``formula_text``: cells of a text file that were written as ``="00123"`` (info)
- ``number_cells``: whole numbers that lost the ``.0`` of their binary form (info)
- ``number_format``: numbers taken as their format shows them, ``00123`` (info)
- ``hidden_columns``: columns that are hidden, and read all the same (warning)
- ``merged_cells``: merged ranges, of which only the first cell has a value (warning)
- ``option_unused``: a flag that means nothing for this kind of file (warning)

Codes of the errors: ``empty``, ``no_header``, ``header_undecodable``, ``file_missing``,
``file_is_folder``, ``file_unreadable``, ``file_changed``, ``not_a_table``, ``format``,
``password``, ``damaged``, ``bomb``, ``unsafe``, ``unclosed_quote``, ``encoding``,
``sheet_unknown``, ``which_sheet``, ``hidden_rows``, ``too_spread``.
"""

from __future__ import annotations

from bulk_update.reading.options import ReadOptions
from bulk_update.reading.sheet import Sheet
from bulk_update.reading.source import Source

__all__ = ["ReadOptions", "Sheet", "open_sheet"]


def open_sheet(path: str, options: ReadOptions) -> Sheet:
    """The sheet in the file ``path`` (``-`` is standard input); close it, or use ``with``.

    Everything that can be known before the rows are read is known afterwards: format, encoding,
    delimiter, sheet, header. Raises :class:`SheetError`, :class:`SheetQuestion` (a flag must
    say), :class:`UsageError` (an option that can't mean anything).
    """
    source = Source(path)
    try:
        return _sheet(path, source, options)
    except BaseException:
        source.close()
        raise


def _sheet(path: str, source: Source, options: ReadOptions) -> Sheet:
    from bulk_update.reading.recognise import Kind, recognise

    kind = recognise(source, named=options.format)
    if kind is Kind.CSV:
        from bulk_update.reading.delimited import DelimitedSheet

        return DelimitedSheet(path, source, options)
    from bulk_update.reading.workbook import WorkbookSheet

    return WorkbookSheet(path, source, options, kind)

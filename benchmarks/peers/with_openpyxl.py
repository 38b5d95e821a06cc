"""openpyxl in its read-only mode: every row of the first sheet."""

import sys

from openpyxl import load_workbook

book = load_workbook(sys.argv[1], read_only=True)
print(sum(1 for _row in book.worksheets[0].iter_rows(values_only=True)) - 1)

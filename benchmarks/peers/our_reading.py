"""Our reading of a sheet, with the pass over formats, error cells and hidden rows."""

import sys

from bulk_update.reading import ReadOptions, open_sheet

with open_sheet(sys.argv[1], ReadOptions()) as sheet:
    print(sum(1 for _row in sheet.rows()))

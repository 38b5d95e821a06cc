"""pandera on pandas, the whole sheet as a frame of text: prints the number of bad cells."""

import sys

import pandas as pd
import pandera.pandas as pa
import sheets

from bulk_update.model import FieldType


def parts_of(options: tuple[str, ...]) -> str:
    """A pattern for one or more of the options."""
    one = "|".join(options)
    return f"(?:{one})(?:;(?:{one}))*"


def is_date(cells: pd.Series) -> pd.Series:
    """Which cells are days of the calendar."""
    return pd.to_datetime(cells, format="%Y-%m-%d", errors="coerce").notna()


def check(column: sheets.Column) -> list[pa.Check]:
    """The rule of a column."""
    match column.kind:
        case FieldType.EMAIL:
            return [pa.Check.str_matches(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
        case FieldType.NUMBER:
            return [pa.Check.str_matches(r"^-?\d+(\.\d+)?$")]
        case FieldType.DATE:
            return [pa.Check(is_date)]
        case FieldType.DROPDOWN:
            return [pa.Check.isin(column.options)]
        case FieldType.CHECKBOX:
            return [pa.Check.str_matches(f"^{parts_of(column.options)}$")]
    return {
        "uuid": [pa.Check.str_matches("^[0-9a-f]{32}$")],
        "note": [pa.Check.str_length(max_value=1000)],
        "assigned_user": [pa.Check.isin(sheets.USERS)],
        "team": [pa.Check.isin(sheets.TEAMS)],
    }.get(column.header, [])


def main() -> None:
    """Count them."""
    schema = pa.DataFrameSchema(
        {column.header: pa.Column(str, check(column)) for column in sheets.COLUMNS}
    )
    frame = pd.read_csv(sys.argv[1], dtype=str, keep_default_na=False)
    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        print(len(error.failure_cases))
    else:
        print(0)


main()

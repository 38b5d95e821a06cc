"""One pydantic model a row, over csv.reader: prints the number of bad cells."""

import csv
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

import sheets
from pydantic import AfterValidator, BaseModel, StringConstraints, TypeAdapter, ValidationError


def each_of(options: tuple[str, ...]) -> AfterValidator:
    """Every part of the cell is one of the options."""
    known = frozenset(options)

    def check(cell: str) -> str:
        if not known.issuperset(cell.split(";")):
            raise ValueError("not an option")
        return cell

    return AfterValidator(check)


Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]


class Contact(BaseModel):
    """A row, in the order of the columns."""

    uuid: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
    name: str
    note: Annotated[str, StringConstraints(max_length=1000)]
    tags: str
    assigned_user: Literal[sheets.USERS]
    team: Literal[sheets.TEAMS]
    street: str
    city: str
    code: str
    second_email: Email
    score: Decimal
    amount: Decimal
    birthday: date
    renewal: date
    status: Literal[sheets.STATUSES]
    language: Literal[sheets.LANGUAGES]
    source: Literal[sheets.SOURCES]
    features: Annotated[str, each_of(sheets.FEATURES)]
    terms: Annotated[str, each_of(sheets.TERMS)]


def main() -> None:
    """Count them."""
    bad = 0
    names = tuple(Contact.model_fields)
    validate = TypeAdapter(Contact).validate_python
    with Path(sys.argv[1]).open(newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        next(rows)
        for row in rows:
            try:
                validate(dict(zip(names, row, strict=True)))
            except ValidationError as error:
                bad += error.error_count()
    print(bad)


main()

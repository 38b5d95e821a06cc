"""What the journal keeps is the model, whatever kind of text its cells were."""

from __future__ import annotations

import pytest

from bulk_update.journal import codec
from bulk_update.model import (
    DateCell,
    Desired,
    FieldName,
    Finding,
    FindingGroup,
    FormulaCell,
    Keys,
    Level,
    NumberCell,
    Wish,
)


@pytest.mark.parametrize("kind", [str, NumberCell, DateCell, FormulaCell])
def test_cells_of_a_workbook_are_kept_as_their_text(kind: type[str]) -> None:
    """A finding quotes the cell as it was read; a number, a date and a formula are texts too."""
    finding = Finding(code="c", level=Level.ERROR, message="m", value=kind("1234"))
    groups = (FindingGroup(finding=finding, rows=(2,), count=1),)
    assert codec.decode_findings(codec.encode(groups)) == groups
    wish = Wish(field=FieldName("note"), value=kind("1"), raw=kind("1"))
    desired = Desired(row=2, keys=Keys(shown=kind("3")), wishes=(wish,))
    assert codec.decode_desired(codec.encode(desired)) == desired


def test_half_a_character_is_spelled_out() -> None:
    """A file's name may be no text, and a flag neither: that is no reason not to plan."""
    assert codec.decode_mapping(codec.encode({"file": "a\udcff.csv", "flags": ["\ud800"]})) == {
        "file": r"a\udcff.csv",
        "flags": [r"\ud800"],
    }

"""A small account, and sheets made in a line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import pytest

from bulk_update.account.schema import AccountSchema, FieldSchema, Team, User
from bulk_update.mapping import MappedColumn, Mapping
from bulk_update.model import Account, FieldType, SourceRow, Target, Verdict
from bulk_update.reading.chunks import grouped
from bulk_update.validation import ValidationOptions, Validator

SALES = "0" * 31 + "1"
SUPPORT = "0" * 31 + "2"
UUID = "a" * 32


def a_schema(**changes: object) -> AccountSchema:
    """Six typed fields and one that was merely seen, four tags, two teams, two users."""
    typed = [
        FieldSchema(name="Address", type=FieldType.TEXT),
        FieldSchema(name="Mail", type=FieldType.EMAIL),
        FieldSchema(name="Age", type=FieldType.NUMBER),
        FieldSchema(name="Born", type=FieldType.DATE),
        FieldSchema(
            name="Status", type=FieldType.DROPDOWN, options=("Active", "Inactive", "Café, bar")
        ),
        FieldSchema(
            name="Wants",
            type=FieldType.CHECKBOX,
            options=("Call back", "Interested", "Media (article, ad, tv)"),
        ),
        FieldSchema(name="P/W : é 🎯"),
    ]
    parts: dict[str, object] = {
        "account": Account(base_url="http://127.0.0.1/v1", default_team=SALES),
        "fields": {field.name: field for field in typed},
        "tags": ("VIP", "Lead", "Trailing ", "+Plus", "Media (article, ad, tv)"),
        "teams": (Team(uuid=SALES, name="Sales"), Team(uuid=SUPPORT, name="Support")),
        "users": (
            User(email="Anna@acme.com", name="Anna Rossi"),
            User(email="bob@acme.com", name="Bob"),
        ),
        "users_complete": True,
    }
    return AccountSchema(**(parts | changes))  # type: ignore[arg-type]


def a_mapping(*targets: str, **changes: object) -> Mapping:
    """A mapping whose columns are headed by their targets; ``settings`` go to each column,
    except keys."""
    settings: dict[str, object] = dict(changes.pop("settings", {}))  # type: ignore[call-overload]
    constants = tuple(
        (Target.parse(name), value)
        for name, value in dict(changes.pop("constants", {})).items()  # type: ignore[call-overload]
    )
    columns = [
        MappedColumn(
            index=index,
            header=text,
            target=Target.parse(text),
            **({} if Target.parse(text).is_key else settings),  # type: ignore[arg-type]
        )
        for index, text in enumerate(targets)
        if text != "-"
    ]
    return Mapping(
        header=targets,
        columns=tuple(columns),
        constants=constants,
        **changes,  # type: ignore[arg-type]
    )


def some_rows(*cells: Sequence[str]) -> list[SourceRow]:
    """Rows from the second of the sheet on."""
    return [SourceRow(number, tuple(row)) for number, row in enumerate(cells, start=2)]


Judged = list[Verdict]


class Sheet:
    """A sheet with its validator; the options of both can be given by name."""

    def __init__(
        self,
        mapping: Mapping,
        rows: Iterable[SourceRow],
        schema: AccountSchema,
        **options: object,
    ) -> None:
        date_1904 = bool(options.pop("date_1904", False))
        self.rows = list(rows)
        self.validator = Validator(
            mapping,
            schema,
            ValidationOptions(**options),  # type: ignore[arg-type]
            date_1904=date_1904,
        )

    def judged(self, *, build: bool = True, resolve: bool = True) -> Judged:
        """All verdicts, after all passes."""
        self.validator.survey(grouped(self.rows))
        if resolve:
            self.validator.resolve(grouped(self.rows))
        return list(self.validator.judge(self.rows, build=build))


@pytest.fixture
def schema() -> AccountSchema:
    return a_schema()


@pytest.fixture
def make_schema() -> Callable[..., AccountSchema]:
    return a_schema


@pytest.fixture
def make_mapping() -> Callable[..., Mapping]:
    return a_mapping


@pytest.fixture
def make_rows() -> Callable[..., list[SourceRow]]:
    return some_rows


@pytest.fixture
def judge() -> Callable[..., Judged]:
    """Judges rows under the given targets: ``judge(["uuid", "note"], [UUID, "Hi"], …)``."""

    def judged(targets: Sequence[str], *rows: Sequence[str], **given: object) -> Judged:
        mapping = {
            name: given.pop(name)
            for name in (
                "settings",
                "constants",
                "clear_token",
                "date_format_of_file",
                "region_column",
            )
            if name in given
        }
        account = given.pop("schema", None) or a_schema()
        passes = {name: given.pop(name) for name in ("build", "resolve") if name in given}
        sheet = Sheet(a_mapping(*targets, **mapping), some_rows(*rows), account, **given)  # type: ignore[arg-type]
        return sheet.judged(**passes)  # type: ignore[arg-type]

    return judged


@pytest.fixture
def judge_cell(judge: Callable[..., Judged]) -> Callable[..., Verdict]:
    """Judges one cell of one target, in a row that has a uuid."""

    def judged(target: str, cell: str, **given: object) -> Verdict:
        return judge(["uuid", target], [UUID, cell], **given)[0]

    return judged


@pytest.fixture
def wished(judge_cell: Callable[..., Verdict]) -> Callable[..., object]:
    """The value that a cell asks for; the row must be fine."""

    def value(target: str, cell: str, **given: object) -> object:
        desired = judge_cell(target, cell, **given).desired
        assert desired is not None
        wishes = [*desired.wishes, *desired.was]
        assert len(wishes) <= 1
        return wishes[0].value if wishes else "nothing asked"

    return value


@pytest.fixture
def codes(judge_cell: Callable[..., Verdict]) -> Callable[..., list[tuple[str, str]]]:
    """The levels and codes of what is said of a cell."""

    def found(target: str, cell: str, **given: object) -> list[tuple[str, str]]:
        return [(str(f.level), f.code) for f in judge_cell(target, cell, **given).findings]

    return found

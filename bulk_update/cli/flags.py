"""The flags, each said once, in the groups that commands take.

A command names its groups; :func:`with_flags` gives typer the signature and the command one
:class:`Flags`. Values stay text here: what they may be, and the message when they are not, is
the settings' affair, so that a flag and a line of a file are judged alike.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any, Final, TypeVar

import typer

R = TypeVar("R")


class Flags(dict[str, Any]):
    """The flags of one command line, by name; a flag that was not given is None (or empty)."""

    def settings(self) -> dict[str, object]:
        """Those that were given and that belong to the settings."""
        given = {name: value for name, value in self.items() if name not in _OF_THE_JOB}
        return {name: value for name, value in given.items() if value not in (None, False, [])}


_OF_THE_JOB: Final = frozenset(
    {
        "sheet",
        "header_row",
        "rows",
        "limit",
        "format",
        "map_column",
        "set_value",
        "mapping",
        "skip",
        "output",
        "detailed_exitcode",
    }
)


def _flag(
    name: str, *spelled: str, help: str, panel: str, kind: object = str, metavar: str | None = None
) -> inspect.Parameter:
    option = typer.Option(
        *(spelled or (f"--{name.replace('_', '-')}",)),
        help=help,
        rich_help_panel=panel,
        metavar=metavar,
        show_default=False,
    )
    several = kind == list[str]
    default: object = False if kind is bool else ([] if several else None)
    annotation = kind if kind is bool or several else kind | None  # type: ignore[operator]
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=default,
        annotation=Annotated[annotation, option],
    )


_READING: Final = "Reading the file"
_MAPPING: Final = "Columns"
_MEANING: Final = "Meaning"
_ACCOUNT: Final = "Account"
_SENDING: Final = "Sending"
_PLACES: Final = "Places"
_OUTPUT: Final = "Output"

Group = Sequence[inspect.Parameter]

READING: Final[Group] = (
    _flag("sheet", help="The sheet of a workbook, by name or number.", panel=_READING),
    _flag(
        "header_row",
        help="The row that holds the column names.",
        panel=_READING,
        kind=int,
        metavar="N",
    ),
    _flag("encoding", help="The encoding of a text file, such as cp1252.", panel=_READING),
    _flag("delimiter", help="What separates its columns: , ; | or tab.", panel=_READING),
    _flag("format", help="What standard input (-) holds.", panel=_READING, metavar="csv|xlsx"),
    _flag(
        "hidden",
        help="What to do with hidden and filtered rows.",
        panel=_READING,
        metavar="skip|include",
    ),
    _flag("rows", help="Only these sheet rows.", panel=_READING, metavar="2-500"),
    _flag("limit", help="Only the first N rows.", panel=_READING, kind=int, metavar="N"),
    _flag("date_format", help="The order of dates.", panel=_READING, metavar="DMY|MDY|YMD|PATTERN"),
    _flag("decimal", help="The decimal sign of numbers.", panel=_READING, metavar=",|."),
    _flag("region", help="The country of national phone numbers.", panel=_READING, metavar="IT"),
    _flag(
        "channel",
        help="The WhatsApp channel that phones mean.",
        panel=_READING,
        metavar="NAME|UUID|all",
    ),
)
MAPPING: Final[Group] = (
    _flag(
        "map_column",
        "-m",
        help="What a column means; repeats.",
        panel=_MAPPING,
        kind=list[str],
        metavar="'Column=target'",
    ),
    _flag(
        "set_value",
        "--set",
        help="One value for every row; repeats.",
        panel=_MAPPING,
        kind=list[str],
        metavar="target=value",
    ),
    _flag(
        "mapping",
        help="A mapping file, as `map` saves it.",
        panel=_MAPPING,
        metavar="FILE.map.toml",
    ),
    _flag(
        "skip",
        help="Leave a column out; repeats.",
        panel=_MAPPING,
        kind=list[str],
        metavar="COLUMN",
    ),
)
MEANING: Final[Group] = (
    _flag(
        "tags",
        help="Whether a tags column adds or replaces (add).",
        panel=_MEANING,
        metavar="add|replace",
    ),
    _flag("strict", help="What is only suspicious is an error.", panel=_MEANING, kind=bool),
    _flag(
        "on_invalid",
        help="Leave invalid rows out, or send nothing (skip).",
        panel=_MEANING,
        metavar="skip|stop",
    ),
    _flag(
        "fix",
        help="Repair what is certain: case, spaces, composition (safe).",
        panel=_MEANING,
        metavar="safe|off",
    ),
)
CONNECTION: Final[Group] = (
    _flag(
        "profile",
        "-p",
        "--profile",
        help="A profile of the configuration.",
        panel=_ACCOUNT,
        metavar="NAME",
    ),
    _flag("base_url", "--base-url", help="The address of the API.", panel=_ACCOUNT, metavar="URL"),
    _flag("sandbox", help="A make-believe account inside this program.", panel=_ACCOUNT, kind=bool),
    _flag(
        "rate",
        help="Requests a second, every one counted (30; max is 300).",
        panel=_ACCOUNT,
        metavar="N|max",
    ),
    _flag("workers", help="Requests under way at the same time.", panel=_ACCOUNT, metavar="N"),
)
_BY_NAME: Final = {each.name: each for each in CONNECTION}
JOURNAL: Final[Group] = (_BY_NAME["profile"], _BY_NAME["sandbox"])
"""For commands that only read the journal: which one it is."""
SCHEMA: Final[Group] = (
    _flag(
        "schema",
        help="The account's schema, as `schema pull` saves it.",
        panel=_ACCOUNT,
        metavar="FILE",
    ),
)
AGREEING: Final[Group] = (
    _flag(
        "yes",
        "-y",
        "--yes",
        help="Agree to the plan without being asked.",
        panel=_SENDING,
        kind=bool,
    ),
)
SENDING: Final[Group] = (
    *AGREEING,
    _flag(
        "confirm_account",
        help="The account's name: without a terminal, above 100 changes.",
        panel=_SENDING,
        metavar="NAME",
    ),
    _flag(
        "canary",
        help="So many changes go first, one by one, and are read back (10; 0 is off).",
        panel=_SENDING,
        metavar="N",
    ),
    _flag(
        "expect_side_effect",
        help="A field that the account's own rules change; repeats.",
        panel=_SENDING,
        kind=list[str],
        metavar="FIELD",
    ),
    _flag(
        "max_failures",
        help="Stop when more of the last 200 changes fail (10%).",
        panel=_SENDING,
        metavar="N|N%",
    ),
    _flag(
        "max_not_found",
        help="Send nothing when more rows are not found (20%).",
        panel=_SENDING,
        metavar="N|N%",
    ),
    _flag(
        "if_changed",
        help="A contact that changed since it was read (skip).",
        panel=_SENDING,
        metavar="skip|overwrite|stop",
    ),
    _flag(
        "max_age",
        help="Read contacts again that were read earlier than this (15m).",
        panel=_SENDING,
        metavar="15m",
    ),
    _flag(
        "max_plan_age",
        help="Refuse a saved plan older than this (24h).",
        panel=_SENDING,
        metavar="24h",
    ),
    _flag(
        "deadline",
        help="Stop in order at this time, or after so long.",
        panel=_SENDING,
        metavar="HH:MM|DURATION",
    ),
    _flag(
        "accept",
        help="Statuses that don't make the exit code 1.",
        panel=_SENDING,
        metavar="STATUS,...",
    ),
    _flag("wait_lock", help="Wait for another run on this account.", panel=_SENDING, metavar="30m"),
    _flag("reason", help="Why; kept with the run.", panel=_SENDING, metavar="TEXT"),
)
SINCE_LAST: Final[Group] = (
    _flag(
        "since_last",
        help="Leave alone what the sheet says as it was last applied.",
        panel=_SENDING,
        kind=bool,
    ),
    _flag(
        "release_undo",
        help="Send again what this undo (or the undo of this run) put back.",
        panel=_SENDING,
        metavar="RUN",
    ),
)
STATE: Final[Group] = (
    _flag("state_dir", help="Where the journal is kept.", panel=_PLACES, metavar="DIR"),
)
REPORTS: Final[Group] = (
    _flag("out", help="The folder for the reports.", panel=_PLACES, metavar="DIR"),
    _flag(
        "only_bad",
        help="Leave the good rows out of annotated.xlsx.",
        panel=_PLACES,
        kind=bool,
    ),
)
OUTPUT: Final[Group] = (
    _flag("json", help="One JSON document on standard output.", panel=_OUTPUT, kind=bool),
    _flag("quiet", "-q", "--quiet", help="Say nothing but errors.", panel=_OUTPUT, kind=bool),
    _flag("verbose", "-v", "--verbose", help="Show every finding.", panel=_OUTPUT, kind=bool),
    _flag("no_color", help="No colours (also NO_COLOR).", panel=_OUTPUT, kind=bool),
    _flag("no_progress", help="No progress.", panel=_OUTPUT, kind=bool),
    _flag("no_input", help="Never ask.", panel=_OUTPUT, kind=bool),
    _flag("proxy", help="A proxy; none is used unless named.", panel=_OUTPUT, metavar="URL"),
    _flag(
        "lang",
        help="The language of messages and reports (else the locale's).",
        panel=_OUTPUT,
        metavar="en|it|es|fr|pt",
    ),
)


def product(help: str, *, or_out: bool = False) -> Group:
    """``-o``: where a command's product goes; ``or_out``: for a command without reports, which
    takes ``--out`` for it too."""
    spelled = ("-o", "--output", "--out") if or_out else ("-o", "--output")
    return (_flag("output", *spelled, help=help, panel=_PLACES, metavar="FILE"),)


DETAILED_EXITCODE: Final[Group] = (
    _flag(
        "detailed_exitcode", help="End with 10 when there are changes.", panel=_OUTPUT, kind=bool
    ),
)


def with_flags(*groups: Group) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Give a command the flags of ``groups`` as its argument ``flags``."""

    def decorate(command: Callable[..., R]) -> Callable[..., R]:
        signature = inspect.signature(command, eval_str=True)
        own = [each for each in signature.parameters.values() if each.name != "flags"]
        added = [each for group in groups for each in group]

        @functools.wraps(command)
        def called(**values: object) -> R:
            names = {each.name for each in added}
            flags = Flags({name: values.pop(name) for name in names})
            return command(**values, flags=flags)

        called.__signature__ = signature.replace(  # type: ignore[attr-defined]
            parameters=_keyword_only(own, added)
        )
        called.__annotations__ = {each.name: each.annotation for each in (*own, *added)}
        return called

    return decorate


def _keyword_only(
    own: Iterable[inspect.Parameter], added: Iterable[inspect.Parameter]
) -> list[inspect.Parameter]:
    kind = inspect.Parameter.KEYWORD_ONLY
    return [each.replace(kind=kind) for each in (*own, *added)]

"""Every command line of the pages is one that the program takes."""

from __future__ import annotations

from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
import typer

from bulk_update.cli.app import build_app
from bulk_update.config import FLAGS, resolve

ROOT_COMMAND = typer.main.get_command(build_app())


def command_of(arguments: tuple[str, ...]) -> tuple[Any, str, list[str]]:
    """The command that the arguments name, its name, and the arguments left for it."""
    command, rest, name = ROOT_COMMAND, list(arguments), ""
    while rest and getattr(command, "commands", None) and not rest[0].startswith("-"):
        assert rest[0] in command.commands, f"there is no command {rest[0]}"
        name = rest.pop(0)
        command = command.commands[name]
    return command, name, rest


def names_of(command: Any, above: str = "") -> list[str]:
    """Every command below ``command``, as it is typed."""
    inner = getattr(command, "commands", None) or {}
    return [above, *(name for key in inner for name in names_of(inner[key], f"{above} {key}"))]


def test_every_command_line_is_understood(command_line: Any, tmp_path: Path) -> None:
    """Commands and flags exist, what is required is there, values are such as settings take."""
    command, name, rest = command_of(command_line.arguments)
    try:
        given = command.make_context(name, rest).params
    except typer.Exit:
        return  # --help and --version end here
    except Exception as error:
        if command_line.mention and type(error).__name__ == "MissingParameter":
            return
        raise
    settings = {key: value for key, value in given.items() if key in FLAGS and value}
    if name == "map":
        settings.pop("accept", None)  # another thing than a run's --accept
    settings.pop("profile", None)  # is the reader's own
    resolve(settings, environ={}, cwd=tmp_path)


def test_a_flag_that_does_not_exist_is_noticed() -> None:
    """The check above can fail."""
    command, name, rest = command_of(("check", "x.csv", "--no-such-flag"))
    with pytest.raises(Exception, match="no-such-flag"):
        command.make_context(name, rest)


def test_every_command_has_its_own_section_with_an_example(pages: dict[str, Any]) -> None:
    """And no section is about a command there is none of."""
    text = pages["command-line.md"].text.split("\n## Flags")[0]
    sections = {part.partition("\n")[0]: part for part in text.split("\n### ")[1:]}
    assert set(sections) == set(ROOT_COMMAND.commands)
    for name, section in sections.items():
        assert f"bulk-update {name}" in section


def test_every_command_under_schema_has_an_example(pages: dict[str, Any]) -> None:
    """Commands of a group too."""
    typed = [each.arguments for each in pages["command-line.md"].command_lines()]
    shown = {" ".join(takewhile(lambda word: not word.startswith("-"), each)) for each in typed}
    for name in filter(None, names_of(ROOT_COMMAND)):
        assert any(each.startswith(name.strip()) for each in shown), name

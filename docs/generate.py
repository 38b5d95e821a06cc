"""Writes the generated parts of the pages beside this script: ``python docs/generate.py``.

What the program itself knows (flags, exit codes, statuses, headers, codes) is taken from the
program, between ``<!-- generated: NAME -->`` and ``<!-- end -->``. With ``--check`` nothing is
written; pages that would change are named, and the exit code is 1.
"""

# ruff: noqa: INP001, T201

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

import typer

FOLDER: Final = Path(__file__).parent
_PART: Final = re.compile(r"(<!-- generated: (?P<name>[a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def code(text: str) -> str:
    """The text as code."""
    return f"`{text}`"


# -- the parts -------------------------------------------------------------------------


def flags() -> str:
    """Every flag, by the panel of ``--help`` it stands in."""
    panels: dict[str, dict[tuple[str, str], list[str]]] = {}
    for command, parameter in _options():
        panel = getattr(parameter, "rich_help_panel", None) or "Of single commands"
        spelled = ", ".join(map(code, sorted(parameter.opts, key=len)))
        value = parameter.metavar if not _is_switch(parameter) else ""
        whole = f"{spelled} {code(value)}" if value else spelled
        row = (whole, getattr(parameter, "help", "") or "")
        panels.setdefault(panel, {}).setdefault(row, []).append(command)
    return "\n".join(_panel(name, rows) for name, rows in panels.items())


def _is_switch(parameter: typer.core.TyperOption) -> bool:
    return bool(parameter.is_flag)


def _panel(name: str, rows: dict[tuple[str, str], list[str]]) -> str:
    lines = [(flag, meaning, ", ".join(commands)) for (flag, meaning), commands in rows.items()]
    return f"### {name}\n\n" + table(("flag", "meaning", "commands"), lines)


def _options() -> Iterable[tuple[str, typer.core.TyperOption]]:
    for name, command in commands():
        for parameter in command.params:
            if isinstance(parameter, typer.core.TyperOption) and not parameter.hidden:
                yield name, parameter


def commands() -> Iterable[tuple[str, typer.core.TyperCommand]]:
    """Every command, ``schema pull`` among them, by its name."""
    from bulk_update.cli.app import build_app

    root = typer.main.get_command(build_app())
    yield from _under(root, "")


def _under(group: object, above: str) -> Iterable[tuple[str, typer.core.TyperCommand]]:
    for name, each in getattr(group, "commands", {}).items():
        whole = f"{above}{name}"
        if getattr(each, "commands", None):
            yield from _under(each, f"{whole} ")
        else:
            yield whole, each


def exit_codes() -> str:
    """The exit codes, as the summary on the terminal words them."""
    from bulk_update.reporting.wording import exit_meaning

    known = [number for number in range(256) if exit_meaning(number)]
    return table(("code", "meaning"), [(str(number), exit_meaning(number)) for number in known])


def statuses() -> str:
    """The row statuses."""
    from bulk_update.model import RowStatus
    from bulk_update.reporting.wording import status_meaning

    return table(("status", "meaning"), [(code(each), status_meaning(each)) for each in RowStatus])


def headers() -> str:
    """The header list."""
    path = FOLDER.parent / "bulk_update" / "mapping" / "headers.toml"
    listed = tomllib.loads(path.read_text("utf-8"))
    rows = [(code(target), _names(names)) for target, names in listed.items()]
    return table(("target", "headers"), rows)


def _names(by_language: dict[str, list[str]]) -> str:
    names = dict.fromkeys(name for names in by_language.values() for name in names)
    return ", ".join(names)


def mapping_codes() -> str:
    """The codes of the mapping step."""
    from bulk_update.mapping.codes import FINDINGS, PROBLEMS

    rows = [(code(name), "finding", text) for name, text in FINDINGS.items()]
    rows += [(code(name), "exit code 3", text) for name, text in PROBLEMS.items()]
    return table(("code", "is a", "meaning"), rows)


def cell_codes() -> str:
    """The codes of validation."""
    from bulk_update.validation import FINDINGS

    return table(("code", "meaning"), [(code(name), text) for name, text in FINDINGS.items()])


def transitions() -> str:
    """The transitions of a change."""
    from bulk_update.model import TRANSITIONS, ChangeState

    def line(state: ChangeState) -> tuple[str, str]:
        after = [each for each in ChangeState if each in TRANSITIONS[state]]
        return code(state), ", ".join(map(code, after))

    return table(("from", "to"), [line(state) for state in ChangeState if state in TRANSITIONS])


def layers() -> str:
    """The layers of the import rules."""
    settings = tomllib.loads((FOLDER.parent / "pyproject.toml").read_text("utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    steps = next(each for each in contracts if each["id"] == "steps")
    return "```\n" + "\n".join(steps["layers"]) + "\n```\n"


def fault_kinds() -> str:
    """The kinds of faults that the sandbox plays, from the table in their module."""
    from bulk_update.sandbox import faults

    lines = (faults.__doc__ or "").split("=\n")[2].splitlines()[:-1]
    rows: list[tuple[str, str]] = []
    for line in lines:
        kind, what = line[:18].strip(), line[18:].strip().replace("``", "`")
        if kind:
            rows.append((code(kind), what))
        else:
            rows[-1] = (rows[-1][0], f"{rows[-1][1]} {what}")
    return table(("kind", "what happens"), rows)


PARTS: Final[dict[str, Callable[[], str]]] = {
    "cell-codes": cell_codes,
    "exit-codes": exit_codes,
    "fault-kinds": fault_kinds,
    "flags": flags,
    "headers": headers,
    "layers": layers,
    "mapping-codes": mapping_codes,
    "statuses": statuses,
    "transitions": transitions,
}


# -- the pages -------------------------------------------------------------------------


def filled(text: str) -> str:
    """The page ``text`` with its generated parts as they are to be."""
    return _PART.sub(lambda part: f"{part[1]}{PARTS[part['name']]()}{part[3]}", text)


def stale_pages() -> dict[Path, str]:
    """The pages that are not as they are to be, and their right text."""
    pages = {page: page.read_text("utf-8") for page in sorted(FOLDER.glob("*.md"))}
    return {page: right for page, text in pages.items() if (right := filled(text)) != text}


def main(arguments: Sequence[str]) -> int:
    """Write the pages anew, or (``--check``) only name the stale ones."""
    stale = stale_pages()
    check = "--check" in arguments
    for page, text in stale.items():
        print(f"{page.name}: {'stale' if check else 'written'}")
        if not check:
            page.write_text(text, encoding="utf-8", newline="\n")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

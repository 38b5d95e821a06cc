"""Ours and the others in turn, in one session: medians, and ratios, which are what travels.

    python benchmarks/bench.py [PART ...] [--rows 1000000] [--rounds 3] [--write]

Parts: checking, growth, workbook, start, sending, rate; all of them when none is named. With
``--write`` the tables go into benchmarks/RESULTS.md, which the README's figures come from.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import sending
import sheets
from measuring import Measured, measure, ours, peer

RESULTS = Path(__file__).with_name("RESULTS.md")


@dataclass(frozen=True)
class Asked:
    """How much of it, where the files lie."""

    rows: int
    rounds: int
    folder: Path

    def sheet(self, rows: int, kind: str = "csv") -> Path:
        """The sheet of so many rows; made when first asked for."""
        path = self.folder / f"contacts-{rows}.{kind}"
        if not path.exists():
            (sheets.write_csv if kind == "csv" else sheets.write_xlsx)(path, rows)
        return path

    @property
    def schema(self) -> Path:
        """What the sheets are checked against."""
        path = self.folder / "account.schema.toml"
        if not path.exists():
            sheets.write_schema(path)
        return path

    def check(self, sheet: Path) -> list[str | Path]:
        """Our check of a sheet."""
        return ours("check", sheet, "--schema", self.schema, "-q", "--no-progress")


def in_turns(
    commands: Mapping[str, Sequence[str | Path]], rounds: int, *, memory: bool = False
) -> dict[str, list[Measured]]:
    """Every command once a round: what a machine does beside it hits all of them alike."""
    taken: dict[str, list[Measured]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            taken[name].append(measure(command, memory=memory))
    return taken


def wall(taken: Sequence[Measured]) -> float:
    """The median of seconds."""
    return statistics.median(each.wall for each in taken)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def verdict(*, met: bool) -> str:
    """Whether a target was met."""
    return "met" if met else "**missed**"


def checking(asked: Asked) -> str:
    """The whole command on a CSV, against peers that find the same bad cells."""
    sheet = asked.sheet(asked.rows)
    commands = {
        "csv.reader alone": peer("bare_reader", sheet),
        "bulk-update check": asked.check(sheet),
        "pydantic, a model a row": peer("with_pydantic", sheet),
        "pandera on pandas": peer("with_pandera", sheet),
        "frictionless": peer("with_frictionless", sheet),
    }
    taken = in_turns(commands, asked.rounds)
    held = in_turns(commands, 1, memory=True)
    mine, bare = wall(taken["bulk-update check"]), wall(taken["csv.reader alone"])
    rows = [
        (
            name,
            f"{asked.rows / wall(each):,.0f}",
            f"{wall(each) / mine:.2f}",
            f"{held[name][0].peak:,.0f}",
        )
        for name, each in taken.items()
    ]
    found = {taken[name][0].output.strip() for name in list(commands)[2:]}
    return (
        f"{asked.rows:,} rows, {len(sheets.HEADER)} columns, 2% of the cells bad; each peer found "
        f"{' / '.join(sorted(found))} of them.\n\n"
        + table(("how", "rows/s", "time, ours is 1", "peak MB, children included"), rows)
        + f"\nOurs takes {mine / bare:.2f} times a bare pass "
        f"(at most 6: {verdict(met=mine / bare <= 6)}).\n"
    )


def growth(asked: Asked) -> str:
    """Time and memory of a check as the rows grow; more rounds, as a slope is a difference."""
    sizes = [size for size in (10_000, 100_000, 1_000_000) if size <= asked.rows]
    commands = {f"{size:,}": asked.check(asked.sheet(size)) for size in sizes}
    rounds = 2 * asked.rounds + 1
    seconds = [wall(each) for each in in_turns(commands, rounds).values()]
    held = in_turns(commands, 1, memory=True)
    slopes = [
        (after - before) / (larger - smaller) * 1e6
        for (before, after), (smaller, larger) in zip(
            pairwise(seconds), pairwise(sizes), strict=True
        )
    ]
    further = ["", *(f"{each:.1f}" for each in slopes)]
    rows = [
        (name, f"{taken:.2f}", slope, f"{held[name][0].peak:.0f}")
        for name, taken, slope in zip(commands, seconds, further, strict=True)
    ]
    text = f"Medians of {rounds} rounds.\n\n"
    text += table(("rows", "seconds", "us for each further row", "peak MB"), rows)
    if len(slopes) > 1:
        change = slopes[-1] / slopes[0] - 1
        text += f"\nThe last rows take {change:+.0%} (at most 10%: {verdict(met=change <= 0.1)}).\n"
    return text


def workbook(asked: Asked) -> str:
    """Reading an XLSX with all that our pass over its XML finds, against openpyxl read-only."""
    sheet = asked.sheet(min(asked.rows, 100_000), "xlsx")
    commands = {
        "openpyxl, read-only": peer("with_openpyxl", sheet),
        "bulk-update's reading": peer("our_reading", sheet),
    }
    taken = in_turns(commands, asked.rounds)
    held = in_turns(commands, 1, memory=True)
    slow, fast = (wall(each) for each in taken.values())
    rows = [
        (name, f"{wall(each):.2f}", f"{held[name][0].peak:.0f}") for name, each in taken.items()
    ]
    met = verdict(met=slow / fast >= 3)
    return table(("how", "seconds", "peak MB"), rows) + (
        f"\nOurs is {slow / fast:.1f} times as fast (at least 3: {met}).\n"
    )


def start(asked: Asked) -> str:
    """From the command to the first answer."""
    tiny = asked.sheet(100)
    commands = {
        "a bare typer app, --help": peer("bare_typer", "--help"),
        "bulk-update --help": ours("--help"),
        "bulk-update --version": ours("--version"),
        "bulk-update check, 100 rows": asked.check(tiny),
    }
    taken = in_turns(commands, max(asked.rounds, 7))
    rows = [(name, f"{wall(each):.3f}") for name, each in taken.items()]
    ratio = wall(taken["bulk-update --help"]) / wall(taken["a bare typer app, --help"])
    return table(("what", "seconds"), rows) + (
        f"\n--help takes {ratio:.2f} times a bare typer app "
        f"(at most 1.3: {verdict(met=ratio <= 1.3)}).\n"
    )


PARTS: Mapping[str, tuple[str, Callable[[Asked], str]]] = {
    "checking": ("Reading and checking", checking),
    "growth": ("As the rows grow", growth),
    "workbook": ("Reading a workbook", workbook),
    "start": ("Start", start),
    "sending": ("Sending, as fast as it goes", lambda asked: sending.unthrottled(asked.rounds)),
    "rate": ("At the limit of the account", lambda asked: sending.at_the_limit(asked.rounds)),
}


def main() -> None:
    """Run the parts, print their tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    if given.write and given.parts:
        parser.error("--write is for all parts: the file holds what one run measured")
    with tempfile.TemporaryDirectory(prefix="bulk-update-") as folder:
        asked = Asked(given.rows, given.rounds, Path(folder))
        pages = []
        for name in given.parts or PARTS:
            title, run = PARTS[name]
            pages.append(f"## {title}\n\n{run(asked)}")
            print(pages[-1], flush=True)
    if given.write:
        RESULTS.write_text("\n".join([_head(given.rounds), *pages]), encoding="utf-8")


def _head(rounds: int) -> str:
    return (
        "# What was measured\n\n"
        f"By `make bench` on {datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, "
        f"medians of {rounds} rounds in turn. Ratios travel to other machines, seconds don't.\n"
    )


if __name__ == "__main__":
    main()

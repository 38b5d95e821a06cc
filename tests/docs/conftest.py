"""The pages, and what stands in them: blocks of code, command lines, links."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "sample_data"
PAGES = (
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "CHANGELOG.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    SAMPLES / "README.md",
)
_FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`(bulk-update [^`\n]+)`")
_EXIT = re.compile(r"#\s*exit code (\d+)")
_SHELLS = ("sh", "bat")
_ENDS = {"|", "&&", ">", "2>"}


@dataclass(frozen=True)
class CommandLine:
    """A ``bulk-update`` of a page: its arguments, and the exit code the page says it has. A
    ``mention`` in a sentence may leave out what it is not about."""

    arguments: tuple[str, ...]
    exit_code: int = 0
    mention: bool = False


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the words behind it, its text, and where it begins."""

    page: Path
    line: int
    language: str
    words: tuple[str, ...]
    text: str

    @property
    def name(self) -> str:
        """For a test's name."""
        return f"{self.page.name}:{self.line}"

    def command_lines(self) -> list[CommandLine]:
        """The ``bulk-update`` lines of a block for a shell."""
        return [found for line in self.text.splitlines() for found in command_lines(line)]


@dataclass(frozen=True)
class Page:
    """A page of the documentation."""

    path: Path
    text: str = field(repr=False)

    def blocks(self) -> list[Block]:
        """Its fenced blocks."""
        return [self._block(found) for found in _FENCE.finditer(self.text)]

    def _block(self, found: re.Match[str]) -> Block:
        language, *words = found["info"].split() or [""]
        line = self.text.count("\n", 0, found.start()) + 1
        return Block(self.path, line, language, tuple(words), found["text"])

    def prose(self) -> str:
        """The page without its fenced blocks."""
        return _FENCE.sub("", self.text)

    def command_lines(self) -> list[CommandLine]:
        """Every ``bulk-update`` with arguments on the page, in blocks and in the prose."""
        shells = [block for block in self.blocks() if block.language in _SHELLS]
        inline = (
            replace(each, mention=True)
            for text in _INLINE.findall(self.prose())
            for each in command_lines(text)
        )
        return [*(each for block in shells for each in block.command_lines()), *inline]


def command_lines(line: str) -> Iterator[CommandLine]:
    """The ``bulk-update`` of one line of a shell, if it has one with arguments."""
    said = _EXIT.search(line)
    words = shlex.split(line.replace("\\", "/"), comments=True)
    for place, word in enumerate(words):
        if word.rpartition("/")[2] in ("bulk-update", "bulk_update") and place + 1 < len(words):
            rest = words[place + 1 :]
            end = next((at for at, other in enumerate(rest) if other in _ENDS), len(rest))
            yield CommandLine(tuple(rest[:end]), int(said[1]) if said else 0)
            return


def every_page() -> list[Page]:
    """The pages, read."""
    return [Page(path, path.read_text("utf-8")) for path in PAGES]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for a page, a command line or a block runs for each there is."""
    pages = every_page()
    blocks = [block for page in pages for block in page.blocks()]
    if "page" in metafunc.fixturenames:
        metafunc.parametrize("page", pages, ids=lambda page: str(page.path.relative_to(ROOT)))
    if "command_line" in metafunc.fixturenames:
        found = {replace(each, exit_code=0): 0 for page in pages for each in page.command_lines()}
        metafunc.parametrize("command_line", found, ids=lambda each: " ".join(each.arguments))
    for language in ("sh", "python", "toml"):
        if f"{language}_block" in metafunc.fixturenames:
            wanted = [block for block in blocks if _is_wanted(block, language)]
            metafunc.parametrize(f"{language}_block", wanted, ids=lambda block: block.name)


def _is_wanted(block: Block, language: str) -> bool:
    return block.language == language and (language == "toml" or "runnable" in block.words)


@pytest.fixture
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture
def pages() -> dict[str, Page]:
    """The pages by the names of their files; that of the samples is not among them."""
    return {page.path.name: page for page in every_page() if page.path.parent != SAMPLES}


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder with the sample files in it, where a reader would try the examples; at the full
    rate, for the make-believe account has nothing against it."""
    no_large = shutil.ignore_patterns("large.csv", "__pycache__")
    shutil.copytree(SAMPLES, tmp_path / "sample_data", ignore=no_large)
    (tmp_path / "bulk-update.toml").write_text('rate = "max"\n', encoding="utf-8")
    return tmp_path

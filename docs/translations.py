"""Bring the catalogues of messages up to date with the source, and compile them.

    python docs/translations.py             # rewrite the .po files, compile the .mo files
    python docs/translations.py --check     # end with 1 where that would change anything
    python docs/translations.py --missing it    # the messages without a translation, as JSON
    python docs/translations.py --take it FILE  # fill them in from such a JSON file

A message is its own key: one that was reworded is a new one, and has to be translated anew.
"""

# ruff: noqa: INP001, T201

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from bulk_update.language import DOMAIN, LANGUAGES, LOCALES

ROOT: Final = Path(__file__).resolve().parents[1]
METHODS: Final = [("**.py", "python"), ("**.html", "jinja2")]
KEYWORDS: Final = {"_": None, "ngettext": (1, 2)}
TRANSLATED: Final = tuple(code for code in LANGUAGES if code != "en")
_NO_DATE: Final = datetime(2000, 1, 1, tzinfo=UTC)  # the same messages give the same bytes
_HEADER: Final = """\
# bulk-update in {language}.
msgid ""
msgstr ""
"Language: {code}\\n"
"Plural-Forms: {plurals}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def in_source() -> Catalog:
    """Every message of the program, with the files it stands in."""
    found = Catalog()
    folder = ROOT / "bulk_update"
    for name, _, message, _, context in extract_from_dir(folder, METHODS, keywords=KEYWORDS):
        found.add(message, locations=[(f"bulk_update/{name}", 0)], context=context)
    return found


def place(code: str, kind: str) -> Path:
    """Where the catalogue of a language lies: its ``po`` or its ``mo``."""
    return LOCALES / code / "LC_MESSAGES" / f"{DOMAIN}.{kind}"


def read(code: str) -> Catalog:
    """The catalogue of a language as it lies there; an empty one where there is none."""
    path = place(code, "po")
    if not path.exists():
        return Catalog(locale=code)
    with path.open("rb") as file:
        return read_po(file, locale=code)


def updated(code: str) -> Catalog:
    """The catalogue of a language with the messages of the source, all of them and no others."""
    catalogue = read(code)
    catalogue.update(in_source(), no_fuzzy_matching=True)
    catalogue.creation_date = catalogue.revision_date = _NO_DATE
    return catalogue


def as_po(catalogue: Catalog) -> bytes:
    """The catalogue as people edit it."""
    written = io.BytesIO()
    write_po(
        written,
        catalogue,
        width=100,
        omit_header=True,
        ignore_obsolete=True,
        sort_by_file=True,
        include_lineno=False,
    )
    header = _HEADER.format(
        language=catalogue.locale.english_name,
        code=catalogue.locale,
        plurals=catalogue.plural_forms,
    )
    return header.encode() + written.getvalue()


def as_mo(catalogue: Catalog) -> bytes:
    """The catalogue as the program reads it."""
    written = io.BytesIO()
    write_mo(written, catalogue)
    return written.getvalue()


def untranslated(catalogue: Catalog) -> Iterator[Message]:
    """The messages that lack a translation, or one of its plural forms."""
    for message in catalogue:
        if message.id and not (all(message.string) if message.pluralizable else message.string):
            yield message


def _write_all() -> None:
    for code in TRANSLATED:
        catalogue = updated(code)
        place(code, "po").parent.mkdir(parents=True, exist_ok=True)
        place(code, "po").write_bytes(as_po(catalogue))
        place(code, "mo").write_bytes(as_mo(catalogue))
        print(f"{code}: {len(catalogue)} messages, {len(list(untranslated(catalogue)))} to do")


def _stale() -> list[str]:
    """The files that are not as the source and the translations make them."""
    made = {
        place(code, kind): content(updated(code))
        for code in TRANSLATED
        for kind, content in (("po", as_po), ("mo", as_mo))
    }
    return [
        str(path.relative_to(ROOT))
        for path, content in made.items()
        if not path.exists() or path.read_bytes() != content
    ]


def _missing(code: str) -> list[dict[str, object]]:
    return [
        {"id": message.id, "translation": ["", ""] if message.pluralizable else ""}
        for message in untranslated(updated(code))
    ]


def _take(code: str, answers: Path) -> None:
    catalogue = updated(code)
    for each in json.loads(answers.read_text(encoding="utf-8")):
        key = tuple(each["id"]) if isinstance(each["id"], list) else each["id"]
        if (message := catalogue.get(key)) is None:
            sys.exit(f"no such message: {key!r}")
        translation = each["translation"]
        message.string = tuple(translation) if isinstance(translation, list) else translation
    place(code, "po").write_bytes(as_po(catalogue))


def main(arguments: list[str]) -> int:
    """Do what the arguments ask for; the exit code."""
    match arguments:
        case []:
            _write_all()
        case ["--check"]:
            stale = _stale()
            print("\n".join(f"{path}: run make translations" for path in stale) or "up to date")
            return 1 if stale else 0
        case ["--missing", code]:
            print(json.dumps(_missing(code), indent=1, ensure_ascii=False))
        case ["--take", code, path]:
            _take(code, Path(path))
            _write_all()
        case _:
            print(__doc__)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

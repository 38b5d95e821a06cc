"""Writing a mapping file that a person can read and mend."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

import tomlkit
from tomlkit.items import InlineTable, Item, Key, KeyType, SingleKey, Table

from bulk_update.errors import BulkUpdateError, StorageError, UsageError
from bulk_update.language import _
from bulk_update.mapping.loading import parse_mapping_file
from bulk_update.mapping.mapping_file import DEFAULT_CLEAR, ColumnRule, MappingFile


def save_mapping(file: MappingFile, path: str | Path, *, overwrite: bool = False) -> None:
    """Writes ``file`` at ``path``, whole or not at all; :func:`load_mapping_file` gives an equal.

    Raises :class:`UsageError` where there is a file already and ``overwrite`` doesn't say that it
    may go, and :class:`StorageError` where nothing can be written.
    """
    write_mapping(file, mapping_text(file), path, overwrite=overwrite)


def write_mapping(file: MappingFile, text: str, path: str | Path, *, overwrite: bool) -> None:
    """Writes ``text``, which must say what ``file`` does; raises as :func:`save_mapping`."""
    target = Path(os.path.realpath(path))
    if parse_mapping_file(text, path=str(path)) != file:
        raise BulkUpdateError(_("the mapping can't be written as TOML without loss"))
    try:
        _write(target, text, overwrite=overwrite)
    except FileExistsError as error:
        message = _("{path} is there already, and is left as it is").format(path=path)
        hint = _("replace it with --force, or name another file with -o")
        raise UsageError(message, hint=hint) from error
    except OSError as error:
        message = _("{path} can't be written: {reason}")
        reason = error.strerror or str(error)
        raise StorageError(message.format(path=path, reason=reason)) from error


def mapping_text(file: MappingFile) -> str:
    """The text of a mapping file, with comments."""
    document = tomlkit.document()
    document.add(tomlkit.comment(_("Which column of the sheet means what.")))
    document.add(tomlkit.comment(_("Used with: bulk-update check FILE --mapping FILE.map.toml")))
    document.add(tomlkit.nl())
    for name, value in _settings(file):
        document.add(name, value)
    document.add(tomlkit.nl())
    document.add("columns", _columns(file))
    if file.constants:
        document.add("constants", _texts(file.constants.items()))
    return tomlkit.dumps(document)


def _settings(file: MappingFile) -> Iterable[tuple[str, Item]]:
    """The settings that aren't as they would be anyway."""
    texts = {"date_format": file.date_format, "decimal": file.decimal, "region": file.region}
    for name, text in texts.items():
        if text is not None:
            yield name, tomlkit.string(text)
    if file.region_column is not None:
        yield "region", _inline([("column", tomlkit.string(file.region_column))])
    if file.clear != DEFAULT_CLEAR:
        yield "clear", tomlkit.string(file.clear)
    if not file.trim:
        yield "trim", tomlkit.boolean("false")
    if file.optional:
        yield "optional", tomlkit.boolean("true")
    if file.skip:
        yield "skip", tomlkit.item(list(file.skip))


def _columns(file: MappingFile) -> Table:
    """The columns: one line each where that is enough, then those with value maps."""
    table = tomlkit.table()
    for header, rule in file.columns.items():
        if not rule.values:
            table.add(quoted_key(header), _one_line(rule, trim=file.trim))
    for note in file.notes:
        table.add(tomlkit.comment(_printable(note)))
    for header, rule in file.columns.items():
        if rule.values:
            table.add(quoted_key(header), table_with_values(rule, trim=file.trim))
    return table


def _one_line(rule: ColumnRule, *, trim: bool) -> Item:
    settings = list(_rule_settings(rule, trim=trim))
    plain = [name for name, _value in settings] == ["target"]
    item = settings[0][1] if plain else _inline(settings)
    if rule.comment:
        item.comment(_printable(rule.comment))
    return item


def table_with_values(rule: ColumnRule, *, trim: bool) -> Table:
    """A column that says what to read for its values, over several lines."""
    table = tomlkit.table()
    for name, value in _rule_settings(rule, trim=trim):
        table.add(name, value)
    table.add("values", _texts(rule.values.items()))
    if rule.comment:
        table.comment(_printable(rule.comment))
    return table


def _rule_settings(rule: ColumnRule, *, trim: bool) -> Iterable[tuple[str, Item]]:
    if rule.target is not None:
        yield "target", tomlkit.string(rule.target)
    if rule.policy is not None:
        yield "policy", tomlkit.string(rule.policy.value)
    if rule.blank_clears:
        yield "blank", tomlkit.string("clear")
    if rule.trim != trim:
        yield "trim", tomlkit.boolean("true" if rule.trim else "false")
    if rule.optional:
        yield "optional", tomlkit.boolean("true")


def _inline(settings: Iterable[tuple[str, Item]]) -> InlineTable:
    table = tomlkit.inline_table()
    for name, value in settings:
        table.add(name, value)
    return table


def _texts(pairs: Iterable[tuple[str, str]]) -> Table:
    table = tomlkit.table()
    for key, value in pairs:
        table.add(quoted_key(key), tomlkit.string(value))
    return table


def quoted_key(name: str) -> Key:
    """The name always in quotes: a header is a text, whatever stands in it."""
    return SingleKey(name, t=KeyType.Basic)


def _printable(text: str) -> str:
    """The text for a comment, which may hold no control character."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def _write(path: Path, text: str, *, overwrite: bool) -> None:
    """Writes beside the file and moves it there, so that nobody ever sees a half."""
    if not overwrite and path.exists():
        raise FileExistsError(path)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        _move(Path(name), path, overwrite=overwrite)
    finally:
        Path(name).unlink(missing_ok=True)


def _move(made: Path, path: Path, *, overwrite: bool) -> None:
    if overwrite:
        if path.exists():
            shutil.copymode(path, made)
        made.replace(path)
    elif os.name == "nt":
        made.rename(path)  # refuses there what exists
    else:
        path.hardlink_to(made)  # refuses what came into being meanwhile

"""Reading a mapping file, and pointing at its mistakes by line.

The file is TOML::

    date_format = "DMY"             # DMY, MDY, YMD or a strptime pattern
    decimal = ","                   # the decimal sign: "," or "."
    region = "IT"                   # of phones without a country; or { column = "Paese" }
    clear = "<clear>"               # what a cell says to empty a field
    trim = true                     # false: keep white space around cells
    optional = false                # true: the sheet may lack columns named here
    skip = ["Internal id"]

    [columns]
    "Telefono" = "phone"
    "Stato" = { target = "cf:Status", policy = "fill-empty", blank = "clear" }

    [columns."Tipo"]                # the same for a column of which there is more to say
    target = "cf:Kind"

    [columns."Tipo".values]         # what to read for a cell
    "Actve" = "Active"

    [constants]
    "tags" = "Imported"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from bulk_update.errors import ConfigError
from bulk_update.language import _
from bulk_update.mapping.mapping_file import DEFAULT_CLEAR, ColumnRule, MappingFile
from bulk_update.mapping.toml_lines import line_of
from bulk_update.model import Policy

SETTINGS: Final = (
    "columns",
    "constants",
    "skip",
    "optional",
    "trim",
    "clear",
    "date_format",
    "decimal",
    "region",
)
"""What may stand at the root of a mapping file."""

COLUMN_SETTINGS: Final = ("target", "policy", "blank", "trim", "values", "optional")
"""What may stand in the braces of a column."""

_DATE_ORDERS: Final = ("DMY", "MDY", "YMD")
_BLANK: Final = ("keep", "clear")
_DECIMALS: Final = (",", ".")

Table = dict[str, object]


def load_mapping_file(path: str | Path) -> MappingFile:
    """The mapping file at ``path``.

    Raises :class:`ConfigError` for one that can't be read or isn't TOML, and for settings that
    don't exist or can't have their value: all of them, each with its line. Whether its columns
    and targets exist is for :func:`~bulk_update.mapping.map_columns` to say.
    """
    return parse_mapping_file(_read(Path(path)), path=str(path))


def parse_mapping_file(text: str, *, path: str) -> MappingFile:
    """The mapping file with this text; ``path`` is for messages. Raises as its loader does."""
    return _Loader(path, text).load()


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        message = _("the mapping file {path} can't be read: {reason}")
        reason = error.strerror or str(error)
        raise ConfigError(message.format(path=path, reason=reason)) from error
    except UnicodeDecodeError as error:
        message = _("the mapping file {path} is not UTF-8 text")
        hint = _("save it as UTF-8, with or without a BOM")
        raise ConfigError(message.format(path=path), hint=hint) from error


class _Loader:
    """One reading; ``mistakes`` gathers what is wrong, and nothing is given until it is empty."""

    def __init__(self, path: str, text: str) -> None:
        self.path, self.text = path, text
        self.mistakes: list[tuple[int, str]] = []
        self.trim = True

    def load(self) -> MappingFile:
        root = self._toml()
        self._known_keys(root, SETTINGS)
        self.trim = self._flag(root, ("trim",), default=True)
        region, region_column = self._region(root.get("region"))
        file = MappingFile(
            columns=self._columns(root.get("columns", {})),
            constants=self._texts(root.get("constants", {}), ("constants",)),
            skip=self._skip(root.get("skip", [])),
            optional=self._flag(root, ("optional",), default=False),
            trim=self.trim,
            clear=self._clear(root.get("clear", DEFAULT_CLEAR)),
            date_format=self._date_format(root.get("date_format")),
            decimal=self._one_of(root.get("decimal"), _DECIMALS, ("decimal",)),
            region=region,
            region_column=region_column,
            path=self.path,
            text=self.text,
        )
        self._raise_mistakes()
        return file

    def _toml(self) -> Table:
        try:
            return tomllib.loads(self.text)
        except (ValueError, RecursionError) as error:  # a huge number, a thousand brackets
            raise _not_toml(self.path, self.text, error) from error

    def _raise_mistakes(self) -> None:
        if not self.mistakes:
            return
        lines = [
            _("{path}, line {line}: {mistake}").format(path=self.path, line=line, mistake=mistake)
            for line, mistake in sorted(self.mistakes)
        ]
        raise ConfigError("\n".join(lines), code="mapping_file")

    def _mistake(self, keys: tuple[str, ...], message: str) -> None:
        self.mistakes.append((line_of(self.text, keys), message))

    # -- columns ------------------------------------------------------------------------

    def _columns(self, table: object) -> dict[str, ColumnRule]:
        if not isinstance(table, dict):
            self._expected(("columns",), _('a table: [columns], then "Column" = "target"'))
            return {}
        return {header: self._rule(header, value) for header, value in table.items()}

    def _rule(self, header: str, value: object) -> ColumnRule:
        keys = ("columns", header)
        if isinstance(value, str):
            return ColumnRule(target=self._target(value, keys), trim=self.trim)
        if not isinstance(value, dict):
            self._mistake(keys, _misplaced(header))
            return ColumnRule()
        self._known_keys(value, COLUMN_SETTINGS, keys)
        return self._full_rule(value, keys)

    def _full_rule(self, table: Table, keys: tuple[str, ...]) -> ColumnRule:
        policies = tuple(policy.value for policy in Policy)
        policy = self._one_of(table.get("policy"), policies, (*keys, "policy"))
        blank = self._one_of(table.get("blank"), _BLANK, (*keys, "blank"))
        return ColumnRule(
            target=self._target(table.get("target"), (*keys, "target")),
            policy=Policy(policy) if policy else None,
            blank_clears=blank == "clear",
            trim=self._flag(table, (*keys, "trim"), default=self.trim),
            values=self._texts(table.get("values", {}), (*keys, "values")),
            optional=self._flag(table, (*keys, "optional"), default=False),
        )

    def _target(self, value: object, keys: tuple[str, ...]) -> str | None:
        if value is None or (isinstance(value, str) and value.strip()):
            return value
        self._expected(keys, _('a target in quotes, like "phone" or "cf:Status"'))
        return None

    # -- settings -----------------------------------------------------------------------

    def _skip(self, value: object) -> tuple[str, ...]:
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        self._expected(("skip",), _('a list of columns, like ["Internal id", "Created"]'))
        return ()

    def _clear(self, value: object) -> str:
        if isinstance(value, str) and value.strip():
            return value
        self._expected(("clear",), _('a text, like "<clear>"'))
        return DEFAULT_CLEAR

    def _date_format(self, value: object) -> str | None:
        if value is None or (isinstance(value, str) and (value in _DATE_ORDERS or "%" in value)):
            return value
        self._expected(("date_format",), _("DMY, MDY, YMD, or a pattern like %d.%m.%Y, in quotes"))
        return None

    def _region(self, value: object) -> tuple[str | None, str | None]:
        """The region itself, or the column that has it."""
        if value is None:
            return None, None
        if isinstance(value, dict) and isinstance(value.get("column"), str) and len(value) == 1:
            return None, str(value["column"])
        if isinstance(value, str) and _is_region(value):
            return value.upper(), None
        self._expected(("region",), _('a country code like "IT" or "GB", or { column = "Paese" }'))
        return None, None

    # -- kinds of value -----------------------------------------------------------------

    def _flag(self, table: Table, keys: tuple[str, ...], *, default: bool) -> bool:
        value = table.get(keys[-1], default)
        if not isinstance(value, bool):
            self._expected(keys, _("true or false, without quotes"))
            return default
        return value

    def _one_of(
        self, value: object, possible: tuple[str, ...], keys: tuple[str, ...]
    ) -> str | None:
        if value is None or (isinstance(value, str) and value in possible):
            return value
        self._expected(keys, _("one of {values}").format(values=_quoted(possible)), value, possible)
        return None

    def _texts(self, table: object, keys: tuple[str, ...]) -> dict[str, str]:
        if not isinstance(table, dict):
            self._expected(keys, _('a table of texts, like { "Actve" = "Active" }'))
            return {}
        for key, value in table.items():
            if not isinstance(value, str):
                self._expected((*keys, key), _("a text in quotes"), key_only=True)
        return {key: value for key, value in table.items() if isinstance(value, str)}

    def _expected(
        self,
        keys: tuple[str, ...],
        what: str,
        value: object = None,
        possible: Iterable[str] = (),
        *,
        key_only: bool = False,
    ) -> None:
        """Says what a setting should have been, and which word was likely meant."""
        template = _("'{key}' has to be {what}") if key_only else _("{key} has to be {what}")
        message = template.format(key=keys[-1], what=what)
        self._mistake(keys, message + _meant(value, possible))

    def _known_keys(
        self, table: Table, possible: tuple[str, ...], above: tuple[str, ...] = ()
    ) -> None:
        unknown = [key for key in table if key not in possible]
        for key in unknown:
            message = _("there is no setting '{key}'").format(key=key)
            ending = _meant(key, possible) or _(" (there are {names})").format(
                names=", ".join(possible)
            )
            self._mistake((*above, key), message + ending + _dotted(above, unknown, table))


def _meant(value: object, possible: Iterable[str]) -> str:
    """`` Did you mean 'target'?``, or nothing."""
    if not isinstance(value, str):
        return ""
    from rapidfuzz import fuzz, process

    lower: Callable[[str], str] = str.casefold
    best = process.extractOne(
        value, list(possible), scorer=fuzz.ratio, processor=lower, score_cutoff=60
    )
    return _(". Did you mean '{name}'?").format(name=best[0]) if best else ""


def _dotted(above: tuple[str, ...], unknown: list[str], table: Table) -> str:
    """What to say where ``E.mail = "…"`` made a column E with a setting ``mail``."""
    if not above or len(unknown) < len(table):
        return ""
    name = ".".join((*above[1:], unknown[0]))
    return _('. A column whose name has a dot is put in quotes: "{name}"').format(name=name)


def _misplaced(header: str) -> str:
    """What is wrong with a column that is neither a target nor a table."""
    if header in SETTINGS:
        return _("{key} is a setting of the whole file: put it above [columns]").format(key=header)
    return _("'{column}' has to be a target in quotes, or a table in braces").format(column=header)


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _is_region(text: str) -> bool:
    from phonenumbers import SUPPORTED_REGIONS

    return text.upper() in SUPPORTED_REGIONS


def _not_toml(path: str, text: str, error: Exception) -> ConfigError:
    found = re.search(r"line (\d+)", str(error))
    line = int(found[1]) if found else text.count("\n") + 1
    reason = re.sub(r" \(at .*\)$", "", str(error))
    message = _("{path}, line {line}: this is not TOML: {reason}")
    hint = _('texts, and names with spaces, accents or dots, stand in quotes: "Column" = "target"')
    return ConfigError(
        message.format(path=path, line=line, reason=reason), hint=hint, code="mapping_file"
    )

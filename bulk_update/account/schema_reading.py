"""A schema from its TOML file; every mistake in it is said at once, with its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, NoReturn, TypeVar

from bulk_update.account.schema import AccountSchema, Channel, FieldSchema, Team, User
from bulk_update.errors import ConfigError
from bulk_update.language import _
from bulk_update.model import Account, FieldType

T = TypeVar("T")
Place = tuple[str | int, ...]
"""Where something stands: names of tables and keys, and the number of a ``[[table]]``."""

_TOP: Final = (
    "pulled_at",
    "contacts_read",
    "users_complete",
    "tags",
    "account",
    "fields",
    "field",
    "team",
    "user",
    "channel",
)
_ACCOUNT: Final = ("base_url", "default_team", "user_email", "name")
_FIELD: Final = ("type", "options")
_TYPES: Final = tuple(one.value for one in FieldType)
_WITH_OPTIONS: Final = (FieldType.DROPDOWN, FieldType.CHECKBOX)
_NEAR: Final = 70
_HEADER: Final = re.compile(r"\s*\[\[?.*\]\]?\s*(#.*)?$")
_KEY: Final = re.compile(r"""\s*("(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)\s*=""")


def load_schema(path: str | Path) -> AccountSchema:
    """The schema in the file ``path``. Raises ConfigError for a file that can't be read or
    understood: all mistakes in one message, each with its line and what was meant."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(
            _("the schema file {path} can't be read: {why}").format(path=path, why=error.strerror),
            code="schema_file",
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(
            _("the schema file {path} is not UTF-8 text").format(path=path), code="schema_file"
        ) from error
    return parse_schema(text, str(path))


def parse_schema(text: str, name: str) -> AccountSchema:
    """As :func:`load_schema`, of text that was read from the file ``name``."""
    try:
        said = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        end = _("at line {line}, the end").format(line=max(1, len(text.splitlines())))
        why = str(error).replace("at end of document", end)
        raise ConfigError(
            _("{path} is no valid TOML: {why}").format(path=name, why=why),
            hint=_('text stands in "double quotes"; see the line it names'),
            code="schema_file",
        ) from error
    reader = _Reader(said, _places(text))
    schema = reader.schema()
    if reader.problems or schema is None:
        _refuse(name, reader.problems)
    return schema


def _refuse(name: str, problems: Sequence[str]) -> NoReturn:
    raise ConfigError(
        "\n".join(f"{name}, {problem}" for problem in problems),
        hint=_("mend the file, or make a new one with `bulk-update schema pull -o FILE`"),
        code="schema_file",
    )


class _Reader:
    """Takes the schema out of ``said`` and keeps what is wrong with it."""

    def __init__(self, said: Mapping[str, object], lines: Mapping[Place, int]) -> None:
        self._said = said
        self._lines = lines
        self.problems: list[str] = []

    def schema(self) -> AccountSchema | None:
        """The schema; None, or one that is not to be used, when there are problems."""
        top = self._said
        self._only(top, (), _TOP)
        account = self._account()
        fields = {one.name: one for one in self._fields()}
        if account is None:
            return None
        return AccountSchema(
            account=account,
            fields=fields,
            tags=self._names(top, (), "tags"),
            teams=tuple(self._teams()),
            users=tuple(self._users()),
            channels=tuple(self._channels()),
            users_complete=self._value(top, (), "users_complete", bool, default=False),
            contacts_read=self._value(top, (), "contacts_read", int, default=0),
            pulled_at=self._pulled_at(),
        )

    def _account(self) -> Account | None:
        table = self._said.get("account")
        if not isinstance(table, dict):
            self._problem((), _('there is no [account] table with a base_url = "https://…"'))
            return None
        place: Place = ("account",)
        self._only(table, place, _ACCOUNT)
        texts = {key: self._text(table, place, key) for key in _ACCOUNT}
        if not texts["base_url"]:
            self._problem(place, _("base_url is missing: it says which account this is"))
        return Account(
            base_url=texts["base_url"].rstrip("/"),
            default_team=texts["default_team"],
            user_email=texts["user_email"],
            name=texts["name"],
        )

    # -- fields ------------------------------------------------------------------------

    def _fields(self) -> Iterator[FieldSchema]:
        named = self._value(self._said, (), "fields", dict, default={})
        for name, table in named.items():
            yield self._field(name, table, ("fields", name), _FIELD)
        for table, place in self._tables("field"):
            name = self._needed(table, place, "name")
            if name in named:
                self._problem(place, _("the field {name} is here twice").format(name=name))
            yield self._field(name, table, place, ("name", *_FIELD))

    def _field(self, name: str, table: object, place: Place, keys: Sequence[str]) -> FieldSchema:
        if not isinstance(table, dict):
            self._problem(place, _("a field is a table with a type"))
            return FieldSchema(name=name)
        self._only(table, place, keys)
        kind = self._type(table, place)
        options = self._names(table, place, "options")
        if options and kind not in _WITH_OPTIONS and "type" in table:
            self._problem((*place, "options"), _("only dropdown and checkbox have options"))
        if options and "type" not in table:
            self._problem(place, _("a field with options needs a type: dropdown or checkbox"))
        return FieldSchema(name=name, type=kind, options=options)

    def _type(self, table: Mapping[str, object], place: Place) -> FieldType | None:
        text = self._text(table, place, "type")
        if not text:
            return None
        if text not in _TYPES:
            said = _("there is no type {text}; types are {types}").format(
                text=repr(text), types=", ".join(_TYPES)
            )
            self._problem((*place, "type"), said + near(text, _TYPES))
            return None
        return FieldType(text)

    # -- teams, users and channels ---------------------------------------------------------------

    def _teams(self) -> Iterator[Team]:
        for table, place in self._tables("team"):
            self._only(table, place, ("uuid", "name", "default"))
            yield Team(
                uuid=self._needed(table, place, "uuid"),
                name=self._text(table, place, "name"),
                default=self._value(table, place, "default", bool, default=False),
            )

    def _users(self) -> Iterator[User]:
        for table, place in self._tables("user"):
            self._only(table, place, ("email", "name"))
            yield User(
                email=self._needed(table, place, "email"),
                name=self._text(table, place, "name") if "name" in table else None,
            )

    def _channels(self) -> Iterator[Channel]:
        for table, place in self._tables("channel"):
            self._only(table, place, ("uuid", "title", "type", "main"))
            yield Channel(
                uuid=self._needed(table, place, "uuid"),
                title=self._text(table, place, "title"),
                type=self._text(table, place, "type"),
                main=self._value(table, place, "main", bool, default=False),
            )

    def _tables(self, key: str) -> Iterator[tuple[dict[str, object], Place]]:
        for number, table in enumerate(self._value(self._said, (), key, list, default=[])):
            if isinstance(table, dict):
                yield table, (key, number)
            else:
                self._problem((key,), _("write it as [[{key}]] tables").format(key=key))

    # -- values ------------------------------------------------------------------------

    def _pulled_at(self) -> datetime | None:
        moment = self._said.get("pulled_at")
        if isinstance(moment, datetime):
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        if isinstance(moment, date):
            return datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
        if moment is not None:
            self._problem(("pulled_at",), _("pulled_at is no date, such as 2026-08-01T12:00:00Z"))
        return None

    def _value(
        self, table: Mapping[str, object], place: Place, key: str, kind: type[T], *, default: T
    ) -> T:
        value = table.get(key, default)
        if isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
            return value
        said = _("{key} must be {kind}").format(key=key, kind=_KINDS[kind])
        self._problem((*place, key), said)
        return default

    def _text(self, table: Mapping[str, object], place: Place, key: str) -> str:
        return self._value(table, place, key, str, default="")

    def _needed(self, table: Mapping[str, object], place: Place, key: str) -> str:
        text = self._text(table, place, key)
        if not text:
            self._problem(place, _("{key} is missing").format(key=key))
        return text

    def _names(self, table: Mapping[str, object], place: Place, key: str) -> tuple[str, ...]:
        names = self._value(table, place, key, list, default=[])
        if not all(isinstance(name, str) for name in names):
            said = _("{key} must be a list of texts, each in quotes").format(key=key)
            self._problem((*place, key), said)
        return tuple(dict.fromkeys(str(name) for name in names))

    def _only(self, table: Mapping[str, object], place: Place, keys: Sequence[str]) -> None:
        for key in table:
            if key not in keys:
                said = _("unknown key {key}").format(key=repr(key))
                self._problem((*place, key), said + near(key, keys))

    def _problem(self, place: Place, said: str) -> None:
        while place and place not in self._lines:
            place = place[:-1]
        line = self._lines.get(place, 1)
        self.problems.append(_("line {line}: {said}").format(line=line, said=said))


_KINDS: Final[Mapping[type, str]] = {
    str: "text in quotes",
    bool: "true or false",
    int: "a whole number",
    list: "a list",
    dict: "a table",
}


def near(text: str, known: Iterable[str]) -> str:
    """``; did you mean …?`` where one of ``known`` is like ``text``, else nothing."""
    from rapidfuzz import fuzz, process

    names = [str(name) for name in known]
    found = process.extractOne(text.casefold(), names, scorer=fuzz.ratio, score_cutoff=_NEAR)
    return _("; did you mean {near}?").format(near=found[0]) if found else ""


# -- lines -----------------------------------------------------------------------------


def _places(text: str) -> dict[Place, int]:
    """The line of each table and key that begins one; good enough for messages."""
    places: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    table: Place = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if _HEADER.match(line) and (path := _header_path(line)):
            table = path
            if line.lstrip().startswith("[["):
                counts[path] = counts.get(path, -1) + 1
                table = (*path, counts[path])
            for length in range(1, len(table) + 1):
                places.setdefault(table[:length], number)
        elif key := _KEY.match(line):
            places.setdefault((*table, *_header_path(f"[{key.group(1)}]")), number)
    return places


def _header_path(line: str) -> Place:
    try:
        inner: object = tomllib.loads(line.strip())
    except tomllib.TOMLDecodeError:
        return ()
    path: list[str] = []
    while isinstance(inner, dict) and inner:
        name = next(iter(inner))
        path.append(name)
        inner = inner[name]
        if isinstance(inner, list):
            inner = inner[0]
    return tuple(path)

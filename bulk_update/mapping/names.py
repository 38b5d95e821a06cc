"""When two names are the same, and which names the program knows by itself.

Four ways of comparing, from the strictest to the loosest: as it stands; :func:`tidy`; :func:`plain`
(for columns); :func:`fold` (for the header list). Custom fields are matched by
:func:`field_key`, which forgives only case, composition and runs of white space.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import Final

from bulk_update.language import _
from bulk_update.model import WAS_PREFIX, Target, TargetKind

TARGET_NAMES: Final = tuple(kind.value for kind in TargetKind if kind != TargetKind.CUSTOM_FIELD)
"""The targets that need no name of a custom field, as users write them."""

# White space that str.strip() leaves: zero-width space, joiners, word joiner, BOM.
_INVISIBLE: Final = "\u200b\u200c\u200d\u2060\ufeff"
_OUTER: Final = "".join(char for char in map(chr, range(0x3001)) if char.isspace()) + _INVISIBLE
_DASHES: Final = "-_\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212"


def tidy(text: str) -> str:
    """The text without outer white space (NBSP, zero-width and BOM too), composed (NFC)."""
    return unicodedata.normalize("NFC", text).strip(_OUTER)


def plain(text: str) -> str:
    """:func:`tidy`, without case, and with each run of white space as one space."""
    return " ".join(tidy(text).casefold().split())


def field_key(name: str) -> str:
    """What makes two names of custom fields the same: case, composition and how its words are
    spaced are forgiven, for a header that is wrapped in its cell has a new line in it."""
    return unicodedata.normalize("NFC", plain(name))


def fold(text: str) -> str:
    """The text without case, accents, white space, hyphens and underscores."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not _is_ignored(char))


def _is_ignored(char: str) -> bool:
    return unicodedata.combining(char) > 0 or char.isspace() or char in _DASHES + _INVISIBLE


@dataclass(frozen=True, slots=True)
class KnownName:
    """One name of the header list: how the list spells it, and in which languages."""

    target: Target
    spelled: str
    languages: tuple[str, ...]


@cache
def header_list() -> Mapping[str, KnownName]:
    """The names that map by themselves, by their folded form.

    They come from ``headers.toml`` beside this module: the words that the public API reference
    and people's own sheets use, in English, Italian, Spanish, French and Portuguese. A name that
    several languages share bears all of them.
    """
    known: dict[str, KnownName] = {}
    for target, by_language in _headers().items():
        for language, names in by_language.items():
            for name in names:
                _add(known, Target.parse(target), language, name)
    return known


@cache
def _headers() -> Mapping[str, Mapping[str, list[str]]]:
    text = resources.files(__package__).joinpath("headers.toml").read_text("utf-8")
    return tomllib.loads(text)


def header_in(target: Target, language: str) -> str | None:
    """The first name that the header list has for ``target`` in ``language`` (ISO 639-1); None
    in English, whose names are the API's own, and where it has none."""
    if language == "en":
        return None
    return next(iter(_headers().get(str(target), {}).get(language, ())), None)


def _add(known: dict[str, KnownName], target: Target, language: str, name: str) -> None:
    """Enters one name; a name for two targets would make the list a gamble."""
    entry = known.setdefault(fold(name), KnownName(target, name, ()))
    if entry.target != target:
        raise ValueError(f"{name!r} stands for both {entry.target} and {target}")
    languages = tuple(dict.fromkeys((*entry.languages, language)))
    known[fold(name)] = KnownName(target, entry.spelled, languages)


@cache
def api_names() -> Mapping[str, Target]:
    """Every target without a custom name, ``was.`` ones too, by its folded spelling."""
    spelled = [*TARGET_NAMES, *(WAS_PREFIX + name for name in TARGET_NAMES)]
    return {fold(name): target for name in spelled if (target := parse_or_none(name))}


def parse_or_none(text: str) -> Target | None:
    """The target that ``text`` names, or None."""
    try:
        return Target.parse(text)
    except ValueError:
        return None


def language_name(code: str) -> str:
    """The language with this code, in the user's language."""
    names = {
        "en": _("English"),
        "it": _("Italian"),
        "es": _("Spanish"),
        "fr": _("French"),
        "pt": _("Portuguese"),
    }
    return names[code]


class FieldNames:
    """The names of an account's custom fields, and how a written name finds one of them."""

    def __init__(self, names: Iterable[str]) -> None:
        self._exact = dict.fromkeys(names)
        self.names: tuple[str, ...] = tuple(self._exact)
        self._by_key: dict[str, list[str]] = {}
        for name in self.names:
            self._by_key.setdefault(field_key(name), []).append(name)

    def match(self, name: str) -> tuple[str, ...]:
        """The account's spellings of ``name``: itself alone where it exists exactly, else every
        field that differs by case, composition or outer white space only."""
        if name in self._exact:
            return (name,)
        return tuple(self._by_key.get(field_key(name), ()))

    @cached_property
    def likely(self) -> Mapping[str, tuple[Target, str]]:
        """Every name that a header may nearly be, folded, with its target and its spelling: the
        custom fields, all targets and the header list, which wins where two fold alike."""
        names = {fold(name): (Target(TargetKind.CUSTOM_FIELD, name), name) for name in self.names}
        names |= {folded: (target, str(target)) for folded, target in api_names().items()}
        return names | {key: (known.target, known.spelled) for key, known in header_list().items()}

    @cached_property
    def folded(self) -> Mapping[str, str]:
        """The custom fields, each with its folded form."""
        return {name: fold(name) for name in self.names}

"""Messages in the user's language.

Every message that a person reads passes through :func:`_` (or :func:`ngettext`) as a literal
template with named places, and is filled afterwards:
``_("no such file: {path}").format(path=path)``. Codes, headers, flags and file columns are a
contract and are never translated; nor is ``--help``, which is the contract's own text.

The catalogues are gettext's, in ``locales/``: people edit the ``.po`` files, ``make translations``
brings them up to date with the messages and compiles the ``.mo`` files that are read here.
"""

from __future__ import annotations

import gettext as _gettext
import locale
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

LANGUAGES: Final = ("en", "it", "es", "fr", "pt")
"""The languages that messages speak, as ``--lang`` names them (ISO 639-1)."""

DOMAIN: Final = "bulk_update"
LOCALES: Final = Path(__file__).with_name("locales")
"""The folder of the catalogues: ``<language>/LC_MESSAGES/bulk_update.po`` and ``.mo``."""

_VARIABLES: Final = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
_WINDOWS: Final = {"Italian": "it", "Spanish": "es", "French": "fr", "Portuguese": "pt"}
_GROUPING: Final = {"en": ",", "fr": "\N{NARROW NO-BREAK SPACE}"}


class _InUse:
    """The language in use: one for the process, as its locale is."""

    code = "en"
    catalogue: _gettext.NullTranslations = _gettext.NullTranslations()


def use(code: str) -> None:
    """Speak ``code``, one of :data:`LANGUAGES`, from now on. Raises ``ValueError`` for another."""
    if code not in LANGUAGES:
        raise ValueError(f"{code!r} is none of {', '.join(LANGUAGES)}")
    _InUse.code = code
    _InUse.catalogue = (
        _gettext.NullTranslations()
        if code == "en"
        else _gettext.translation(DOMAIN, LOCALES, languages=[code])
    )


def in_use() -> str:
    """The language that messages speak, one of :data:`LANGUAGES`."""
    return _InUse.code


def wanted(arguments: Sequence[str], environ: Mapping[str, str]) -> str:
    """The language that a command line asks for before it has been understood.

    ``--lang`` if it names one of ours, else the locale, else English: so that what is wrong with
    a command line, or with a file of settings, is said in the user's language too.
    """
    return _flagged(arguments) or _of_locale(environ) or "en"


def _flagged(arguments: Sequence[str]) -> str | None:
    for number, each in enumerate(arguments):
        name, equals, value = each.partition("=")
        if name == "--lang":
            said = value if equals else "".join(arguments[number + 1 : number + 2])
            return said if said in LANGUAGES else None
    return None


def _of_locale(environ: Mapping[str, str]) -> str | None:
    """The first variable that is filled decides, as gettext has it; Windows sets none of them."""
    said = next((environ[name] for name in _VARIABLES if environ.get(name)), None)
    if said is None:
        return _WINDOWS.get((locale.getlocale()[0] or "").partition("_")[0])
    codes = (re.split(r"[_.@-]", each)[0].lower() for each in said.split(":"))
    return next((code for code in codes if code in LANGUAGES), None)


def _(message: str) -> str:
    """The template in the language in use; English, its own key, where there is none."""
    return _InUse.catalogue.gettext(message)


def ngettext(singular: str, plural: str, n: int) -> str:
    """The template for ``n`` of something, in the language in use."""
    return _InUse.catalogue.ngettext(singular, plural, n)


def number(n: int) -> str:
    """A count as the language in use groups its digits: ``12,345``, ``12.345``."""
    return f"{n:,}".replace(",", _GROUPING.get(_InUse.code, "."))

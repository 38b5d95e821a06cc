"""Messages in the user's language.

Every message that a person reads passes through :func:`_` (or :func:`ngettext`) as a template
with named places, and is filled afterwards: ``_("no such file: {path}").format(path=path)``.
Codes, headers and file columns are a contract and are never translated.
"""

from __future__ import annotations

import gettext as _gettext

_catalogue: _gettext.NullTranslations = _gettext.NullTranslations()


def _(message: str) -> str:
    """The template in the language in use; English, its own key, where there is none."""
    return _catalogue.gettext(message)


def ngettext(singular: str, plural: str, n: int) -> str:
    """The template for ``n`` of something, in the language in use."""
    return _catalogue.ngettext(singular, plural, n)

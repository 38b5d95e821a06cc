"""How the user wants cells judged."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationOptions:
    """The flags that change the meaning of cells; each beats what the mapping file says.

    ``date_format`` is ``DMY``, ``MDY``, ``YMD`` or a strptime pattern, ``decimal`` is ``,`` or
    ``.``, ``region`` the two letters of a country. ``strict`` makes errors of names that were
    merely never seen. ``fix`` takes what is certain (case, composition, plain decimals) and
    counts it; without it these are errors with a proposal.
    """

    date_format: str | None = None
    decimal: str | None = None
    region: str | None = None
    strict: bool = False
    fix: bool = True

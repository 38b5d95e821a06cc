"""Phones whose region stands in another column of their row."""

from __future__ import annotations

from collections.abc import Callable

from bulk_update.language import _
from bulk_update.validation.cells import CellJudge, is_blank
from bulk_update.validation.codes import Code
from bulk_update.validation.judged import Judged, Key
from bulk_update.validation.memo import Memo
from bulk_update.validation.phones import region_code
from bulk_update.validation.says import Says


class RegionalPhones:
    """Judges a phone together with its region, by one judge for each region. A blank region
    is ``default``; one that is no region leaves the phone as written, with a warning."""

    def __init__(
        self, says: Says, make: Callable[[str | None], CellJudge], *, default: str | None
    ) -> None:
        self._says = says
        self._make = make
        self._default = default
        self._judges: dict[str | None, Memo[Judged]] = {}

    def __call__(self, phone: str, region: str) -> Judged:
        """What becomes of the cell ``phone`` beside the cell ``region``."""
        if is_blank(region):
            return self._judge(self._default, phone)
        code = region_code(region)
        judged = self._judge(code, phone)
        return judged if code or not self._needed(judged) else self._warned(judged, region)

    def _judge(self, region: str | None, phone: str) -> Judged:
        if region not in self._judges:
            self._judges[region] = Memo(self._make(region))
        return self._judges[region].of(phone)

    def _needed(self, judged: Judged) -> bool:
        """A phone that says its own country needs no region."""
        return isinstance(judged.part, Key) and not judged.part.shown.startswith(("+", "00"))

    def _warned(self, judged: Judged, region: str) -> Judged:
        message = _("'{region}' is no region, so the phone is read as written only")
        warning = self._says.warning(
            Code.UNKNOWN_REGION,
            message.format(region=region),
            value=region,
            hint=_("write the two letters of the country, such as IT"),
        )
        return Judged(judged.part, (*judged.findings, warning))

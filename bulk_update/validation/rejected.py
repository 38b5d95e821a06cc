"""The line of results for a row that is not to be sent."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from bulk_update.model import Finding, Level, RowResult, RowStatus, Verdict
from bulk_update.validation.codes import Code
from bulk_update.validation.says import hints_together

_UUID: Final = re.compile(r"[0-9a-f]{32}")


def uuid_of(key: str) -> str:
    """The uuid that a key cell is, as the account spells it; ``""`` for any other key."""
    plain = key.strip().replace("-", "").lower()
    return plain if _UUID.fullmatch(plain) else ""


def rejected_row(verdict: Verdict) -> RowResult:
    """Its first code, all of its messages, each hint once.

    ``duplicate`` when all that is wrong is that rows disagree about one contact, else
    ``invalid``. ``verdict`` must have a finding that is an error.
    """
    errors = _errors(verdict.findings)
    return RowResult(
        row=verdict.row,
        key=verdict.key,
        uuid=uuid_of(verdict.key),
        status=status_of(verdict.findings),
        code=errors[0].code,
        message="; ".join(_with_column(each) for each in errors),
        hint=hints_together(*dict.fromkeys(each.hint for each in errors)),
    )


def status_of(findings: Iterable[Finding]) -> RowStatus:
    """Valid, invalid, or one of rows that disagree about one contact, by what there is to say of
    a row."""
    status = RowStatus.VALID
    for each in findings:
        if each.level is Level.ERROR:
            if each.code != Code.DUPLICATE:
                return RowStatus.INVALID
            status = RowStatus.DUPLICATE
    return status


def _errors(findings: Iterable[Finding]) -> list[Finding]:
    return [each for each in findings if each.level is Level.ERROR]


def _with_column(finding: Finding) -> str:
    return f"{finding.column}: {finding.message}" if finding.column else finding.message

"""The one JSON document of a command: ``--json`` prints it, ``summary.json`` keeps it.

Its keys are a contract with users' scripts: ``command``, ``run``, ``account``, ``counts``,
``findings``, ``requests``, ``files``, ``exit_code``, ``error``; there are no others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import orjson

from bulk_update.errors import BulkUpdateError
from bulk_update.model import Account, FindingGroup, RowStatus
from bulk_update.reporting.cells import encodable
from bulk_update.reporting.report import RunReport

Document = dict[str, object]
"""What :func:`orjson.dumps` takes: text, numbers, lists and dicts, and None."""

_OF_CHECK: Final = (RowStatus.VALID, RowStatus.INVALID, RowStatus.DUPLICATE)
_OF_RUNS: Final = tuple(status for status in RowStatus if status is not RowStatus.VALID)


def document(report: RunReport, files: Mapping[str, Path]) -> Document:
    """The document of a command that came to a report.

    ``files`` are the files written, by their name in the contract (``results.csv``); the
    document says where each really is. ``counts`` has ``rows`` and every status the command
    can give, zeros included.
    """
    return {
        "command": report.command,
        "run": report.run,
        "account": _account(report.account),
        "counts": _counts(report.command, report.rows, report.counts),
        "findings": [_finding(group) for group in report.findings],
        "requests": _requests(report),
        "files": {name: encodable(str(path)) for name, path in files.items()},
        "exit_code": report.exit_code,
        "error": None if report.error is None else dict(report.error),
    }


def _requests(report: RunReport) -> dict[str, int]:
    """Those made, by kind, how many were ``saved``, and how many of those made the account
    answered 429, if any; nothing, where none was made."""
    if not report.requests:
        return {}
    refused = {"refused_429": report.refused_429} if report.refused_429 else {}
    return {**report.requests, "saved": report.requests_saved, **refused}


def failure_document(
    command: str,
    error: BulkUpdateError,
    *,
    run: str | None = None,
    account: Account | None = None,
    findings: Iterable[FindingGroup] = (),
) -> Document:
    """The document of a command that ended before there was a report; no row is counted."""
    return {
        "command": command,
        "run": run,
        "account": _account(account),
        "counts": _counts(command, 0, {}),
        "findings": [_finding(group) for group in findings],
        "requests": dict(error.requests),
        "files": {},
        "exit_code": error.exit_status,
        "error": error_entry(error),
    }


def error_entry(error: BulkUpdateError) -> dict[str, str]:
    """An error as the document shows it: ``code``, ``message`` and ``hint``."""
    return {
        "code": error.code,
        "message": encodable(error.message),
        "hint": encodable(error.hint),
    }


def render(content: Document) -> bytes:
    """The document as UTF-8 JSON, indented, with a new line at its end."""
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _account(account: Account | None) -> dict[str, str] | None:
    """Who the account is; nothing else is named, so that nothing secret ever can be."""
    if account is None:
        return None
    name = account.name or account.user_email
    return {"name": name, "base_url": account.base_url, "key": account.key}


def _counts(command: str, rows: int, counts: Mapping[RowStatus, int]) -> dict[str, int]:
    usual = _OF_CHECK if command == "check" else _OF_RUNS
    shown = [status for status in RowStatus if status in usual or counts.get(status)]
    return {"rows": rows, **{status.value: counts.get(status, 0) for status in shown}}


def _finding(group: FindingGroup) -> dict[str, object]:
    finding = group.finding
    return {
        "rows": list(group.rows),
        "count": group.count,
        "column": _optional(finding.column),
        "code": finding.code,
        "level": finding.level.value,
        "value": _optional(finding.value),
        "message": encodable(finding.message),
        "hint": encodable(finding.hint),
    }


def _optional(text: str | None) -> str | None:
    return None if text is None else encodable(text)

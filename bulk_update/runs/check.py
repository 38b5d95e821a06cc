"""Read, map, validate; no contact of the sheet is looked up."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bulk_update.language import _
from bulk_update.model import RowResult, RowStatus, Verdict
from bulk_update.reporting import RunReport, write_reports
from bulk_update.reporting.report import Circumstances, Mending
from bulk_update.runs.exit_codes import exit_code
from bulk_update.runs.job import CommandResult
from bulk_update.runs.naming import user_name, where
from bulk_update.runs.passes import Passes
from bulk_update.runs.people import people_by
from bulk_update.runs.preparing import Prepared, all_findings, chosen_channel, opened, prepare
from bulk_update.runs.stretches import Stretch
from bulk_update.runs.understanding import meanings_of, sheet_name
from bulk_update.validation import FindingCollector, rejected_row, uuid_of

if TYPE_CHECKING:
    from bulk_update.account.schema import AccountSchema
    from bulk_update.reading import Sheet
    from bulk_update.runs.interaction import Interaction
    from bulk_update.runs.job import Job


async def check(job: Job, interaction: Interaction) -> CommandResult:
    """Judge every row. With a schema file there is no network at all.

    Raises SheetError, SheetQuestion, ConfigError, SchemaMissing, and with no schema file what
    the account's client raises.
    """
    began = datetime.now(UTC)
    with opened(job) as sheet:
        schema, requests = await _schema(job, interaction)
        chosen_channel(job.settings, schema, interaction)  # a wrong name is wrong here already
        report = _checked(job, sheet, schema, requests, interaction)
        report = replace(report, about=_circumstances(job, began))
        files = write_reports(job.settings.out, report) if job.settings.out else {}
    return CommandResult(report=report, files=files)


async def _schema(job: Job, interaction: Interaction) -> tuple[AccountSchema, dict[str, int]]:
    path = job.settings.schema_path
    if path is not None:
        from bulk_update.account.schema_reading import load_schema

        schema = load_schema(path)
        interaction.show_account(schema.account)
        return schema, {}
    # Only here: a check with a schema never loads what talks to the network.
    from bulk_update.runs.session import account_schema, open_session

    async with open_session(job.settings, interaction) as session:
        schema = await account_schema(session, interaction)
        return schema, dict(session.client.requests)


def _checked(
    job: Job,
    sheet: Sheet,
    schema: AccountSchema,
    requests: dict[str, int],
    interaction: Interaction,
) -> RunReport:
    passes = Passes(sheet, lambda: interaction.progress(_("Checking"), None))
    prepared = prepare(job, sheet, schema, interaction, passes=passes)
    collector = FindingCollector()
    with passes.stretches(prepared.validator) as stretches:
        counts = _counted(stretches, collector)
    findings = all_findings(prepared, collector)
    interaction.show_findings(findings, "errors.csv" if job.settings.out else "")
    return RunReport(
        command=job.command,
        run=None,
        account=schema.account,
        rows=counts.total(),
        counts=counts,
        header=sheet.header,
        results=lambda: _results(prepared),
        sources=sheet.rows,
        findings=findings,
        requests=requests,
        exit_code=exit_code(
            counts, accepted=job.settings.accept, on_invalid=job.settings.on_invalid
        ),
        person=people_by(sheet.header, prepared.mapping.as_file(), job.settings.region),
        mending=_mending(job, prepared, schema),
    )


def _circumstances(job: Job, began: datetime) -> Circumstances:
    return Circumstances(
        file=where(job.file),
        who=user_name(),
        host=socket.gethostname(),
        reason=job.settings.reason or "",
        began=began,
        ended=datetime.now(UTC),
    )


def _mending(job: Job, prepared: Prepared, schema: AccountSchema) -> Mending:
    return Mending(
        title=sheet_name(prepared.sheet, job.file),
        header_row=prepared.sheet.header_row,
        judged=lambda: prepared.validator.judge(prepared.sheet.rows(), build=False),
        meanings=lambda: meanings_of(prepared.mapping, schema),
        answers=prepared.sheet.answers,
        only_bad=job.settings.only_bad,
    )


def _counted(stretches: Iterable[Stretch], collector: FindingCollector) -> Counter[RowStatus]:
    counts: Counter[RowStatus] = Counter({RowStatus.VALID: 0})
    for stretch in stretches:
        collector.extend(stretch.groups)
        counts.update(stretch.bad)
        counts[RowStatus.VALID] += stretch.rows - stretch.bad.total()
    return counts


def _results(prepared: Prepared) -> Iterator[RowResult]:
    for verdict in prepared.validator.judge(prepared.sheet.rows(), build=False):
        yield _result(verdict)


def _result(verdict: Verdict) -> RowResult:
    if verdict.is_rejected:
        return rejected_row(verdict)
    uuid = uuid_of(verdict.key)
    return RowResult(row=verdict.row, key=verdict.key, uuid=uuid, status=RowStatus.VALID)

"""The flags that mean nothing beside a saved plan: it was read, mapped and understood already."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from bulk_update.errors import UsageError
from bulk_update.language import _

if TYPE_CHECKING:
    from bulk_update.runs.job import Job

_OF_THE_SETTINGS: Final = (
    *("encoding", "delimiter", "hidden", "date_format", "decimal", "region", "channel"),
    *("tags", "strict", "fix", "schema", "since_last", "release_undo"),
)
_OF_READING: Final = ("sheet", "header_row", "rows", "limit", "format")


def refuse_flags_beside_plan(job: Job) -> None:
    """Raise UsageError when flags ask that the sheet of a plan be understood otherwise: none
    of them may be passed over in silence. ``--on-invalid`` still says whether to send."""
    if given := list(_given(job)):
        raise UsageError(
            _("{plan} is a saved plan: {flags} can't change it any more").format(
                plan=job.file, flags=", ".join(given)
            ),
            hint=_("Leave them out, or plan the sheet again with them."),
            code="plan_flags",
        )


def _given(job: Job) -> Iterator[str]:
    for name in _OF_READING:
        if getattr(job.read, name) is not None:
            yield _spelled(name)
    for name in _OF_THE_SETTINGS:
        if name in job.flags:
            yield _spelled(name)
    mapping = {
        "-m": job.columns,
        "--set": job.constants,
        "--mapping": job.mapping_file,
        "--skip": job.skip,
        "-o": job.output,
    }
    yield from (flag for flag, value in mapping.items() if value)


def _spelled(name: str) -> str:
    return "--" + name.replace("_", "-")

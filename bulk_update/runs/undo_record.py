"""The record of a run that puts back what another one did."""

from __future__ import annotations

import hashlib
import json
import socket
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bulk_update.journal import RunRecord
from bulk_update.runs.job import FLAGS, kept_flags
from bulk_update.runs.kept import UNDOES
from bulk_update.runs.naming import new_run_name, user_name
from bulk_update.runs.saved_plan import read_options
from bulk_update.runs.session import FIELD_TYPES

if TYPE_CHECKING:
    from bulk_update.runs.session import Session


def undo_record(
    undone: RunRecord,
    session: Session,
    *,
    flags: Mapping[str, object],
    asked: Mapping[str, object],
) -> RunRecord:
    """A new run that undoes ``undone``; ``asked`` says what of it, and makes it the same job as
    another that was asked the same."""
    now = datetime.now(UTC)
    asked = {UNDOES: undone.name, **asked}
    return RunRecord(
        name=new_run_name(now),
        command="undo",
        account=session.account,
        source_sha256=undone.source_sha256,
        source_path=undone.source_path,
        binding=_binding({**asked, "account": session.account.key}),
        created_at=now,
        who=user_name(),
        host=socket.gethostname(),
        reason=session.settings.reason or "",
        settings={
            # Not how its cells were understood: nothing of them may be sent again.
            **asdict(read_options(undone)),
            FIELD_TYPES: undone.settings.get(FIELD_TYPES, {}),
            FLAGS: kept_flags(flags),
            **asked,
        },
    )


def _binding(asked: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()

"""The contact's name: any text; it can't be cleared."""

from __future__ import annotations

from bulk_update.validation.judges.text import TextJudge


class NameJudge(TextJudge):
    """Names are kept byte for byte by the account (observed on real accounts)."""

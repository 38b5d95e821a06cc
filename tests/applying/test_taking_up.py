"""Going on after a process that is gone: what it left unknown, beside what is planned still."""

from __future__ import annotations

import time

from bulk_update.applying import SenderOptions
from bulk_update.model import FieldName, RowStatus, Wish


async def test_what_is_settled_while_the_planned_are_read_is_given_out_once(arena) -> None:
    """Not applied, it is planned again, and a page that is read just then holds it too."""
    async with arena(options=SenderOptions(linger=0.0)) as it:
        asked = {
            number: ([Wish(field=FieldName("name"), value="Ada")], None) for number in (41, 42)
        }
        await it.plan(asked)
        await it.killed_while_sending(3)
        read_page = it.run.sending.planned_changes

        def late(**asked: int):
            until = time.monotonic() + 10
            while it.run.sending.unknown_changes() and time.monotonic() < until:
                time.sleep(0.001)
            return read_page(**asked)

        it.run.sending.planned_changes = late
        assert {each.status for each in await it.apply()} == {RowStatus.UPDATED}
        assert len(it.patches) == 2

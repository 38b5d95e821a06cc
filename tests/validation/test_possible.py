"""What drop-downs offer for a column."""

from __future__ import annotations

import pytest

from bulk_update.account.schema import AccountSchema, FieldSchema, Team, User
from bulk_update.model import Account, FieldType, Target
from bulk_update.validation import possible_values

SCHEMA = AccountSchema(
    account=Account(base_url="http://x"),
    fields={
        "Status": FieldSchema(name="Status", type=FieldType.DROPDOWN, options=("Active", "Lost")),
        "City": FieldSchema(name="City", type=FieldType.TEXT),
    },
    tags=("VIP", "Lead"),
    teams=(Team(uuid="1", name="Sales"), Team(uuid="2", name="Help"), Team(uuid="3", name="Help")),
    users=(User(email="ann@example.com", name="Ann"),),
)


@pytest.mark.parametrize(
    ("target", "values"),
    [
        ("cf:Status", ("Active", "Lost")),
        ("was.cf:Status", ("Active", "Lost")),
        ("cf:City", ()),
        ("cf:Unseen", ()),
        ("tags.remove", ("VIP", "Lead")),
        ("team", ("Sales", "2", "3")),
        ("assigned_user", ("ann@example.com",)),
        ("bot_status", ("start", "end")),
        ("unassign_user", ("yes", "no")),
        ("phone", ()),
        ("note", ()),
    ],
)
def test_what_a_column_may_hold_is_in_the_accounts_own_spelling(target, values):
    """Teams that share a name are told apart by their uuid."""
    assert possible_values(Target.parse(target), SCHEMA) == values

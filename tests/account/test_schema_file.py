"""The schema as a file: written, completed by hand, read again, compared."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_update.account.schema import AccountSchema, Channel, FieldSchema, Team, User
from bulk_update.account.schema_file import (
    add,
    diff_schemas,
    load_schema,
    parse_schema,
    save_schema,
    schema_text,
)
from bulk_update.errors import ConfigError
from bulk_update.model import Account, FieldType

ACCOUNT = Account(
    base_url="https://api.callbell.eu/v1", default_team="t1", user_email="a@b.it", name="a@b.it"
)
SCHEMA = AccountSchema(
    account=ACCOUNT,
    fields={
        "Plan": FieldSchema(name="Plan", type=FieldType.DROPDOWN, options=("Basic", "Pro")),
        "PI : MF/CUT.x 😀": FieldSchema(name="PI : MF/CUT.x 😀"),
    },
    tags=("P/W", "trailing "),
    teams=(Team(uuid="t1", name="Sales", default=True), Team(uuid="t2", name="")),
    users=(User(email="a@b.it", name="A"), User(email="c@d.it")),
    users_complete=True,
    channels=(
        Channel(uuid="c1", title="WhatsApp : EU/1 😀", type="whatsapp", main=True),
        Channel(uuid="c2"),
    ),
    contacts_read=400,
    pulled_at=datetime(2026, 8, 1, 12, 0, tzinfo=UTC),
)


def test_what_is_saved_is_read_again(tmp_path):
    """Also over a file that is there."""
    path = tmp_path / "a.schema.toml"
    path.write_text("old", encoding="utf-8")
    save_schema(SCHEMA, path)
    assert load_schema(path) == SCHEMA
    assert list(tmp_path.iterdir()) == [path]


def test_the_file_says_what_known_and_observed_mean():
    """People complete it."""
    text = schema_text(SCHEMA)
    assert "Known:" in text
    assert "Observed:" in text
    assert '[fields."PI : MF/CUT.x 😀"]\n# only its name was observed' in text


def test_channels_are_changed_over_a_file_that_is_there(tmp_path):
    path = tmp_path / "a.toml"
    save_schema(SCHEMA, path)
    changed = replace(SCHEMA, channels=SCHEMA.channels[:1])
    save_schema(changed, path)
    assert load_schema(path) == changed


def test_the_comments_people_wrote_stay(tmp_path):
    """When a schema is completed or pulled again over the file."""
    path = tmp_path / "a.toml"
    text = schema_text(SCHEMA).replace('[fields."Plan"]', "# agreed with Ada\n[fields.Plan]")
    path.write_text(text.replace("[account]", "# our shop\n[account]"), encoding="utf-8")
    more = add(SCHEMA, kind="tag", name="New")
    more = add(more, kind="field", name="Plan", options=["Max"])
    more = add(more, kind="field", name="New.field : x", type="text")
    more = add(more, kind="field", name="PI : MF/CUT.x 😀", type="number")
    more = add(more, kind="user", name="z@b.it")
    save_schema(more, path)
    assert load_schema(path) == more
    kept = path.read_text(encoding="utf-8")
    assert "# agreed with Ada" in kept
    assert "# our shop" in kept
    assert "only its name was observed" not in kept


@given(before=st.integers(0, 3), after=st.integers(0, 3))
def test_saving_over_any_schema_says_the_new_one(tmp_path_factory, before, after):
    """Whatever stood there before."""
    path = tmp_path_factory.mktemp("schema") / "a.toml"
    others = [
        SCHEMA,
        AccountSchema(account=Account(base_url="u")),
        replace(SCHEMA, fields={}, teams=(), users=(), tags=(), pulled_at=None),
        add(SCHEMA, kind="field", name="Other", type="date"),
    ]
    save_schema(others[before], path)
    save_schema(others[after], path)
    assert load_schema(path) == others[after]


def test_a_byte_order_mark_is_allowed(tmp_path):
    """Windows editors write one."""
    path = tmp_path / "a.toml"
    path.write_bytes(b"\xef\xbb\xbf" + schema_text(SCHEMA).encode())
    assert load_schema(path) == SCHEMA


_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_names = st.lists(_text, max_size=4, unique=True).map(tuple)
_fields = st.dictionaries(
    _text, st.tuples(st.none() | st.sampled_from(FieldType), _names), max_size=5
)


@given(fields=_fields, tags=_names, team=_text, user=_text)
def test_any_names_survive(fields, tags, team, user):
    """Quotes, colons, slashes, dots, emoji, control characters."""
    schema = replace(
        SCHEMA,
        fields={
            name: FieldSchema(
                name=name,
                type=kind,
                options=options if kind in (FieldType.DROPDOWN, FieldType.CHECKBOX) else (),
            )
            for name, (kind, options) in fields.items()
        },
        tags=tags,
        teams=(Team(uuid="t", name=team),),
        users=(User(email="a@b.it", name=user),),
    )
    assert parse_schema(schema_text(schema), "x.toml") == schema


def test_a_file_written_by_hand_needs_only_the_account():
    """And fields in either form."""
    schema = parse_schema(
        """
[account]
base_url = "https://api.callbell.eu/v1/"

[fields]
Notes = { type = "text" }
"Size.EU" = { type = "dropdown", options = ["S", "M"] }

[[field]]
name = "Likes : all"
type = "checkbox"
options = ["Cats"]
""",
        "hand.toml",
    )
    assert schema.account.base_url == "https://api.callbell.eu/v1"
    assert set(schema.fields) == {"Notes", "Size.EU", "Likes : all"}
    assert schema.fields["Size.EU"].options == ("S", "M")
    assert not schema.users_complete


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = ", ["line 1"]),
        ("\nx = [", ["line 2"]),
        ("x = y\n", ["line 1"]),
        ("x = " + "[" * 5000, ["no valid TOML"]),
        ("", ["[account]"]),
        ('[account]\nname = "x"\n', ["line 1", "base_url"]),
        (
            '[account]\nbase_url = "u"\nbase_ulr = "u"',
            ["line 3", "'base_ulr'", "did you mean base_url?"],
        ),
        ('tag = []\n[account]\nbase_url="u"', ["line 1", "did you mean tags?"]),
        (
            '[account]\nbase_url="u"\n[fields."A.b"]\ntype = "dropdwn"',
            ["line 4", "did you mean dropdown?"],
        ),
        ('[account]\nbase_url="u"\n[fields.A]\noptoins = []', ["line 4", "did you mean options?"]),
        (
            '[account]\nbase_url="u"\n[[field]]\nname="A"\n[[field]]\ntype="text"',
            ["line 5", "name is missing"],
        ),
        ('[account]\nbase_url="u"\n[fields.A]\ntype="text"\noptions=["x"]', ["line 5", "options"]),
        ('[account]\nbase_url="u"\n[fields.A]\noptions=["x"]', ["line 3", "needs a type"]),
        ('tags = "VIP"\n[account]\nbase_url="u"', ["line 1", "tags must be a list"]),
        ('tags = [1]\n[account]\nbase_url="u"', ["line 1", "list of texts"]),
        ('users_complete = 1\n[account]\nbase_url="u"', ["line 1", "true or false"]),
        ('[account]\nbase_url="u"\n[[channel]]\ntitle="x"', ["line 3", "uuid is missing"]),
        ('[account]\nbase_url="u"\n[[channel]]\nuuid="x"\nmain=1', ["line 5", "true or false"]),
        ('[account]\nbase_url="u"\n[[user]]\nname="x"', ["line 3", "email is missing"]),
        ('[account]\nbase_url="u"\n[fields.A]\n[[field]]\nname="A"', ["line 4", "twice"]),
        ('team = ["x"]\n[account]\nbase_url="u"', ["line 1", "[[team]]"]),
        ('pulled_at = "soon"\n[account]\nbase_url="u"', ["line 1", "no date"]),
        ('fields = 3\n[account]\nbase_url="u"', ["line 1", "a table"]),
        ('[account]\nbase_url="u"\n[fields]\nA = "text"', ["line 4", "a field is a table"]),
    ],
)
def test_mistakes_are_said_with_their_line(text, said):
    """And what was meant, where it is near."""
    with pytest.raises(ConfigError) as caught:
        parse_schema(text, "s.toml")
    assert "s.toml" in caught.value.message
    for part in said:
        assert part in caught.value.message


def test_all_mistakes_are_said_at_once():
    with pytest.raises(ConfigError) as caught:
        parse_schema('a = 1\nb = 2\n[account]\nc = 3\nbase_url = "u"\n', "s.toml")
    assert [line.split(":")[0] for line in caught.value.message.splitlines()] == [
        "s.toml, line 1",
        "s.toml, line 2",
        "s.toml, line 4",
    ]


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", None])
def test_a_file_that_cannot_be_read(tmp_path, content):
    """Not text, or not there."""
    path = tmp_path / "s.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"s\.toml"):
        load_schema(path)


@given(st.text(max_size=200))
def test_any_text_is_a_schema_or_a_config_error(text):
    """No input gives a traceback."""
    try:
        parse_schema(text, "s.toml")
    except ConfigError:
        return


class TestDiff:
    """What is otherwise."""

    def test_a_schema_differs_from_itself_in_nothing(self):
        assert diff_schemas(SCHEMA, SCHEMA) == []

    def test_times_and_counts_are_no_difference(self):
        later = replace(SCHEMA, pulled_at=None, contacts_read=1)
        assert diff_schemas(SCHEMA, later) == []

    def test_each_difference_is_a_line(self):
        """What is only observed is never said to be gone."""
        new = AccountSchema(
            account=replace(ACCOUNT, default_team="t9"),
            fields={
                "Plan": FieldSchema(name="Plan", type=FieldType.DROPDOWN, options=("Basic", "Max")),
                "Age": FieldSchema(name="Age", type=FieldType.NUMBER),
            },
            tags=("P/W", "New"),
            teams=(Team(uuid="t1", name="Vendite"), Team(uuid="t3", name="Ops")),
            users=(User(email="a@b.it"), User(email="new@b.it")),
            users_complete=True,
            channels=(Channel(uuid="c1", title="Renamed"), Channel(uuid="c3", title="Third")),
        )
        assert [str(one) for one in diff_schemas(SCHEMA, new)] == [
            "~ account 'a@b.it': https://api.callbell.eu/v1|t1 -> https://api.callbell.eu/v1|t9",
            "+ option 'Max' of field 'Plan'",
            "- option 'Pro' of field 'Plan'",
            "+ field 'Age' (number)",
            "? field 'PI : MF/CUT.x 😀': not seen this time",
            "+ tag 'New'",
            "? tag 'trailing ': not seen this time",
            "+ team 'Ops'",
            "- team ''",
            "~ team 'Vendite': Sales -> Vendite",
            "+ user 'new@b.it'",
            "- user 'c@d.it'",
            "+ channel 'Third'",
            "? channel '': not seen this time",
            "~ channel 'Renamed': WhatsApp : EU/1 😀 -> Renamed",
        ]

    def test_a_field_becomes_known(self):
        known = FieldSchema(name="PI : MF/CUT.x 😀", type=FieldType.TEXT)
        new = replace(SCHEMA, fields={**SCHEMA.fields, known.name: known})
        assert [str(one) for one in diff_schemas(SCHEMA, new)] == [
            "~ field 'PI : MF/CUT.x 😀': - -> text"
        ]
        assert diff_schemas(new, SCHEMA) == []


class TestAdd:
    """What people know of."""

    def test_a_tag_a_user_and_fields(self):
        schema = add(SCHEMA, kind="tag", name="VIP ")
        schema = add(schema, kind="user", name="z@b.it")
        schema = add(schema, kind="field", name="A.b", type="checkbox", options=["x", "y"])
        schema = add(schema, kind="field", name="Plan", options=["Max"])
        assert schema.tags[-1] == "VIP "
        assert schema.users[-1] == User(email="z@b.it")
        assert schema.fields["A.b"].options == ("x", "y")
        assert schema.fields["Plan"].options == ("Basic", "Pro", "Max")

    def test_what_is_there_is_not_added_twice(self):
        assert add(SCHEMA, kind="tag", name="P/W") == SCHEMA
        assert add(SCHEMA, kind="user", name="A@B.it") == SCHEMA

    @pytest.mark.parametrize(
        "wrong",
        [
            {"kind": "team", "name": "x"},
            {"kind": "tag", "name": ""},
            {"kind": "tag", "name": "x", "type": "text"},
            {"kind": "user", "name": "nobody"},
            {"kind": "field", "name": "x", "type": "colour"},
            {"kind": "field", "name": "x", "type": "text", "options": ["a"]},
            {"kind": "field", "name": "x", "type": "dropdown"},
            {"kind": "field", "name": "Plan", "type": "text"},
        ],
    )
    def test_what_contradicts_is_refused(self, wrong):
        with pytest.raises(ConfigError):
            add(SCHEMA, **wrong)

"""The templates do what they are for: the exports they are named after, as they come."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import openpyxl
import pytest

from bulk_update.mapping import MappingOptions, load_mapping_file, map_columns
from bulk_update.mapping.loading import parse_mapping_file

COMMENTED = re.compile(r'# (\[|"[^"]+" = |\w+ = )')
TEMPLATES = Path(__file__).parents[2] / "templates"

GOOGLE = """First Name,Middle Name,Last Name,Phonetic First Name,Phonetic Middle Name,Phonetic Last
 Name,Name Prefix,Name Suffix,Nickname,File As,Organization Name,Organization Title,Organization
 Department,Birthday,Notes,Photo,Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 -
 Value,Phone 2 - Label,Phone 2 - Value,Address 1 - Label,Address 1 - Formatted,Address 1 -
 Street,Address 1 - City,Address 1 - PO Box,Address 1 - Region,Address 1 - Postal Code,Address 1 -
 Country,Address 1 - Extended Address,Website 1 - Label,Website 1 - Value,Event 1 - Label,Event 1 -
 Value,Relation 1 - Label,Relation 1 - Value,Custom Field 1 - Label,Custom Field 1 - Value"""
GOOGLE_BEFORE = """Name,Given Name,Additional Name,Family Name,Yomi Name,Given Name Yomi,Name
 Prefix,Name Suffix,Initials,Nickname,Short Name,Maiden Name,Birthday,Gender,Location,Billing
 Information,Directory Server,Mileage,Occupation,Hobby,Sensitivity,Priority,Subject,Notes,
Language,Photo,Group Membership,E-mail 1 - Type,E-mail 1 - Value,Phone 1 - Type,Phone 1 - Value"""
HUBSPOT = """Record ID,First Name,Last Name,Email,Phone Number,Mobile Phone Number,WhatsApp Phone
 Number,Contact owner,Last Activity Date,Lead Status,Marketing contact status,Create Date,Lifecycle
 Stage,City,Country/Region,Company Name,Job Title,Associated Company IDs,Associated Company"""
CALLBELL = """uuid,name,phoneNumber,avatarUrl,createdAt,source,href,conversationHref,tags,
assignedUser,customFields,team,channel,blockedAt,closedAt,note,bsuid,funnelId"""


def names(text: str) -> list[str]:
    """The columns of an export, as its first line has them."""
    return text.replace("\n", "").split(",")


@pytest.mark.parametrize(
    ("template", "export", "targets"),
    [
        ("google-contacts", GOOGLE, {"Phone 1 - Value": "phone", "Notes": "note"}),
        (
            "google-contacts",
            GOOGLE_BEFORE,
            {"Phone 1 - Value": "phone", "Notes": "note", "Name": "name"},
        ),
        ("hubspot", HUBSPOT, {"Phone Number": "phone"}),
        (
            "callbell",
            CALLBELL,
            {
                "uuid": "uuid",
                "name": "name",
                "phoneNumber": "phone",
                "tags": "tags",
                "assignedUser": "assigned_user",
                "customFields": "custom_fields",
                "team": "team",
                "note": "note",
                "bsuid": "bsuid",
            },
        ),
    ],
)
def test_an_export_is_mapped_by_its_template_without_a_question(template, export, targets):
    file = load_mapping_file(TEMPLATES / f"{template}.map.toml")
    mapping = map_columns(names(export), fields=["Status"], options=MappingOptions(file=file))
    assert {column.header: str(column.target) for column in mapping.columns} == targets


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*.map.toml")), ids=lambda path: path.name)
def test_what_a_template_has_commented_out_is_right_too(path):
    """Whoever takes the # away gets a valid file that names targets there are."""
    _settings, columns = path.read_text(encoding="utf-8").split("[columns]\n", maxsplit=1)
    commented = [line[2:] for line in columns.splitlines() if COMMENTED.match(line)]
    assert len(commented) >= 3
    file = parse_mapping_file("\n".join(["[columns]", *commented]), path=path.name)
    mapping = map_columns(["uuid", *file.columns], fields=[], options=MappingOptions(file=file))
    assert len(mapping.columns) == 1 + len(file.columns)


@pytest.fixture(params=["as shipped", "as made"])
def blank(request):
    """The blank workbook, from the repository and fresh from its script."""
    if request.param == "as shipped":
        return openpyxl.load_workbook(TEMPLATES / "blank.xlsx")
    return runpy.run_path(str(TEMPLATES / "make_blank.py"))["make_blank"]()


def test_the_blank_workbook_maps_by_itself_and_has_no_row(blank):
    (header,) = blank["Contacts"].iter_rows(values_only=True)
    mapping = map_columns(header, fields=[], options=MappingOptions(strict=True))
    assert [str(column.target) for column in mapping.columns] == list(header)


def test_the_blank_workbook_keeps_keys_as_text_and_says_what_may_stand(blank):
    sheet = blank["Contacts"]
    keys = {cell.value: cell.column_letter for cell in sheet[1] if cell.value in ("uuid", "phone")}
    assert len(keys) == 2
    for letter in keys.values():
        assert sheet.column_dimensions[letter].number_format == "@"
    assert all(cell.comment.text for cell in sheet[1])


def test_the_help_of_the_blank_workbook_is_no_second_sheet_to_choose(blank):
    assert [sheet.title for sheet in blank if sheet.sheet_state == "visible"] == ["Contacts"]
    assert "nobody is created" in str(blank["Help"]["B2"].value)

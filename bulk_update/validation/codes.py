"""Every code this step gives, with its meaning in one line."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Code(StrEnum):
    """The codes of the findings of validation; the values are a contract, never translated."""

    # the row
    NO_KEY = "no_key"
    DUPLICATE = "duplicate"
    FIELD_TWICE = "field_twice"
    TAGS_CONFLICT = "tags_conflict"
    ASSIGNED_AND_UNASSIGNED = "assigned_and_unassigned"
    # what spreadsheets do to cells
    ERROR_CELL = "error_cell"
    FORMULA_WITHOUT_VALUE = "formula_without_value"
    EXPONENT_CELL = "exponent_cell"
    DIGITS_LOST = "digits_lost"
    POINT_ZERO = "point_zero"
    SERIAL_DATE = "serial_date"
    # any cell
    TRIMMED = "trimmed"
    GARBLED_TEXT = "garbled_text"
    CANNOT_CLEAR = "cannot_clear"
    RESPELLED = "respelled"
    AMBIGUOUS_NAME = "ambiguous_name"
    BAD_LIST = "bad_list"
    # keys
    BAD_UUID = "bad_uuid"
    BAD_BSUID = "bad_bsuid"
    BAD_PHONE = "bad_phone"
    DATE_AS_KEY = "date_as_key"
    UNKNOWN_REGION = "unknown_region"
    # fields
    FIELD_TYPE_UNKNOWN = "field_type_unknown"
    OPTIONS_UNKNOWN = "options_unknown"
    UNKNOWN_OPTION = "unknown_option"
    UNKNOWN_TAG = "unknown_tag"
    UNKNOWN_TEAM = "unknown_team"
    UNKNOWN_USER = "unknown_user"
    UNKNOWN_FIELD = "unknown_field"
    BAD_EMAIL = "bad_email"
    BAD_NUMBER = "bad_number"
    NUMBER_AMBIGUOUS = "number_ambiguous"
    NUMBER_RESPELLED = "number_respelled"
    BAD_DATE = "bad_date"
    DATE_AMBIGUOUS = "date_ambiguous"
    TIME_DROPPED = "time_dropped"
    BAD_YES_NO = "bad_yes_no"
    BAD_BOT_STATUS = "bad_bot_status"
    BAD_OBJECT = "bad_object"
    NOTE_TOO_LONG = "note_too_long"


FINDINGS: Final[Mapping[Code, str]] = {
    Code.NO_KEY: "the row doesn't say which contact it means",
    Code.DUPLICATE: "several rows bear the same key and ask for different things",
    Code.FIELD_TWICE: "two cells of one row ask for different values of one field",
    Code.TAGS_CONFLICT: "a tag is added and removed at once, or a column that replaces has + or -",
    Code.ASSIGNED_AND_UNASSIGNED: "a user is assigned, and the assignment is removed",
    Code.ERROR_CELL: "an error of a spreadsheet program stands where a value should (#N/A)",
    Code.FORMULA_WITHOUT_VALUE: "a formula that was saved without its value",
    Code.EXPONENT_CELL: "a number cut short by a spreadsheet program (3.93E+11)",
    Code.DIGITS_LOST: "a number cell of over 15 digits: the last ones are gone",
    Code.POINT_ZERO: "a '.0' that a spreadsheet program appended was taken away",
    Code.SERIAL_DATE: "a date that was saved as its serial number was read as a date",
    Code.TRIMMED: "white space around cells was taken away",
    Code.GARBLED_TEXT: "letters that were lost or swapped in a wrong encoding (MuÃ±oz)",
    Code.CANNOT_CLEAR: "a cell says to clear what can't be cleared",
    Code.RESPELLED: "a name was found in another case or composition",
    Code.AMBIGUOUS_NAME: "several names of the account differ from this one by case only",
    Code.BAD_LIST: "a list in brackets that can't be read",
    Code.BAD_UUID: "not the uuid of a contact",
    Code.BAD_BSUID: "not a business suite user id",
    Code.BAD_PHONE: "not one phone number",
    Code.DATE_AS_KEY: "a date cell where a key should be: a number that was taken for a date",
    Code.UNKNOWN_REGION: "a region that is no country; the phone is read as written",
    Code.FIELD_TYPE_UNKNOWN: "the type of a custom field isn't known; it is sent as text",
    Code.OPTIONS_UNKNOWN: "the options of a field aren't known; they can't be checked",
    Code.UNKNOWN_OPTION: "not an option of the field",
    Code.UNKNOWN_TAG: "a tag that was not seen in the account",
    Code.UNKNOWN_TEAM: "not a team of the account",
    Code.UNKNOWN_USER: "not a user of the account, as far as is known",
    Code.UNKNOWN_FIELD: "a custom field that was not seen in the account",
    Code.BAD_EMAIL: "not an e-mail address",
    Code.BAD_NUMBER: "not a number, or not in the notation of its column",
    Code.NUMBER_AMBIGUOUS: "a number that can be read in two ways",
    Code.NUMBER_RESPELLED: "a number was made a plain decimal",
    Code.BAD_DATE: "not a date, or not in the order of its column",
    Code.DATE_AMBIGUOUS: "a date that can be read in several ways",
    Code.TIME_DROPPED: "a time of day was left out: the field holds a day",
    Code.BAD_YES_NO: "neither yes nor no",
    Code.BAD_BOT_STATUS: "neither start nor end",
    Code.BAD_OBJECT: "custom_fields that can't be read as an object",
    Code.NOTE_TOO_LONG: "a note of over 1,000 characters",
}
"""What each code means; :class:`~bulk_update.errors.SheetQuestion` of this step has the codes
``date_order`` and ``decimal_sign`` (``question`` where both are asked)."""

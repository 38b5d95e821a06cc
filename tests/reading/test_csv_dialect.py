"""What separates cells, which encoding the bytes are in, and that both are said."""

from __future__ import annotations

import pytest

from bulk_update.errors import SheetError, SheetQuestion, UsageError
from bulk_update.reading import ReadOptions, open_sheet


def opened(path, **options):
    with open_sheet(path, ReadOptions(**options)) as sheet:
        return sheet


def said(sheet, code):
    return [finding.value for finding in sheet.findings if finding.code == code]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_and_said(write, delimiter):
    lines = [("phone", "name", "note"), ("+39 333", "Rossi", "a"), ("+39 334", "Bianchi", "b")]
    sheet = opened(write("".join(delimiter.join(line) + "\n" for line in lines)))
    assert sheet.delimiter == delimiter
    assert sheet.header == ("phone", "name", "note")
    assert len(said(sheet, "delimiter")) == 1


def test_decimal_commas_do_not_make_the_comma_the_delimiter(write):
    text = "telefono;nome;saldo\n1;Rossi, Mario;1,50\n2;Bianchi, Ada;2,75\n3;Verdi, Eva;3,10\n"
    assert opened(write(text)).delimiter == ";"


def test_semicolons_in_a_tags_cell_do_not_make_the_semicolon_the_delimiter(write):
    text = "phone,tags\n1,VIP;Lead\n2,Lead\n3,VIP;Lead;New\n"
    assert opened(write(text)).header == ("phone", "tags")


def test_a_ragged_file_keeps_its_delimiter(write):
    text = "phone,name,note\n1,Ada,x,lost\n2,Grace\n3,Eva,a;b\n4,Mia,c;d\n"
    assert opened(write(text)).header == ("phone", "name", "note")


def test_a_title_above_the_table_does_not_hide_the_delimiter(write):
    text = "Contatti da aggiornare\n\nphone;name;note\n1;Ada;x\n2;Eva;y\n"
    sheet = opened(write(text))
    assert sheet.delimiter == ";"
    assert sheet.header == ("phone", "name", "note")
    assert sheet.header_row == 3


def test_one_column_is_one_column(write, read):
    path = write("phone\n+39 333 1\n+39 333 2\n")
    assert opened(path).delimiter is None
    assert [row.cells for row in read(path)] == [("+39 333 1",), ("+39 333 2",)]


def test_commas_in_some_cells_of_one_column_separate_nothing(write, read):
    path = write("name\nRossi\nBianchi, Ada\nVerdi\nNeri\n")
    assert [row.cells for row in read(path)] == [
        ("Rossi",),
        ("Bianchi, Ada",),
        ("Verdi",),
        ("Neri",),
    ]


@pytest.mark.parametrize(
    ("line", "delimiter"), [("sep=;", ";"), ("SEP=|", "|"), ('"sep=,"', ","), ("sep=\t", "\t")]
)
def test_a_sep_line_is_honoured(write, line, delimiter):
    sheet = opened(write(f"{line}\r\nphone{delimiter}note\r\n1{delimiter}x\r\n"))
    assert sheet.delimiter == delimiter
    assert sheet.header == ("phone", "note")


@pytest.mark.parametrize("name", ["tab", "\\t", "\t", "TAB"])
def test_a_delimiter_can_be_named(write, name):
    assert opened(write("a,b\tc,d\n1,2\t3,4\n"), delimiter=name).header == ("a,b", "c,d")


@pytest.mark.parametrize("name", ["", ";;", '"', "\n"])
def test_a_delimiter_that_can_be_none_is_wrong_usage(write, name):
    with pytest.raises(UsageError, match="--delimiter"):
        opened(write("a,b\n1,2\n"), delimiter=name)


TEXT = "phone;città;note\n1;Forlì;perché sì\n2;Málaga;año\n3;Roma;“così” – €5\n"


@pytest.mark.parametrize(
    ("encoding", "taken"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("cp1252", "cp1252"),
    ],
)
def test_the_encoding_is_found_and_said(write, encoding, taken):
    sheet = opened(write(TEXT.encode(encoding)))
    assert sheet.encoding == taken
    assert said(sheet, "encoding") == [taken]
    assert [row.cells[1] for row in sheet.rows()] == ["Forlì", "Málaga", "Roma"]
    assert sheet.header == ("phone", "città", "note")


def test_utf16_in_the_other_byte_order_is_read(write):
    assert (
        opened(write("\ufeff".encode("utf-16-be") + TEXT.encode("utf-16-be"))).header[1] == "città"
    )


@pytest.mark.parametrize("encoding", ["mac_roman", "cp850", "cp1251", "cp1253", "shift_jis"])
def test_what_cp1252_makes_nonsense_of_is_a_question_with_samples(write, encoding):
    words = {"cp1251": "Москва Иван", "cp1253": "Αθήνα Γιώργος", "shift_jis": "東京 田中"}
    word = words.get(encoding, "più perché Nicolòe Forlìa éa èa")
    with pytest.raises(SheetQuestion) as caught:
        opened(write(f"phone;name\n1;{word}\n2;{word}\n".encode(encoding)))
    assert caught.value.code == "encoding"
    assert "--encoding" in caught.value.hint
    if encoding != "shift_jis":
        assert word.split()[0] in caught.value.hint


def test_the_answer_to_that_question_is_taken(write, read):
    path = write("phone;name\n1;Москва\n".encode("cp1251"))
    assert read(path, encoding="windows-1251")[0].cells == ("1", "Москва")


def test_half_of_one_encoding_and_half_of_another_is_a_question(write):
    mixed = "phone;name\n1;Nicolò\n".encode() + "2;José\n".encode("cp1252")
    with pytest.raises(SheetQuestion, match="encoding"):
        opened(write(mixed))


def test_half_characters_in_a_utf8_file_are_counted_as_wrong_bytes(write):
    """Some programs write a character beyond the first 65,536 as two halves of three bytes."""
    wide = "😀".encode("utf-16-be")
    pair = "".join(chr(int.from_bytes(wide[at : at + 2])) for at in (0, 2))
    text = ("phone;name\n" + "1;Nicolò\n" * 20).encode() + pair.encode("utf-8", "surrogatepass")
    (said,) = [each for each in opened(write(text)).findings if each.code == "encoding_mixed"]
    assert said.message.startswith("6 bytes")


def test_a_few_wrong_bytes_in_a_utf8_file_are_said(write):
    text = ("phone;name\n" + "1;Nicolò\n" * 20).encode() + "2;José\n".encode("cp1252")
    sheet = opened(write(text))
    assert sheet.encoding == "utf-8"
    assert "encoding_mixed" in [finding.code for finding in sheet.findings]


def test_utf16_without_a_mark_is_a_question(write):
    with pytest.raises(SheetQuestion) as caught:
        opened(write(TEXT.encode("utf-16-le")))
    assert "utf-16-le" in caught.value.hint


def test_an_unknown_encoding_is_wrong_usage(write):
    with pytest.raises(UsageError, match="klingon"):
        opened(write(TEXT), encoding="klingon")
    with pytest.raises(UsageError, match="base64"):
        opened(write(TEXT), encoding="base64")


def test_a_named_encoding_that_does_not_fit_is_told(write):
    with pytest.raises(SheetError, match="shift_jis"):
        list(
            opened(write("phone;name\n1;\xff\xfe\n".encode("latin-1")), encoding="shift_jis").rows()
        )


def test_utf16_that_is_cut_off_is_told(write):
    path = write(TEXT.encode("utf-16")[:-1])
    with pytest.raises(SheetError) as caught:
        list(opened(path).rows())
    assert caught.value.code == "encoding"


def test_a_mark_does_not_stick_to_the_first_name(write):
    assert opened(write("\ufeffphone,note\n1,x\n"), encoding="utf-8").header[0] == "phone"
    assert (
        opened(write("\ufeffphone,note\n1,x\n".encode("utf-16-le")), encoding="utf-16-le").header[0]
        == "phone"
    )

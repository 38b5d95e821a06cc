"""Whatever an account says when it refuses becomes one readable line."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_update.account.bodies import LONGEST_LINE, readable, says_error


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ({"error": "Contact not found"}, "Contact not found"),
        ({"errors": {"email": ["is invalid", "is taken"]}}, "email: is invalid, is taken"),
        ({"errors": ["Tag unknown", "Field unknown"]}, "Tag unknown; Field unknown"),
        ({"message": "no"}, "no"),
        ({"status": "error", "message": "no"}, "no"),
        ({"error": {"message": "deep", "code": 7}}, "deep"),
        ({"errors": [{"title": "Invalid", "detail": "tags: x"}]}, "tags: x; Invalid"),
        (
            {"errors": {"custom_fields": {"Age": ["not a number"]}}},
            "custom_fields: Age: not a number",
        ),
        ({"errors": {"Plan": "bad"}, "message": "Failed"}, "Plan: bad; Failed"),
        ({"tags": ["is unknown"]}, "tags: is unknown"),
        ("just text", "just text"),
        ([], ""),
        ({}, ""),
        (None, ""),
        ({"error": None}, ""),
        ({"error": 42}, "42"),
    ],
)
def test_every_shape_gives_its_words(body, line):
    """The shapes that servers commonly use, nested in each other too."""
    assert readable(json.dumps(body).encode()) == line


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (
            b"<html><head><title>502 Bad &amp; Gateway</title></head><body>x</body></html>",
            "502 Bad & Gateway",
        ),
        (b"<!DOCTYPE html><body><script>evil()</script><h1>Oops</h1>\n<p>later</p>", "Oops later"),
        (b"upstream  timed\n out", "upstream timed out"),
        (b"", ""),
        (b"\xff\xfe broken", "\ufffd\ufffd broken"),
        (b'{"error": "cut', '{"error": "cut'),
    ],
)
def test_pages_text_and_nothing(body, line):
    """A page gives its title or its text; text is taken as it is."""
    assert readable(body) == line


def test_a_token_that_is_echoed_is_masked(token):
    """Some servers repeat what they were sent."""
    assert token not in readable(
        json.dumps({"error": f"bad token {token}!"}).encode(), secret=token
    )
    assert readable(b"bad " + token.encode(), secret=token) == "bad ***"


def test_nothing_a_terminal_obeys_gets_through():
    """Escape sequences, and marks that turn the direction of text."""
    line = readable(b'{"error": "\\u001b[31mred\\u202eder\\u0000"}')
    assert line == "[31mred der"


def test_what_is_cut_off_says_so():
    """An ellipsis stands for the rest."""
    line = readable(json.dumps({"error": "x" * 1000}).encode())
    assert len(line) == LONGEST_LINE
    assert line.endswith("…")


def test_a_thousand_errors_are_not_all_read():
    """The line is bounded in its parts too, and says that there were more."""
    line = readable(json.dumps({"errors": [str(n) for n in range(1000)]}).encode())
    assert line.endswith("…")


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_give_one_line(body):
    """No input whatever raises, or gives more than one short line."""
    line = readable(body)
    assert len(line) <= LONGEST_LINE
    assert "\n" not in line


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(_JSON)
def test_any_json_gives_one_line(said):
    """Nor does any JSON."""
    assert "\n" not in readable(json.dumps(said).encode())


@pytest.mark.parametrize(
    ("said", "is_error"),
    [
        ({"error": "x"}, True),
        ({"errors": ["x"]}, True),
        ({"errors": []}, False),
        ({"contact": {}}, False),
        ([], False),
    ],
)
def test_an_error_under_200_is_told(said, is_error):
    """By its keys, where they hold something."""
    assert says_error(said) is is_error

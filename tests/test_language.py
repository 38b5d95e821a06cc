"""Messages speak the language that was asked for, and say the same in each."""

from __future__ import annotations

import ast
import importlib.util
import re
import string
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from babel.messages.catalog import Message

from bulk_update import language
from bulk_update.language import _, ngettext, number, use, wanted

ROOT = Path(__file__).resolve().parents[1]
TRANSLATED = [code for code in language.LANGUAGES if code != "en"]


@pytest.fixture(scope="module")
def translations() -> ModuleType:
    spec = importlib.util.spec_from_file_location("translations", ROOT / "docs/translations.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("arguments", "environ", "code"),
    [
        ([], {}, "en"),
        ([], {"LANG": "it_IT.UTF-8"}, "it"),
        ([], {"LANG": "pt_BR"}, "pt"),
        ([], {"LANG": "es"}, "es"),
        ([], {"LANG": "fr@euro"}, "fr"),
        ([], {"LANG": "C.UTF-8"}, "en"),
        ([], {"LANG": "de_DE.UTF-8"}, "en"),
        ([], {"LANG": "ita"}, "en"),
        ([], {"LANG": "fr_FR", "LC_MESSAGES": "es_ES"}, "es"),
        ([], {"LC_ALL": "C", "LANG": "fr_FR"}, "en"),
        ([], {"LC_ALL": "", "LANG": "fr_FR"}, "fr"),
        ([], {"LANGUAGE": "de:pt:it", "LANG": "de_DE"}, "pt"),
        (["check", "a.csv", "--lang", "it"], {"LANG": "fr_FR"}, "it"),
        (["check", "--lang=es", "a.csv"], {}, "es"),
        (["check", "--lang", "xx"], {"LANG": "fr_FR"}, "fr"),
        (["check", "--lang"], {"LANG": "fr_FR"}, "fr"),
        (["check", "--language", "it"], {}, "en"),
    ],
)
def test_the_flag_says_the_language_else_the_locale_else_it_is_english(arguments, environ, code):
    assert wanted(arguments, environ) == code


def test_a_message_is_itself_in_english():
    use("en")
    assert _("{n} min") == "{n} min"
    assert ngettext("{n} row", "{n} rows", 2) == "{n} rows"


def test_a_language_that_is_none_of_ours_is_refused():
    with pytest.raises(ValueError, match="'de' is none of en, it, es, fr, pt"):
        use("de")


@pytest.mark.parametrize(
    ("code", "shown"),
    [("en", "12,345"), ("it", "12.345"), ("es", "12.345"), ("fr", "12\u202f345"), ("pt", "12.345")],
)
def test_digits_are_grouped_as_the_language_does(code, shown):
    use(code)
    assert number(12345) == shown
    assert number(999) == "999"


def test_every_message_is_a_literal_so_that_it_can_be_found():
    """A template put together at run time would never be translated."""
    odd = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path, call in _calls()
        if not all(isinstance(each, ast.Constant) for each in call.args[: _templates(call)])
    ]
    assert odd == []


def test_no_message_is_looked_up_before_the_language_is_known():
    """At import time the language is English still."""
    early = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted((ROOT / "bulk_update").rglob("*.py"))
        for node in _outside_functions(ast.parse(path.read_text(encoding="utf-8")))
        if _is_message(node)
    ]
    assert early == []


def test_the_catalogues_are_those_of_the_source(translations: ModuleType):
    """``make translations`` changes nothing."""
    assert translations._stale() == []


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_message_is_translated(translations: ModuleType, code: str):
    assert [each.id for each in translations.untranslated(translations.updated(code))] == []
    # A fuzzy one is left out of what the program reads.
    assert [each.id for each in translations.read(code) if each.id and each.fuzzy] == []


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_translation_keeps_what_is_filled_in_and_what_is_typed(
    translations: ModuleType, code: str
):
    """Named places, flags, commands in backticks and exit statuses are the same in every form."""
    wrong = [
        (originals, translated)
        for message in translations.read(code)
        if message.id and any(message.string)
        for originals, translated in _pairs(message)
        if _kept(translated) not in map(_kept, originals)
    ]
    assert wrong == []


def _pairs(message: Message) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each form, with what it may be a translation of: "the account refused it" needs no number,
    what stands for many does."""
    if not message.pluralizable:
        yield (message.id,), message.string
        return
    one, *more = message.string
    yield message.id, one
    for form in more:
        yield message.id[1:], form


def _kept(text: str) -> tuple[set[Any], list[str], list[str], tuple[bool, bool]]:
    places = {
        (name, spec, how) for _text, name, spec, how in string.Formatter().parse(text) if name
    }
    flags = sorted(set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", text)))
    outside = (text[:1] == " ", text[-1:] == " ")
    return places, flags, sorted(set(re.findall(r"`[^`]*`", text))), outside


def _calls() -> Iterator[tuple[Path, ast.Call]]:
    for path in sorted((ROOT / "bulk_update").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if _is_message(node):
                yield path, node


def _is_message(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("_", "ngettext")


def _templates(call: ast.Call) -> int:
    return 2 if call.func.id == "ngettext" else 1


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield child
            yield from _outside_functions(child)

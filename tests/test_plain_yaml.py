"""Plain YAML: what is read, what is refused with its line, and what is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinn2sim.errors import SpecError
from spinn2sim.plain_yaml import MAX_DEPTH, read_yaml, write_yaml

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False)
    | st.text()
)
documents = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def refusal(text):
    with pytest.raises(SpecError) as refused:
        read_yaml(text, "f")
    return str(refused.value)


@given(documents)
def test_what_is_written_reads_back_equal(document):
    assert read_yaml(write_yaml(document), "f") == document


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: [1, 1.5, yes, ~, b]", {"a": [1, 1.5, True, None, "b"]}),
        ("65_000_000", 65_000_000),
        ("2026-11-21", "2026-11-21"),
        ("2026-99-99", "2026-99-99"),
        ("=", "="),
        ("<<: {a: 1}", {"<<": {"a": 1}}),
        (str(2**64 - 1), 2**64 - 1),
        ("", None),
    ],
)
def test_a_plain_value_is_read(text, value):
    assert read_yaml(text, "f") == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", "line 3: key 'a' comes twice"),
        ("b:\n  a: 1\n  'a': 1\n", "line 3: key 'a' comes twice"),
        ("a: 1\n? [b]\n: 2\n", "line 2: a key must be text"),
        ("? {b: 1}\n: 2\n", "line 1: a key must be text"),
        ("a: &x 1\nb: *x\n", "line 2: alias *x is not accepted, write the value out"),
        ("a: &x {b: *x}\n", "line 1: alias *x is not accepted, write the value out"),
        ("a: !!set {b}\n", "line 1: tag !!set is not accepted, write a plain value"),
        ("a: !!int b\n", "line 1: tag !!int is not accepted, write a plain value"),
        ("\na: !mine b\n", "line 2: tag !mine is not accepted, write a plain value"),
        (
            "!!python/object/apply:os.getcwd []",
            "line 1: tag !!python/object/apply:os.getcwd is not accepted, write a plain value",
        ),
        (str(2**64), "line 1: 18446744073709551616 is not a number of at most 64 bits"),
        ("9" * 5_000, f"line 1: {'9' * 24} is not a number of at most 64 bits"),
        ("0x" + "f" * 5_000, f"line 1: 0x{'f' * 22} is not a number of at most 64 bits"),
        ("a: 0x_", "line 1: 0x_ is not a number of at most 64 bits"),
        (
            "a: 1\n\tb: 2\n",
            (
                "line 2: while scanning for the next token found character '\\t' that cannot start "
                "any token"
            ),
        ),
        (
            "a: [1",
            "line 1: while parsing a flow sequence expected ',' or ']', but got '<stream end>'",
        ),
        (
            "a: 1\n---\nb: 2\n",
            "line 2: expected a single document in the stream but found another document",
        ),
        (
            "a: \x00",
            "unacceptable character #x0000: special characters are not allowed, position 3",
        ),
    ],
)
def test_what_is_not_plain_yaml_is_refused_with_its_line(text, message):
    assert refusal(text) == f"f: not valid YAML: {message}"


def test_nesting_is_read_to_the_limit_and_refused_beyond():
    assert read_yaml("[" * MAX_DEPTH + "]" * MAX_DEPTH, "f") is not None
    assert refusal("[" * (MAX_DEPTH + 1)) == "f: not valid YAML: line 1: nested more than 40 deep"
    assert refusal("{a: " * 3_000) == "f: not valid YAML: line 1: nested more than 40 deep"


def test_many_neighbours_are_not_taken_for_depth():
    assert read_yaml("[[1], [2]]", "f") == [[1], [2]]
    assert len(read_yaml(f"[{'[1],' * 200}]", "f")) == 200


def test_a_value_used_twice_is_written_out_twice():
    shared = [1, 2]
    assert write_yaml({"b": shared, "a": shared}) == "b:\n- 1\n- 2\na:\n- 1\n- 2\n"


@pytest.mark.parametrize("mark", ["\x85", "\u2028", "\u2029", "\ufeff", "\n", "\x7f", "\xa0"])
def test_a_rare_character_comes_back_from_a_key_and_a_value(mark):
    for text in (mark, f"a{mark}b", f" {mark} "):
        assert read_yaml(write_yaml({text: text}), "f") == {text: text}


def test_text_is_written_as_it_is_spelt():
    assert write_yaml({"name": "Düsentrieb"}) == "name: Düsentrieb\n"

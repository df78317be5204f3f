"""Values that users write: frozen, checked once, and refused with what would help."""

from typing import Annotated

import pytest
from pydantic import AfterValidator, ValidationError, model_validator

from spinn2sim.errors import SpecError
from spinn2sim.validated import Validated, nearest, validate


class Wheel(Validated):
    """A wheel."""

    spokes: int
    """Spokes."""

    @model_validator(mode="after")
    def _even(self):
        if self.spokes % 2:
            raise ValueError("spokes come in pairs")
        return self


def _rideable(load):
    if load == 13:
        raise ValueError("expected any load but 13")
    return load


class Cart(Validated):
    """A cart."""

    name: str
    wheel: Wheel
    spares: tuple[Wheel, ...] = ()
    parts: dict[str, Wheel] = {}  # noqa: RUF012 - pydantic copies it
    hub: Wheel | None = None
    loft: dict[str, tuple[Wheel, ...]] = {}  # noqa: RUF012 - pydantic copies it
    load: Annotated[int, AfterValidator(_rideable)] = 0

    @model_validator(mode="after")
    def _no_unlucky_name(self):
        if self.name == "unlucky":
            raise ValueError("another name would be better")
        return self


CART = {"name": "c", "wheel": {"spokes": 8}}


def refusal(changes):
    with pytest.raises(SpecError) as refused:
        validate(Cart, CART | changes, "cart.yaml")
    return str(refused.value)


# What goes in


def test_a_valid_mapping_becomes_the_model():
    cart = validate(Cart, CART | {"spares": [{"spokes": 6}]}, "cart.yaml")
    assert cart == Cart(name="c", wheel=Wheel(spokes=8), spares=(Wheel(spokes=6),))


def test_a_value_cannot_be_changed():
    cart = validate(Cart, CART, "cart.yaml")
    with pytest.raises(ValidationError, match="frozen"):
        cart.name = "d"


def test_the_docstring_under_a_field_is_its_description():
    assert Wheel.model_json_schema()["properties"]["spokes"]["description"] == "Spokes."


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ([1], "a list"),
        (None, "nothing"),
        ("a", "text"),
        (3, "a number"),
        (0.5, "a number"),
        (True, "a truth value"),
    ],
)
def test_what_is_not_a_mapping_is_refused(content, kind):
    with pytest.raises(SpecError) as refused:
        validate(Cart, content, "cart.yaml")
    assert str(refused.value) == f"cart.yaml: expected a mapping of keys to values, got {kind}"


# Unknown and missing keys


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"whel": 1}, "unknown key 'whel'; did you mean 'wheel'?"),
        ({"x": 1}, "unknown key 'x'; known keys: hub, load, loft, name, parts, spares, wheel"),
        (
            {"wheel": {"spokes": 8, "spoke": 1}},
            "unknown key 'wheel.spoke'; did you mean 'spokes'?",
        ),
        (
            {"spares": [{"spokes": 8}, {"spokes": 8, "spoke": 1}]},
            "unknown key 'spares.1.spoke'; did you mean 'spokes'?",
        ),
        (
            {"parts": {"left": {"spokes": 8, "x": 1}}},
            "unknown key 'parts.left.x'; known keys: spokes",
        ),
        ({"hub": {"spokes": 8, "x": 1}}, "unknown key 'hub.x'; known keys: spokes"),
        ({"loft": {"left": [{"spokes": 8, "x": 1}]}}, "unknown key 'loft.left.0.x'"),
        ({"wheel": {}}, "key 'wheel.spokes' is missing"),
        ({"spares": [{}]}, "key 'spares.0.spokes' is missing"),
        ({1: 2}, "key '1' is not text; put it in quotes"),
    ],
)
def test_a_wrong_key_is_named_with_its_path_and_the_nearest_known_one(changes, message):
    assert refusal(changes) == f"cart.yaml: {message}"


def test_all_problems_are_reported_at_once_each_on_its_line():
    assert refusal({"name": 3, "x": 1, "wheel": {}}).splitlines() == [
        "cart.yaml: name = 3: expected text",
        "cart.yaml: key 'wheel.spokes' is missing",
        "cart.yaml: unknown key 'x'; known keys: hub, load, loft, name, parts, spares, wheel",
    ]


def test_without_anything_known_nothing_is_suggested():
    assert nearest("x", []) == ""


# Wrong values


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"wheel": 3}, "wheel = 3: expected a mapping of keys to values"),
        ({"parts": [1]}, "parts = [1]: expected a mapping of keys to values"),
        ({"wheel": {"spokes": "A"}}, "wheel.spokes = 'A': expected a whole number"),
        ({"load": 13}, "load = 13: expected any load but 13"),
        ({"wheel": {"spokes": 7}}, "wheel: spokes come in pairs"),
        ({"name": "unlucky"}, "another name would be better"),
        ({"name": list(range(100))}, f"name = {str(list(range(100)))[:80]}...: expected text"),
        ({"name": 1 << 20_000}, "name = a huge number: expected text"),
    ],
)
def test_a_wrong_value_is_shown_with_what_is_accepted(changes, message):
    assert refusal(changes).startswith(f"cart.yaml: {message}")


def test_a_value_of_80_characters_is_shown_whole():
    value = ["a" * 76]  # 80 with brackets and quotes
    assert refusal({"name": value}) == f"cart.yaml: name = {value!r}: expected text"


# Changes


def test_a_copy_with_changes_leaves_the_original_alone():
    cart = validate(Cart, CART, "cart.yaml")
    changed = cart.with_changes(name="d", wheel=Wheel(spokes=4))
    assert (changed.name, changed.wheel.spokes) == ("d", 4)
    assert (cart.name, cart.wheel.spokes) == ("c", 8)


def test_a_change_is_validated():
    with pytest.raises(SpecError) as refused:
        validate(Cart, CART, "cart.yaml").with_changes(wheel={"spokes": 3})
    assert str(refused.value) == "Cart: wheel: spokes come in pairs"


def test_a_change_of_an_unknown_field_is_refused():
    with pytest.raises(SpecError) as refused:
        validate(Cart, CART, "cart.yaml").with_changes(nam="d")
    assert str(refused.value) == "Cart: unknown key 'nam'; did you mean 'name'?"

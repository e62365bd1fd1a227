# SPDX-License-Identifier: Apache-2.0
"""Classes made by ``@frozen`` are what ``@dataclass(frozen=True, slots=True)`` makes of them."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, asdict, dataclass, fields, is_dataclass, replace

import pytest

from ringscope.frozen import frozen


@frozen
class Place:
    """Somewhere."""

    x: int
    y: int = 2
    name: str = "here"

    @property
    def sum(self) -> int:
        return self.x + self.y


@frozen
class Only:
    one: float


@frozen
class Nothing:
    pass


@frozen
class Around:
    place: Place
    others: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Standard:
    x: int
    y: int = 2
    name: str = "here"


def test_values_are_given_by_place_or_by_name_and_the_rest_are_defaults() -> None:
    assert (Place(1).x, Place(1).y, Place(1).name) == (1, 2, "here")
    assert Place(1, name="there") == Place(x=1, y=2, name="there")
    assert Place(1, 4).sum == 5
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'x'"):
        Place()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="unexpected keyword argument 'z'"):
        Place(1, z=1)  # type: ignore[call-arg]


def test_a_value_equals_one_of_its_own_class_with_the_same_fields_only() -> None:
    assert Place(1) == Place(1)
    assert Place(1) != Place(2)
    assert Place(1) != Standard(1)
    assert Place(1) != (1, 2, "here")
    assert Only(1.0) == Only(1.0)
    assert Nothing() == Nothing()
    assert len({Place(1), Place(1), Place(2)}) == 2


def test_hash_and_text_are_those_of_a_data_class() -> None:
    assert hash(Place(1)) == hash(Standard(1))
    assert repr(Place(1)) == repr(Standard(1)).replace("Standard", "Place")
    assert repr(Nothing()) == "Nothing()"


def test_a_value_cannot_be_changed_nor_get_more() -> None:
    place = Place(1)
    for name in ("x", "other"):
        with pytest.raises(FrozenInstanceError, match=f"cannot assign to field '{name}'"):
            setattr(place, name, 1)
    with pytest.raises(FrozenInstanceError, match="cannot delete field 'x'"):
        del place.x
    assert not hasattr(place, "__dict__")


def test_the_functions_for_data_classes_take_it() -> None:
    assert is_dataclass(Place(1))
    assert [(field.name, field.type, field.default) for field in fields(Place)] == [
        (field.name, field.type, field.default) for field in fields(Standard)
    ]
    assert replace(Place(1), y=9) == Place(1, 9)
    assert asdict(Around(Place(1), (Place(3),))) == {
        "place": {"x": 1, "y": 2, "name": "here"},
        "others": ({"x": 3, "y": 2, "name": "here"},),
    }


def test_a_pattern_matches_its_fields_by_place() -> None:
    match Place(1, 5):
        case Place(x, y, _):
            assert (x, y) == (1, 5)
        case _:
            pytest.fail("not matched")


@pytest.mark.parametrize("value", [Place(1), Only(2.5), Nothing(), Around(Place(1), (Place(2),))])
def test_copies_are_equal(value: object) -> None:
    assert copy.copy(value) == value
    assert copy.deepcopy(value) == value
    assert pickle.loads(pickle.dumps(value)) == value


def test_the_class_keeps_its_name_and_what_is_said_of_it() -> None:
    assert (Place.__name__, Place.__qualname__, Place.__module__) == ("Place", "Place", __name__)
    assert Place.__doc__ == "Somewhere."

# SPDX-License-Identifier: Apache-2.0
"""Frozen data classes that cost little to define, for there are a hundred of them before the first row is drawn.

``@frozen`` stands for ``@dataclass(frozen=True, slots=True)``: the same constructor, comparison, hash and text, the
same refusal to be changed, and ``dataclasses.replace``, ``fields`` and ``asdict`` take its values. The standard library
writes and compiles six methods for each class when it is defined, which takes a millisecond; here they are shared, and
the constructor, which must be fast, is compiled when the first value is made. Left out is what nothing here needs:
``field()``, ``__post_init__`` and classes that inherit from another.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, NoReturn, TypeVar, dataclass_transform

Made = TypeVar("Made")

_FIELDS = "__dataclass_fields__"
"""What the functions of ``dataclasses`` know a data class by."""
_METACLASS: Any = type


@dataclass_transform(frozen_default=True)
def frozen(plain: type[Made]) -> type[Made]:
    """Decorator: the class's annotations become fields, in their order; what they are set to are the defaults."""
    space = dict(plain.__dict__)
    names = tuple(space.get("__annotations__", ()))
    defaults = {name: space.pop(name) for name in names if name in space}
    for name in ("__dict__", "__weakref__"):
        space.pop(name, None)
    space |= _SHARED
    space |= {"__slots__": names, "__match_args__": names, "__init__": _first(names, defaults)}
    space |= {"_values": staticmethod(_values(names)), _FIELDS: _Fields(names, defaults)}
    space["__qualname__"] = plain.__qualname__
    made: type[Made] = _METACLASS(plain.__name__, plain.__bases__, space)
    return made


def _first(names: tuple[str, ...], defaults: dict[str, object]) -> Callable[..., None]:
    """The constructor until the first value is made."""

    def __init__(self: object, *values: object, **named: object) -> None:
        written = _constructor(names, defaults)
        type.__setattr__(type(self), "__init__", written)
        written(self, *values, **named)

    return __init__


def _constructor(names: tuple[str, ...], defaults: dict[str, object]) -> Callable[..., None]:
    arguments = ", ".join(f"{name}=_default_{name}" if name in defaults else name for name in names)
    body = "\n".join(f" _set(_self, {name!r}, {name})" for name in names) or " pass"
    space: dict[str, Any] = {f"_default_{name}": value for name, value in defaults.items()}
    space["_set"] = object.__setattr__
    exec(f"def __init__(_self, {arguments}):\n{body}", space)
    made: Callable[..., None] = space["__init__"]
    return made


def _values(names: tuple[str, ...]) -> Callable[[Any], tuple[object, ...]]:
    """What gives the values of all fields of one value."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda value: tuple(getattr(value, name) for name in names)


class _Fields:
    """The fields as ``dataclasses`` has them, made when somebody asks."""

    def __init__(self, names: tuple[str, ...], defaults: dict[str, object]) -> None:
        self._names = names
        self._defaults = defaults

    def __get__(self, value: object, owner: type) -> dict[str, Any]:
        from dataclasses import field, fields, make_dataclass

        types, defaults = owner.__annotations__, self._defaults
        each = [
            (name, types[name], field(default=defaults[name]) if name in defaults else field()) for name in self._names
        ]
        made = {known.name: known for known in fields(make_dataclass(owner.__name__, each))}
        type.__setattr__(owner, _FIELDS, made)
        return made


def _equal(self: Any, other: Any) -> object:
    same = other.__class__ is self.__class__
    return self._values(self) == other._values(other) if same else NotImplemented


def _hash(self: Any) -> int:
    return hash(self._values(self))


def _text(self: Any) -> str:
    each = zip(self.__slots__, self._values(self), strict=True)
    return f"{type(self).__qualname__}({', '.join(f'{name}={value!r}' for name, value in each)})"


def _refuse(self: object, name: str, *value: object) -> NoReturn:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot {'assign to' if value else 'delete'} field {name!r}")


def _reduce(self: Any) -> tuple[type, tuple[object, ...]]:
    """For copies: a new value, since this one cannot be filled afterwards."""
    return type(self), self._values(self)


_SHARED = {
    "__eq__": _equal,
    "__hash__": _hash,
    "__repr__": _text,
    "__setattr__": _refuse,
    "__delattr__": _refuse,
    "__reduce__": _reduce,
}

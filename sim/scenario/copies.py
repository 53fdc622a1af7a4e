"""Copies of validated scenarios with some values changed.

`model_copy` of the validator does the same, ten times slower: a point of a parameter space changes some three hundred
values, and a calibration goes to thousands of points. Nothing is validated here; who gives the values knows them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel

from sim.scenario.quantity import Quantity

Section = TypeVar("Section", bound=BaseModel)
Shape = dict[Any, Any]  # by key: the number of a leaf, or the shape below

# Setters of the slots that every section has: sections are frozen, and `object.__setattr__` looks each of them up.
_put_fields, _put_set, _put_extra, _put_private = (
    BaseModel.__dict__[slot].__set__
    for slot in ("__dict__", "__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__")
)


def copied(node: Section, update: Mapping[str, Any]) -> Section:
    """The section with some of its fields changed: `node.model_copy(update=update)`."""
    out = object.__new__(type(node))
    _put_fields(out, {**node.__dict__, **update})
    _put_set(out, node.__pydantic_fields_set__)
    _put_extra(out, None)
    _put_private(out, None)
    return out


def valued(q: Quantity, x: float | int) -> Quantity:
    """The quantity with another value; its range grows where the value lies outside."""
    if q.low <= x <= q.high:
        return copied(q, {"value": x})
    return copied(q, {"value": x, "low": min(q.low, x), "high": max(q.high, x)})


def shape(paths: Iterable[Sequence[str | int]]) -> Shape:
    """Where in a tree the leaves of `grafted` belong, by the paths of the leaves in their order."""
    root: Shape = {}
    for n, path in enumerate(paths):
        branch = root
        for key in path[:-1]:
            branch = branch.setdefault(key, {})
        branch[path[-1]] = n
    return root


def grafted(node: Any, where: Shape, leaves: Sequence[Any]) -> Any:
    """The section or dictionary with these leaves in place of its own; each section on the way is copied once."""
    is_dict = isinstance(node, dict)
    fields = node if is_dict else node.__dict__
    update = {
        key: leaves[below] if isinstance(below, int) else grafted(fields[key], below, leaves)
        for key, below in where.items()
    }
    return {**node, **update} if is_dict else copied(node, update)

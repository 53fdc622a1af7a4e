"""What the schema expects at a path: which keys, which quantity, which kind of value."""

from __future__ import annotations

import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from sim.language import Message
from sim.scenario.copies import grafted, shape, valued
from sim.scenario.quantity import Expects, Quantity

if TYPE_CHECKING:
    from sim.scenario.place import Place

PathKeys = tuple[str | int, ...]


@dataclass(frozen=True)
class Expected:
    """One node of the schema. `model` is a section or Quantity, `expects` unit and bounds of a quantity."""

    model: type[BaseModel] | None = None
    expects: Expects | None = None
    nullable: bool = False
    item: Any = None  # annotation of the entries of a dict or list
    is_list: bool = False

    @property
    def is_quantity(self) -> bool:
        """Whether a value with unit, range and source stands here."""
        return self.model is Quantity

    def keys(self) -> list[str]:
        """Keys that a section may have; empty where the author names the entries."""
        return list(self.model.model_fields) if self.model else []


def expected_at(root: type[BaseModel], path: Sequence[str | int]) -> Expected | None:
    """What stands at `path`, or None where the schema has nothing."""
    return _expected(root, tuple(path))


@lru_cache(maxsize=20_000)  # asked for every number of every parameter draw
def _expected(root: type[BaseModel], path: PathKeys) -> Expected | None:
    node = Expected(model=root)
    for key in path:
        if node.item is not None:
            node = _read(node.item, ())
        elif node.model is not None and key in node.model.model_fields:
            info = node.model.model_fields[str(key)]
            node = _read(info.annotation, info.metadata)
        else:
            return None
    return node


def _read(annotation: Any, metadata: Sequence[Any]) -> Expected:
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        return _read(inner, (*metadata, *more))
    expects = next((m for m in metadata if isinstance(m, Expects)), None)
    if get_origin(annotation) in (Union, types.UnionType):
        arms = [a for a in get_args(annotation) if a is not type(None)]
        first = _read(arms[0], metadata)
        nullable = len(arms) < len(get_args(annotation))
        return Expected(first.model, first.expects or expects, nullable, first.item, first.is_list)
    if get_origin(annotation) is dict:
        return Expected(item=get_args(annotation)[1])
    if get_origin(annotation) is list:
        return Expected(item=get_args(annotation)[0], is_list=True)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return Expected(model=annotation, expects=expects)
    return Expected()


def quantities(value: object, path: PathKeys = ()) -> Iterator[tuple[PathKeys, Quantity]]:
    """Every quantity of a validated scenario with its path, in the order of the schema."""
    if isinstance(value, Quantity):
        yield path, value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from quantities(getattr(value, name), (*path, name))
    elif isinstance(value, dict):
        for key, child in value.items():
            yield from quantities(child, (*path, key))
    elif isinstance(value, list):
        for i, child in enumerate(value):
            yield from quantities(child, (*path, i))


def dotted(path: Sequence[str | int]) -> str:
    """A path as messages and `--set` write it."""
    return ".".join(str(p) for p in path)


def template(expects: Expects | None, value: object = None) -> Message:
    """A complete quantity to copy, around a number that was written bare."""
    number = f"{value:g}" if isinstance(value, float) else str(value) if isinstance(value, int) else "…"
    unit = expects.unit if expects else "…"
    unit = f"'{unit}'" if "," in unit else unit
    return Message(
        "{open}value: {x}, unit: {unit}, low: {x}, high: {x}, source: <a key of sources>, status: assumed{close}",
        open="{",
        x=number,
        unit=unit,
        close="}",
    )


def quantity_at(place: Place, path: str) -> Quantity | None:
    """The quantity of a place at a dotted path, None where there is none."""
    node: Any = place
    for key in path.split("."):
        if isinstance(node, BaseModel) and key in type(node).model_fields:
            node = getattr(node, key)
        elif isinstance(node, dict) and key in node:
            node = node[key]
        else:
            return None
    return node if isinstance(node, Quantity) else None


def changed(place: Place, values: dict[str, float | int]) -> Place:
    """A place with other values at dotted paths; ranges are widened where a value leaves them."""
    leaves = []
    for path, value in values.items():
        old = quantity_at(place, path)
        if old is None:
            raise KeyError(path)
        leaves.append(valued(old, value))
    out: Place = grafted(place, shape([path.split(".") for path in values]), leaves)
    return out

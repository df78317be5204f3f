"""All mutants of a file, by the operators of Cosmic Ray, and a seeded order to draw them in."""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

Place = tuple[int, int]


@dataclass(frozen=True, slots=True, order=True)
class Mutant:
    """The *occurrence*-th place of *file*, at *line*, where *operator* has something to change."""

    file: str
    operator: str
    occurrence: int
    line: int = field(compare=False)

    def source(self, original: str) -> str | None:
        """*original* with this one change; None if what comes out is no Python."""
        try:
            changed = mutate_code(original, get_operator(self.operator)(), self.occurrence)
            ast.parse(changed)
        except SyntaxError:
            return None
        except AttributeError:  # Cosmic Ray 8.7 cannot replace an exception with dots in its name.
            return None
        return str(changed)


def mutants(tree: Path, file: str) -> Iterator[Mutant]:
    """Every mutant of *file* but those of annotations, which nothing reads when a program runs."""
    source = (tree / file).read_text()
    annotations = list(_annotations(ast.parse(source)))
    nodes = list(ast_nodes(get_ast(source)))
    for name in operator_names():
        operator = get_operator(name)
        if operator.arguments() or name.endswith("NoOp"):
            continue
        places = (place for node in nodes for place in operator().mutation_positions(node))
        for occurrence, (start, _) in enumerate(places):
            if not any(first <= start < last for first, last in annotations):
                yield Mutant(file, name, occurrence, start[0])


def drawn(population: list[Mutant], seed: int) -> list[Mutant]:
    """*population* in the order in which it is tried; a larger sample begins like a smaller one."""
    order = sorted(population)
    random.Random(seed).shuffle(order)  # noqa: S311 - a sample, not a secret
    return order


def _annotations(module: ast.Module) -> Iterator[tuple[Place, Place]]:
    """Where each annotation begins and ends; lines from 1, columns from 0."""
    for node in ast.walk(module):
        match node:
            case ast.AnnAssign(annotation=said) | ast.arg(annotation=ast.expr() as said):
                yield _extent(said)
            case ast.FunctionDef(returns=ast.expr() as said):
                yield _extent(said)
            case _:
                pass


def _extent(node: ast.expr) -> tuple[Place, Place]:
    return (node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0)

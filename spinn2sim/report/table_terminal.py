"""What tables of figures look like on a terminal: a title, names on the left, numbers right."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table


def titled_table(title: str, *columns: str) -> Table:
    """A table without rows; the first of *columns* holds names, the others numbers."""
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        show_edge=False,
    )
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left", overflow="fold")
    return table


def print_table(console: Console, table: Table) -> None:
    """Print *table* below an empty line."""
    console.print()
    console.print(table)

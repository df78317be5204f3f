"""docs/speed.md: what benchmarks put between its marks, and what they say of this machine."""

from __future__ import annotations

import datetime as dt
import platform
import re
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"
PAGE = DOCS / "speed.md"


def insert(name: str, text: str) -> None:
    """*text* between ``<!-- NAME -->`` and ``<!-- end -->``."""
    page = PAGE.read_text(encoding="utf-8")
    mark = f"<!-- {name} -->"
    assert mark in page, f"{PAGE} has no {mark}"
    made = f"{mark}\n{text}\n<!-- end -->"
    page = re.sub(f"{mark}.*?<!-- end -->", lambda _: made, page, count=1, flags=re.DOTALL)
    PAGE.write_text(page, encoding="utf-8")


def today() -> str:
    """The date, as it stands in results."""
    return dt.datetime.now(tz=dt.UTC).date().isoformat()


def this_machine() -> str:
    """Processor and Python."""
    return f"{_processor()}, Python {platform.python_version()}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    models = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()

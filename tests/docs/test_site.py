"""The documentation as a site: it builds without a warning and needs no network."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

#: What a browser fetches by itself, other than a link that somebody follows.
FETCHED = re.compile(
    r"""(?:\bsrc=|<link\b[^>]*\bhref=|url\(|@import\s+)["']?((?:https?:)?//[^"'\s)>]+)"""
)
#: Links in the head that tell where a page belongs, and are not fetched.
TOLD = re.compile(r"""<link\b[^>]*\brel=["']?(?:canonical|prev|next)\b[^>]*>""")


def fetched(text):
    """Addresses elsewhere that a browser would fetch for the page or style sheet *text*."""
    return FETCHED.findall(TOLD.sub("", text))


@pytest.mark.slow
def test_it_builds_without_a_warning_and_fetches_nothing_from_elsewhere(tmp_path):
    done = subprocess.run(  # noqa: S603 - our own documentation
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", tmp_path / "site"],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    pages = list((tmp_path / "site").rglob("*.html"))
    assert len(pages) > 30
    assert (tmp_path / "site" / "notebooks" / "clock-1.png").is_file()
    for path in [*pages, *(tmp_path / "site").rglob("*.css")]:
        assert fetched(path.read_text(encoding="utf-8")) == [], path
    # What a search from file:// needs: its index as a script, and no shim from a CDN.
    assert (tmp_path / "site" / "search" / "search_index.js").is_file()


@pytest.mark.parametrize(
    "text",
    [
        '<script src="https://unpkg.com/x"></script>',
        '<img src="//cdn.example/x.png">',
        '<link rel="stylesheet" href="https://fonts.example/css">',
        "@font-face { src: url(https://fonts.example/a.woff2) }",
        '@import "https://example.org/a.css";',
    ],
)
def test_what_is_fetched_from_elsewhere_is_found(text):
    assert len(fetched(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        '<a href="https://example.org">there</a>',
        '<script src="javascripts/iframe-worker.js"></script>',
        '<link rel="canonical" href="https://example.org/page">',
    ],
)
def test_what_is_here_or_only_a_link_is_none_of_it(text):
    assert fetched(text) == []

"""Writes docs/resources; pages of what is gone are removed."""

from __future__ import annotations

from splitplane.provider.pages import DIRECTORY, render_pages


def main() -> None:
    """Writes every page, and nothing else stays in the folder."""
    pages = render_pages()
    DIRECTORY.mkdir(exist_ok=True)
    for path in DIRECTORY.glob("*.md"):
        if path.name not in pages:
            path.unlink()
    for name, text in pages.items():
        (DIRECTORY / name).write_text(text, encoding="utf-8")


main()

"""The words of step 5, the results, and of undo and history on the page. Each text in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {}

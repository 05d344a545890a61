"""The signs of the statuses of a row, which are the same on all pages.

A sign stands beside the word for a status, so that nothing is told by colour alone.
"""

from __future__ import annotations

#: What a badge says beside its word, and how it looks.
SIGNS = {
    "updated": ("✓", "good"),
    "unchanged": ("=", "good"),
    "skipped": ("–", "off"),
    "invalid": ("✗", "bad"),
    "conflict": ("≠", "wait"),
    "rejected": ("✗", "bad"),
    "failed": ("!", "bad"),
    "not_sent": ("…", "wait"),
    "pending": ("…", "off"),
    "sending": ("→", "off"),
}

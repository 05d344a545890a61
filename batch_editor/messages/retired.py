"""Keys of texts that are no more: a journal may hold messages that were stored with them, by any earlier version.

Whoever renames a text that can be stored puts the old key here; whoever drops one needs not, since a message whose key nobody
knows is shown as it is.
"""

from __future__ import annotations

#: Retired key → the key of the text that says the same today, with the same places.
ALIASES = {
    "live.said": "reading.said",
    "preview.tags": "tags.replace",
    "preview.tags.add": "tags.add",
    "preview.tags.remove": "tags.remove",
    "preview.tags_add": "tags.add",
    "preview.tags_remove": "tags.remove",
}

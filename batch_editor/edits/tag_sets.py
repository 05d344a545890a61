"""Sets of tags, which a clue holds as one text of ids: what a row adds to one or removes from it, and what it was before.

A tag that stays keeps its place, and one that comes in stands at the end.
"""

from __future__ import annotations

from collections.abc import Sequence


def split_ids(joined: object) -> list[str]:
    """Returns the ids of the tags in a field."""
    return [tag for tag in str(joined or "").split(",") if tag]


def changed_tags(current: Sequence[str], given: Sequence[str], *, adds: bool) -> list[str]:
    """Returns the ``current`` tags with the ``given`` ones added, or without them."""
    if adds:
        return list(dict.fromkeys([*current, *given]))
    return [tag for tag in current if tag not in given]


def tags_before(before: object, current: object, given: object, *, adds: bool) -> object:
    """Returns the field as it was before a row that may have been applied: it was read ``before`` that, and is ``current`` now.

    The row adds the ``given`` tags, or removes them; all tags if that is None. What others have added or removed since counts.
    """
    tags_read = split_ids(before)
    ours = tags_read if given is None else split_ids(given)
    if adds and given is not None:
        tags = [tag for tag in split_ids(current) if tag in tags_read or tag not in ours]
    else:
        removed = [tag for tag in tags_read if tag in ours]
        tags = list(dict.fromkeys([*split_ids(current), *removed]))
    return before if {*tags} == {*tags_read} else ",".join(tags)

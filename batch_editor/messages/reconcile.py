"""What is told of a full export that is reconciled by what the journal remembers of earlier runs."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "reconcile.trusted": (
        "{rows:row} {rows:is/are} equal by the journal, and their clues are not read; {verified} more are read to verify that.",
        "{rows} 行与记录一致，不再读取其线索；另有 {verified} 行虽与记录一致，仍会读取以作核对。",
    ),
    "reconcile.verified": (
        "{verified:clue} {verified:was/were} read to verify what the journal says, and {verified:holds/hold} just that.",
        "为核对记录读取了 {verified} 条线索，全部与记录一致。",
    ),
    "reconcile.drifted": (
        "Of {verified:clue} that were read to verify what the journal says, {drifted} held something else: somebody has edited"
        " them elsewhere. They were treated like rows that differ. The other clues were not read.",
        "为核对记录读取了 {verified} 条线索，其中 {drifted} 条与记录不符，说明有人在别处改过；这些线索已按有差异的行处理，"
        "其余线索未读取。",
    ),
    "reconcile.drifted_all": (
        "Of {verified:clue} that were read to verify what the journal says, {drifted} held something else: somebody has edited"
        " them elsewhere. That is more than was to be put up with, so that the journal was not trusted: all clues are read.",
        "为核对记录读取了 {verified} 条线索，其中 {drifted} 条与记录不符，说明有人在别处改过；已超过允许的比例，"
        "因此不再相信记录，全部线索都会读取。",
    ),
    "reconcile.all_read": (
        "Of {verified:clue} that were read to verify what the journal says, {drifted} held something else. That is too many,"
        " so the other {rows:row} {rows:is/are} read as well.",
        "为核对记录读取了 {verified} 条线索，其中 {drifted} 条与记录不符，超过了允许的比例，因此其余 {rows} 行也全部读取。",
    ),
    "reconcile.only_empty": (
        "a full export that is reconciled makes the clues what it says, and only_empty sets only what is empty: give one of the two",
        "核对全量导出会让线索与表格一致，而 only_empty 只填写空的字段：请只用其中一个",
    ),
    "reconcile.share": (
        "{name} is a share from 0 to 1, such as 0.05, and {value} is none",
        "{name} 应为 0 到 1 之间的比例（如 0.05），{value} 不是",
    ),
    "reconcile.nothing_to_verify": (
        "verify_share says how much of what the journal knows is read all the same: it needs trust_journal",
        "verify_share 表示对记录中已知的线索仍抽查多少，需与 trust_journal 一起使用",
    ),
}

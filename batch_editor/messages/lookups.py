"""What is said of the tables of names that stand for ids (``lookups``), and of the names in cells.

Each text in English and Chinese.
"""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "setting.union_tag_not_found": (
        "must be names with their ids (name: id), a sheet (file, name and id), or crm",
        "应为名称和ID的对应（名称: ID）、一个表格文件（file、name 和 id），或 crm",
    ),
    "setting.lookup": ("{reason}", "{reason}"),
    "lookup.of": (
        "the table of {key} under lookups cannot be used: {reason}",
        "lookups 中 {key} 的名称表不能使用：{reason}",
    ),
    "lookup.no_names": (
        '"{key}" under lookups cannot have a table of names; only {known} can',
        "lookups 中的“{key}”不能有名称表；只有 {known} 可以",
    ),
    "lookup.not_asked": (
        "the CRM does not tell the names of {key} (lookups); crm is possible for {asked} alone, so give a sheet with the names instead",
        "CRM 不提供 {key} 的名称（lookups）；只有 {asked} 可以写 crm，请改为指定一个名称表文件",
    ),
    "lookup.not_id": ('"{name}" needs an id of 1 to 19 digits', "“{name}”的ID应为 1 到 19 位数字"),
    "lookup.rounded": (
        'the id of "{name}" has lost its last digits; copy it again and put it in quotation marks (if it really is so: ids.trust_round)',
        "“{name}”的ID已丢失末尾的位数；请重新复制并加上引号（如果确实如此，请设置 ids.trust_round）",
    ),
    "lookup.no_name": ("the name is missing; fill it in, or delete the row", "缺少名称；请填写，或删除该行"),
    "lookup.no_id": ("the id is missing; fill it in, or delete the row", "缺少ID；请填写，或删除该行"),
    "lookup.separator": (
        '"{text}" holds a sign that stands between several tags in a cell (such as a comma); take it out of the table, or write it there without that sign',
        "“{text}”含有单元格中用来分隔多个标签的符号（如逗号、顿号）；请从名称表中删除，或在表中改用不含该符号的写法",
    ),
    "lookup.twice": (
        '"{name}" stands there with two ids, {first} and {second}; give each its own name, such as one with the department',
        "“{name}”对应两个ID：{first} 和 {second}；请为它们写上不同的名称，例如加上部门",
    ),
    "lookup.is_id": (
        '"{name}" is the name for {id}, and the id {other} reads the same; give the name another spelling',
        "“{name}”是 {id} 的名称，又与ID {other} 相同；请换一种名称写法",
    ),
    "lookup.heading_twice": ("this heading stands there twice; rename one of the two", "该列标题出现了两次；请给其中一列改名"),
    "lookups.file": (
        "The table of {key} under lookups cannot be read. {reason}",
        "无法读取 lookups 中 {key} 的名称表。{reason}",
    ),
    "lookups.cell": (
        "The table of {key} under lookups cannot be used: {path}, cell {at}: {reason}",
        "lookups 中 {key} 的名称表不能使用：{path} 的单元格 {at}：{reason}",
    ),
    "lookups.empty": (
        "The table of {key} under lookups, {path}, has no row below its headings. Fill in the names and ids.",
        "lookups 中 {key} 的名称表 {path} 在列标题下面没有任何行。请填写名称和ID。",
    ),
    "lookups.rounded": (
        "The ids under {heading} in {path}, the table of {key} under lookups, have lost digits. "
        "Export it again with the ids as text (if they really are so: ids.trust_round).",
        "lookups 中 {key} 的名称表 {path} 里，“{heading}”列的ID已丢失位数。请以文本格式重新导出ID（如果确实如此，请设置 ids.trust_round）。",
    ),
    "lookups.no_sheet": (
        'The table of {key} under lookups, {path}, has no sheet "{sheet}". It has: {names}. Correct sheet: there.',
        "lookups 中 {key} 的名称表 {path} 没有名为“{sheet}”的工作表。现有工作表：{names}。请更正那里的 sheet:。",
    ),
    "lookups.no_names": (
        'The table of {key} under lookups, {path}, is a file of text, whose sheet has no name, and none is called "{sheet}". Leave '
        "out sheet: there.",
        "lookups 中 {key} 的名称表 {path} 是文本文件，其中的工作表没有名称，因此没有名为“{sheet}”的工作表。请去掉那里的 sheet:。",
    ),
    "lookups.no_heading": (
        'The table of {key} under lookups, {path}, has no row with both headings "{name}" and "{id}" among its first ten. '
        "It begins with: {seen}. Correct name: and id: there, or the headings.",
        "lookups 中 {key} 的名称表 {path} 的前十行里，没有同时包含列标题“{name}”和“{id}”的一行。开头是：{seen}。"
        "请更正那里的 name: 和 id:，或修改列标题。",
    ),
    "lookups.no_credentials": (
        "The names of the pools are to be asked of the CRM (crm under lookups), also to check a sheet. {reason:sentence}",
        "需要向 CRM 查询线索池的名称（lookups 中写了 crm），检查表格时也一样。{reason:sentence}",
    ),
    "lookups.halted": (
        "The CRM could not be asked for the names of its pools (crm under lookups), and nothing was sent. {reason:sentence}",
        "无法向 CRM 查询线索池的名称（lookups 中写了 crm），未发送任何数据。{reason:sentence}",
    ),
    "lookups.unanswered": (
        "The CRM gave no usable answer in {requests:try} when asked for the names of its pools (crm under lookups): {reason}. "
        "Nothing was sent; try again later, or write the names and ids under lookups.",
        "向 CRM 查询线索池的名称（lookups 中写了 crm），尝试 {requests} 次都没有得到有效答复：{reason}。"
        "未发送任何数据；请稍后重试，或把名称和ID写在 lookups 中。",
    ),
    "lookups.refused": (
        "The CRM does not show the names of its pools (crm under lookups): {reason}. "
        "Nothing was sent; have the app permitted to, or write the names and ids under lookups.",
        "CRM 没有提供线索池的名称（lookups 中写了 crm）：{reason}。未发送任何数据；请为应用开通权限，或把名称和ID写在 lookups 中。",
    ),
    "lookups.malformed": (
        "The CRM shows its pools in a way that is not understood (crm under lookups). "
        "Nothing was sent; write the names and ids under lookups instead.",
        "无法识别 CRM 返回的线索池列表（lookups 中写了 crm）。未发送任何数据；请改为把名称和ID写在 lookups 中。",
    ),
    "lookups.endless": (
        "The CRM goes on showing pools after {found} of them (crm under lookups). "
        "Nothing was sent; write the names and ids under lookups instead.",
        "CRM 列出 {found} 个线索池后仍没有结束（lookups 中写了 crm）。未发送任何数据；请改为把名称和ID写在 lookups 中。",
    ),
    "lookups.incomplete": (
        "The CRM says that it has {total} pools and shows {found} of them (crm under lookups). "
        "Nothing was sent; try again, or write the names and ids under lookups.",
        "CRM 称有 {total} 个线索池，却只列出了 {found} 个（lookups 中写了 crm）。未发送任何数据；请重试，或把名称和ID写在 lookups 中。",
    ),
    "cell.unknown": (
        'must be a known name or id; it holds "{value}". Known names: {names}',
        "应为已知的名称或ID；单元格里是“{value}”。已有的名称：{names}",
    ),
    "cell.unknown_near": (
        'must be a known name or id; it holds "{value}": is it {near}?',
        "应为已知的名称或ID；单元格里是“{value}”，是不是“{near}”？",
    ),
    "cell.ambiguous": (
        'must be the id here, since "{value}" stands for several: {ids}',
        "应填写ID，因为“{value}”对应多个ID：{ids}",
    ),
    "cell.option_near": (
        'must be one of the options; it holds "{value}": is it {near}?',
        "应为可选项之一；单元格里是“{value}”，是不是“{near}”？",
    ),
    "note.pool_names": (
        'For the names under "{heading}" to be used, call that column 线索池ID, or say so under columns: in the settings.',
        "如需使用“{heading}”列中的名称，请把该列改名为“线索池ID”，或在设置的 columns: 中说明。",
    ),
}

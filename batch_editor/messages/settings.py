"""What is said of settings, and of the names that stand for ids. Each text in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # --- lookups: names instead of ids
    "setting.union_tag_not_found": (
        "must be names with their ids (name: id), a sheet (file, name and id), or crm",
        "应为名称和ID的对应（名称: ID）、一个表格文件（file、name 和 id），或 crm",
    ),
    "setting.missing": ("is missing", "缺少此项"),
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
    # --- settings
    "settings.missing": (
        "There is no settings file {path}. Check the name that --config gives. To begin a file of your own: batch-editor settings --example",
        "找不到设置文件 {path}。请检查 --config 指定的文件名。如需新建设置文件，可参考：batch-editor settings --example",
    ),
    "settings.unreadable": (
        "The settings file {path} cannot be read: {reason}. Give a text file in UTF-8 that may be read, with --config or as "
        "config.yaml in the current folder.",
        "无法读取设置文件 {path}：{reason}。请用 --config 指定（或在当前文件夹中放置 config.yaml）一个有读取权限的 UTF-8 文本文件。",
    ),
    "unreadable.folder": ("it is a folder", "这是一个文件夹"),
    "unreadable.special": ("it is no file, but a pipe, a socket or a device", "这不是文件，而是管道、套接字或设备"),
    "unreadable.locked": ("you have no permission to read it", "没有读取权限"),
    "unreadable.encoding": ("its text is not in UTF-8", "文字编码不是 UTF-8"),
    "unreadable.large": ("it is larger than {most} MB", "文件超过 {most} MB"),
    "settings.yaml": (
        "The settings file {path} is not valid YAML near line {line}: {reason}.",
        "设置文件 {path} 第 {line} 行附近不是有效的 YAML：{reason}。",
    ),
    "settings.yaml_line": (
        "The settings file {path} is not valid YAML near line {line}: {reason}.\n  {shown}",
        "设置文件 {path} 第 {line} 行附近不是有效的 YAML：{reason}。\n  {shown}",
    ),
    "settings.invalid_lines": (
        "These settings cannot be used (batch-editor settings --example explains each setting):\n{lines}\n"
        "The cause may be in these lines of {path}:\n{faults}",
        "以下设置有误（每项设置的说明见 batch-editor settings --example）：\n{lines}\n原因可能在 {path} 的以下各行：\n{faults}",
    ),
    "yaml.line": ("line {line}: {reason}: {shown}", "第 {line} 行：{reason}：{shown}"),
    "unreadable.gbk": (
        "its text is in GBK (Notepad: ANSI); open it in Notepad and save it again with the encoding UTF-8",
        "文字编码是 GBK（记事本中的 ANSI）；请用记事本打开，另存为时把编码选为 UTF-8",
    ),
    "unreadable.utf16": (
        "its text is in UTF-16 (Notepad: Unicode); open it in Notepad and save it again with the encoding UTF-8",
        "文字编码是 UTF-16（记事本中的 Unicode）；请用记事本打开，另存为时把编码选为 UTF-8",
    ),
    "yaml.tab": ("a tab where only spaces may stand; write spaces instead", "有制表符（Tab）；请改用空格"),
    "yaml.wide_space": (
        "a full-width or non-breaking space at the beginning of the line or behind the colon; write plain spaces instead",
        "行首或冒号后面有全角空格或不换行空格；请改用普通空格",
    ),
    "yaml.wide_colon": (
        "a full-width colon (：); write a plain colon with a space behind it",
        "使用了中文（全角）冒号；请改用英文冒号，并在后面加一个空格",
    ),
    "yaml.no_space": ("there is no space behind the colon", "冒号后面缺少空格"),
    "yaml.wide_quote": (
        "full-width quotation marks (“ ”); write plain ones (if they are meant, put plain ones around them)",
        "使用了中文引号；请改用英文引号（如果中文引号本身就是内容，请在外面再加英文引号）",
    ),
    "yaml.wide_bracket": (
        "full-width brackets; write plain ones, [ ] or {{ }}",
        "使用了中文（全角）括号；请改用英文括号 [ ] 或 {{ }}",
    ),
    "yaml.wide_comma": (
        "a Chinese comma within the brackets; write a plain comma with a space behind it (if it is meant, put the text in quotation marks)",
        "括号中使用了中文逗号或顿号；请改用英文逗号并在后面加一个空格（如果它本身就是内容，请给文字加上英文引号）",
    ),
    "yaml.sign": (
        "a value that begins with a sign of its own meaning (* & @ ` % ! | >); put it in quotation marks",
        "值以有特殊含义的符号（* & @ ` % ! | >）开头；请给它加上英文引号",
    ),
    "yaml.backslash": (
        "a backslash within double quotation marks; write single ones around it, or / instead",
        "双引号中有反斜杠；请改用单引号，或把反斜杠换成 /",
    ),
    "yaml.unclosed": (
        "a quotation mark or bracket that is not closed; close it at the end of the value",
        "引号或括号没有闭合；请在值的末尾补上",
    ),
    "yaml.indentation": (
        "a wrong indentation; what belongs together begins in the same column, two spaces further in than its heading",
        "缩进不对；同一级的内容要左对齐，并比上一级多两个空格",
    ),
    "yaml.two_colons": (
        "a second colon in the line, or a wrong indentation; put a value with a colon in quotation marks, and let lines that belong "
        "together begin in the same column",
        "一行中有第二个冒号，或缩进不对；含冒号的值请加英文引号，同一级的内容要左对齐",
    ),
    "yaml.no_colon": (
        "a line without a colon; write key: value, with a space behind the colon",
        "这一行没有冒号；请写成“键: 值”，冒号后面加一个空格",
    ),
    "yaml.comment": (
        "a comment that does not begin with a plain #; write # before it",
        "注释不是以英文 # 开头；请在前面写上 #",
    ),
    "yaml.dash": (
        "an entry of a list that does not begin with a plain - and a space; write both before it",
        "列表项不是以英文短横线加空格开头；请写成“- 内容”",
    ),
    "yaml.flow": (
        "brackets that are not closed, or a comma that is missing between two entries",
        "括号没有闭合，或两项之间缺少逗号",
    ),
    "yaml.documents": ("a line --- that begins a second document; delete it", "有一行 --- 开始了第二个文档；请删除"),
    "yaml.other": ("something that YAML does not allow here", "有 YAML 不允许的写法"),
    "settings.value_hint": ("{key}: {reason} ({hint})", "{key}：{reason}（提示：{hint}）"),
    "hint.bool": (
        "yes, no, on, off, true and false mean true or false; put them in quotation marks to have the words",
        "yes、no、on、off、true、false 表示真或假；如果要的是文字，请加上英文引号",
    ),
    "hint.float": (
        "an id that is written with a point or an e has lost digits; copy it again and put it in quotation marks",
        "带小数点或 e 的ID已丢失位数；请重新复制并加上英文引号",
    ),
    "hint.nothing": (
        "# begins a comment, so that nothing stands there; put a text that begins with # in quotation marks",
        "# 开始注释，所以这里没有内容；以 # 开头的文字请加上英文引号",
    ),
    "yaml.value": ("a value that cannot be read", "有无法读取的值"),
    "yaml.key": ("a key that is no text", "有不是文本的键"),
    "yaml.key_twice": ('the key "{key}" stands twice', "键“{key}”出现了两次"),
    "yaml.alias": (
        "an alias (*) that makes the file endlessly long; write out what it stands for",
        "别名（*）使文件无限展开；请直接写出它所代表的内容",
    ),
    "yaml.lines": ("the settings must be key: value lines", "设置应为“键: 值”形式的多行内容"),
    "yaml.character": ("a character or a depth that is not allowed", "有不允许的字符，或层数太多"),
    "settings.invalid": (
        "These settings cannot be used (batch-editor settings --example explains each setting):\n{lines}",
        "以下设置有误（每项设置的说明见 batch-editor settings --example）：\n{lines}",
    ),
    "settings.unknown": ("{key}: there is no such setting", "{key}：没有这个设置项"),
    "settings.unknown_near": (
        "{key}: there is no such setting; is it {near}?",
        "{key}：没有这个设置项，是不是 {near}？",
    ),
    "settings.value": ("{key}: {reason}", "{key}：{reason}"),
    "settings.unparsed": (
        'The environment variable {name} cannot be read. It wants JSON: a list such as ["a", "b"], or pairs such as {{"a": "b"}}.',
        '无法读取环境变量 {name}。它的值应写成 JSON：列表形如 ["a", "b"]，键值对形如 {{"a": "b"}}。',
    ),
    "settings.variable": (
        "The environment variable {name} names no setting. Known ones begin with: {known}.",
        "环境变量 {name} 没有对应的设置项。可用的变量以下列名称开头：{known}。",
    ),
    "settings.used": ("Settings: {path}", "设置文件：{path}"),
    "settings.none": (
        "Settings: none. There is no config.yaml in this folder ({folder}).",
        "设置：无。当前文件夹（{folder}）中没有 config.yaml。",
    ),
    "settings.none_beside": (
        "Settings: none. There is no config.yaml in this folder ({folder}), nor beside the sheet ({beside}).",
        "设置：无。当前文件夹（{folder}）和表格所在的文件夹（{beside}）中都没有 config.yaml。",
    ),
    "settings.near": (
        "{path} is there, but is not read: rename it to config.yaml.",
        "有文件 {path}，但不会被读取：请改名为 config.yaml。",
    ),
    "settings.near_text": (
        "{path} is there, but is not read: rename it to config.yaml. (Windows hides the .txt; show file name extensions first.)",
        "有文件 {path}，但不会被读取：请改名为 config.yaml。（Windows 会隐藏 .txt，请先显示文件扩展名。）",
    ),
    "settings.near_example": (
        "{path} is there, but only explains the settings: copy it to config.yaml, and keep the lines that you change.",
        "有文件 {path}，但它只是设置说明：请复制为 config.yaml，并只保留需要修改的行。",
    ),
    "settings.with_search": (
        "{error}\nWhere the settings were looked for:\n{lines}",
        "{error}\n查找设置的结果：\n{lines}",
    ),
    "settings.foreign_address": (
        "The settings file beside the sheet, {path}, gives the address {url}, but the access token (or the app) comes from elsewhere. "
        "It would go to that address, so nothing was sent. If you trust this file, name it: --config. Else give the address "
        "with --base-url, or delete the file.",
        "表格旁的设置文件 {path} 指定了地址 {url}，而访问凭证（或应用）来自别处，凭证会被发到该地址，因此未发送任何数据。"
        "如果信任该文件，请用 --config 指明它；否则请用 --base-url 给出地址，或删除该文件。",
    ),
    "settings.no_credentials": (
        "There is no access token. Set WSHOTO_ACCESS_TOKEN, or WSHOTO_APP_ID and WSHOTO_APP_SECRET, "
        "or the same under api: in config.yaml.",
        "没有访问凭证。请设置环境变量 WSHOTO_ACCESS_TOKEN，或 WSHOTO_APP_ID 和 WSHOTO_APP_SECRET，或在 config.yaml 的 api: 中填写。",
    ),
    "settings.edit_option": ("--edit", "--edit"),
    "settings.choices": ("The choice of a column", "列的选择"),
    "settings.no_such_field": (
        '{source} names "{name}", which is neither a field nor a heading of the sheet.',
        "{source} 中的“{name}”既不是字段，也不是表中的列标题。",
    ),
    "settings.same_title": (
        'custom_fields: {first} and {second} have the same title "{title}"; titles must differ.',
        "custom_fields：{first} 和 {second} 的标题都是“{title}”；标题不能相同。",
    ),
    "settings.default": ("defaults: {field} {reason}", "defaults 中的 {field} {reason}"),
    "setting.url": ("must be an address such as https://open.wshoto.com", "应为网址，如 https://open.wshoto.com"),
    "setting.credential_empty": (
        "is empty; fill it in, or leave this line or variable out",
        "为空；请填写，或去掉这一行（或这个环境变量）",
    ),
    "setting.credential_long": (
        "is longer than {longest} bytes, and so it is something else; copy it again",
        "超过 {longest} 字节，应该不是正确的内容；请重新复制",
    ),
    "setting.credential_quoted": (
        "begins or ends with a quotation mark; copy it again without that",
        "开头或结尾有引号；请去掉引号重新复制",
    ),
    "setting.credential_blank": (
        "holds a blank, a line end or a character that cannot be seen; copy it again, in one piece",
        "含有空格、换行或看不见的字符；请重新完整复制",
    ),
    "setting.code_zero": (
        "must not be 0, since that is how the CRM confirms an edit",
        "不能是 0，因为 CRM 用 0 表示编辑成功",
    ),
    "settings.foreign_trust": (
        "The settings file beside the sheet, {path}, names certificates that would be trusted (api.ca_file), but the access token (or "
        "the app) comes from elsewhere, so nothing was sent. If you trust this file, name it: --config. Else delete that line.",
        "表格旁的设置文件 {path} 指定了受信任的证书（api.ca_file），而访问凭证（或应用）来自别处，因此未发送任何数据。如果信任该文件，"
        "请用 --config 指明它；否则请删除这一行。",
    ),
    "setting.path_user": (
        "begins with ~ and the name of a user whom this computer does not know; write the whole path",
        "以 ~ 加用户名开头，但本机没有这个用户；请写完整路径",
    ),
    "setting.character": (
        "{place} holds a character that no file can hold (a NUL, or half a character); type it again",
        "{place} 含有文件无法保存的字符（NUL 或半个字符）；请重新输入",
    ),
    "setting.days": ("must be a number of days such as 90d", "应为天数，例如 90d（90 天）"),
    "setting.zone": (
        "must be the name of a time zone such as Asia/Shanghai or Europe/Berlin",
        "应为时区的名称，例如 Asia/Shanghai（北京时间）或 Asia/Hong_Kong",
    ),
    "setting.zone_near": ("is no time zone; is {near} meant?", "不是时区的名称；是不是“{near}”？"),
    "setting.size": ("must be a size such as 500KB, 50MB or 1GB", "应为大小，例如 500KB、50MB 或 1GB"),
    "setting.insecure_url": (
        "must begin with https://, since the access token travels in the URL",
        "必须以 https:// 开头，因为访问凭证在网址中传输",
    ),
    "setting.limit": (
        '"{limit}" is not a rate such as 5/second, 300/minute, 15000/hour or 100000/day',
        "“{limit}”不是有效的速率，应形如 5/second、300/minute、15000/hour 或 100000/day",
    ),
    "setting.marker_is_error": (
        "is what a spreadsheet shows for an error, so that every broken formula would clear its field; choose another text",
        "是表格软件显示的错误值，出错的公式会因此清空字段；请改用其他文字",
    ),
    "setting.blank_error": (
        '"{word}" under blank_words is what a spreadsheet shows for an error, which is never a blank; mend the formulas instead',
        "blank_words 中的“{word}”是表格软件显示的错误值，不能当作空白；请修正公式",
    ),
    "setting.blank_marker": (
        '"{word}" under blank_words is also the clear_marker, which empties a field; choose another text for one of the two',
        "blank_words 中的“{word}”同时是清空标记 clear_marker；请把其中一个改成别的文字",
    ),
    "setting.option_rounded": (
        'the id of the option "{name}" of {key} under custom_fields has lost its last digits; copy it again and put it in '
        "quotation marks (if it really is so: ids.trust_round)",
        "custom_fields 中 {key} 的选项“{name}”的ID已丢失末尾的位数；请重新复制并加上引号（如果确实如此，请设置 ids.trust_round）",
    ),
    "setting.custom_title": (
        'the title "{title}" of {key} under custom_fields already means the field {field}; give {key} another title, and '
        "say under columns: that the heading means {key}",
        "custom_fields 中 {key} 的标题“{title}”已经表示字段 {field}；请为 {key} 换一个标题，并在 columns: 中说明该列标题对应 {key}",
    ),
    "setting.host": (
        '"{name}" is not the name of a host such as crm-edit.example.com (without https:// and port)',
        "“{name}”不是主机名；请只写主机名，例如 crm-edit.example.com，不带 https:// 和端口",
    ),
    "setting.network": (
        '"{text}" is not an address such as 10.0.0.7 or 10.0.0.0/24',
        "“{text}”不是 10.0.0.7 或 10.0.0.0/24 这样的地址",
    ),
    "setting.option_id": ('the option "{name}" needs a whole number as its id', "选项“{name}”的ID必须是整数"),
    "setting.clear_key": ('"{key}" is neither a field nor one of {groups}', "“{key}”既不是字段，也不是 {groups} 之一"),
    "setting.clear_value": ('{key} can be "", 0, null or []', '{key} 只能是 ""、0、null 或 []'),
    "setting.custom_no_key": (
        '"{key}" under custom_fields is no key such as mf_clue_51; put the name that people know under title:',
        "custom_fields 中的“{key}”不是 mf_clue_51 这样的字段名；供人阅读的名称请写在 title: 中",
    ),
    "setting.custom_key": (
        '"{key}" under custom_fields is a field of clue/edit itself',
        "custom_fields 中的“{key}”本来就是接口字段",
    ),
    "setting.custom_call_key": (
        '"{key}" under custom_fields is what each call of clue/edit needs for itself; no field can have that name',
        "custom_fields 中的“{key}”是接口调用本身使用的名称，不能作为字段名",
    ),
    "setting.default_key": (
        '"{key}" under defaults is not a required field; only those can have a default',
        "defaults 中的“{key}”不是必填字段；只有必填字段才能有默认值",
    ),
    "setting.compare_key": (
        '"{key}" under compare_columns is no field whose value the CRM shows; give keys such as clue_name',
        "compare_columns 中的“{key}”不是 CRM 会显示其值的字段；请填写 clue_name 这样的字段",
    ),
    "setting.time_of_day": (
        'must be a time of day in quotation marks, such as "22:00"',
        '应为加引号的时刻，例如 "22:00"',
    ),
    "setting.no_hours": (
        "must begin and end at different times of day",
        "开始和结束的时刻不能相同",
    ),
    "setting.span": (
        "must be a span of time in minutes, hours or days, such as 90m, 20h or 2d",
        "应为一段时间，以分钟、小时或天为单位，例如 90m、20h 或 2d",
    ),
    "setting.filled": (
        '"{name}" under guards.min_filled is no column of a sheet; give a key, such as remark, or a heading',
        "guards.min_filled 中的“{name}”不是表格的列；请填写字段名或列标题，例如 remark 或 备注",
    ),
    "setting.filled_near": (
        '"{name}" under guards.min_filled is no column of a sheet; is {near} meant?',
        "guards.min_filled 中的“{name}”不是表格的列；是不是“{near}”？",
    ),
    "setting.column_key": (
        '"{heading}" under columns names "{key}", which is no field',
        "columns 中“{heading}”对应的“{key}”不是字段",
    ),
    "setting.int_parsing": ("must be a whole number", "应为整数"),
    "setting.invalid_key": ("must have keys that are texts", "键应为文本"),
    "setting.int_parsing_size": ("must be a whole number, and not so large a one", "应为整数，且不能这么大"),
    "setting.int_type": ("must be a whole number", "应为整数"),
    "setting.int_from_float": ("must be a whole number", "应为整数"),
    "setting.float_parsing": ("must be a number", "应为数字"),
    "setting.float_type": ("must be a number", "应为数字"),
    "setting.bool_parsing": ("must be true or false", "应为 true 或 false"),
    "setting.bool_type": ("must be true or false", "应为 true 或 false"),
    "setting.string_type": ("must be a text", "应为文本"),
    "setting.exact_type": ("must be a text or a whole number", "应为文本或整数"),
    "setting.file_path": ("must be the path of a file, as a text", "应为文件的路径（文本）"),
    "setting.path_type": ("must be the path of a folder, as a text", "应为文件夹的路径（文本）"),
    "setting.target_url": (
        "must be an address that begins with https://, as the robot or the service shows it",
        "应为以 https:// 开头的网址，请从机器人或服务的页面完整复制",
    ),
    "setting.target_insecure": (
        "must begin with https://, since the address is a secret; http:// is for this machine itself only",
        "必须以 https:// 开头，因为网址本身就是密钥；http:// 只能用于本机",
    ),
    "setting.mail_address": (
        "must be an address of mail such as night@example.com, without a name around it",
        "应为邮箱地址，如 night@example.com，不带姓名",
    ),
    "setting.mail_login": ("user and password belong together: give both, or neither", "user 和 password 要么都填，要么都不填"),
    "setting.mail_insecure": (
        "starttls: false is for a mail server on this machine itself only",
        "starttls: false 只能用于本机的邮件服务器",
    ),
    "setting.kind_near": ("has an unknown kind; is {near} meant?", "的 kind 无法识别，是不是 {near}？"),
    "setting.too_short": ("must not be empty", "不能为空"),
    "setting.model_attributes_type": ("must be a list of key: value lines", "应为“键: 值”形式的多行内容"),
    "setting.target_kind": ("needs a kind, one of {kinds}", "的 kind 应为 {kinds} 之一"),
    "setting.string_too_short": ("must not be empty", "不能为空"),
    "setting.literal_error": ("must be one of {expected}", "应为 {expected} 之一"),
    "setting.greater_than": ("must be more than {gt}", "必须大于 {gt}"),
    "setting.greater_than_equal": ("must be at least {ge}", "必须不小于 {ge}"),
    "setting.less_than_equal": ("must be at most {le}", "必须不大于 {le}"),
    "setting.dict_type": ("must be a list of key: value lines", "应为“键: 值”形式的多行内容"),
    "setting.tuple_type": ("must be a list", "应为列表"),
    "setting.model_type": ("must be a list of key: value lines", "应为“键: 值”形式的多行内容"),
}

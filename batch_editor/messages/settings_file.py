"""What is said of the file of the settings: where it was looked for, and why it cannot be read or may not be trusted.

Each text in English and Chinese.
"""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "settings.missing": (
        "There is no settings file {path}. Check the name that --config gives. To begin a file of your own: batch-editor settings --example",
        "找不到设置文件 {path}。请检查 --config 指定的文件名。如需新建设置文件，可参考：batch-editor settings --example",
    ),
    "settings.unreadable": (
        "The settings file {path} cannot be read: {reason}. Give a text file in UTF-8 that may be read, with --config or as "
        "config.yaml in the current folder.",
        "无法读取设置文件 {path}：{reason}。请用 --config 指定（或在当前文件夹中放置 config.yaml）一个有读取权限的 UTF-8 文本文件。",
    ),
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
    "settings.foreign_trust": (
        "The settings file beside the sheet, {path}, names certificates that would be trusted (api.ca_file), but the access token (or "
        "the app) comes from elsewhere, so nothing was sent. If you trust this file, name it: --config. Else delete that line.",
        "表格旁的设置文件 {path} 指定了受信任的证书（api.ca_file），而访问凭证（或应用）来自别处，因此未发送任何数据。如果信任该文件，"
        "请用 --config 指明它；否则请删除这一行。",
    ),
    # --- why a file cannot be read
    "unreadable.folder": ("it is a folder", "这是一个文件夹"),
    "unreadable.special": ("it is no file, but a pipe, a socket or a device", "这不是文件，而是管道、套接字或设备"),
    "unreadable.locked": ("you have no permission to read it", "没有读取权限"),
    "unreadable.encoding": ("its text is not in UTF-8", "文字编码不是 UTF-8"),
    "unreadable.large": ("it is larger than {most} MB", "文件超过 {most} MB"),
    "unreadable.gbk": (
        "its text is in GBK (Notepad: ANSI); open it in Notepad and save it again with the encoding UTF-8",
        "文字编码是 GBK（记事本中的 ANSI）；请用记事本打开，另存为时把编码选为 UTF-8",
    ),
    "unreadable.utf16": (
        "its text is in UTF-16 (Notepad: Unicode); open it in Notepad and save it again with the encoding UTF-8",
        "文字编码是 UTF-16（记事本中的 Unicode）；请用记事本打开，另存为时把编码选为 UTF-8",
    ),
    # --- what is no YAML
    "yaml.line": ("line {line}: {reason}: {shown}", "第 {line} 行：{reason}：{shown}"),
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
    "yaml.question_mark": (
        "an address between brackets that holds a question mark; put the address in quotation marks",
        "括号内的网址含有 ?；请用引号把网址括起来",
    ),
    "yaml.documents": ("a line --- that begins a second document; delete it", "有一行 --- 开始了第二个文档；请删除"),
    "yaml.other": ("something that YAML does not allow here", "有 YAML 不允许的写法"),
    "yaml.value": ("a value that cannot be read", "有无法读取的值"),
    "yaml.key": ("a key that is no text", "有不是文本的键"),
    "yaml.key_twice": ('the key "{key}" stands twice', "键“{key}”出现了两次"),
    "yaml.alias": (
        "an alias (*) that makes the file endlessly long; write out what it stands for",
        "别名（*）使文件无限展开；请直接写出它所代表的内容",
    ),
    "yaml.lines": ("the settings must be key: value lines", "设置应为“键: 值”形式的多行内容"),
    "yaml.character": ("a character or a depth that is not allowed", "有不允许的字符，或层数太多"),
}

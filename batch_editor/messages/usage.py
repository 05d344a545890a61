"""What is said of how a command is typed: the words of a page of ``--help``, and mistakes of usage. In English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # --- a page of --help
    "help.usage": ("Usage: ", "用法："),
    "help.some_options": ("[OPTIONS]", "[选项]"),
    "help.some_command": ("COMMAND [ARGS]...", "命令 [参数]..."),
    "help.options": ("Options:", "选项："),
    "help.commands": ("Commands:", "命令："),
    "help.default": ("default: {value}", "默认：{value}"),
    "help.required": ("required", "必填"),
    "help.range": ("{least} to {most}", "{least} 到 {most}"),
    "help.at_least": ("{least} or more", "不小于 {least}"),
    # --- mistakes of usage
    "usage.marker": (
        "must begin with a dot, be the end of no sheet's name, and hold no blank or slash; such as .done",
        "须以点开头，不能是表格文件的扩展名，也不能含空格或斜杠，例如 .done",
    ),
    "usage.argument.folder": ("name the folder in which the sheets land", "请写上表格落入的文件夹"),
    "usage.help": ("Try '{command} --help' for help.", "查看帮助：{command} --help"),
    "usage.no_option": ("No such option: {option}.", "没有选项 {option}。"),
    "usage.no_option_near": (
        "No such option: {option}. Did you mean {near}?",
        "没有选项 {option}。是不是 {near}？",
    ),
    "usage.reconcile_anyway": (
        "No such option: {option}. The command reconcile does that anyway: leave it out.",
        "没有选项 {option}。reconcile 本来就会这样做，不必写。",
    ),
    "usage.reconcile_only_empty": (
        "No such option: {option}. The command reconcile makes the clues what the sheet says, also where they have other values. To fill only"
        " what is empty, say: batch-editor run SHEET --fill --only-empty",
        "没有选项 {option}。reconcile 会让线索与表格一致，已有的内容也会改。只想填写空的字段，请用：batch-editor run SHEET"
        " --fill --only-empty",
    ),
    "usage.option_first": (
        "{option} belongs behind the command, as in: batch-editor {command} … {option} …",
        "{option} 应写在命令之后，例如：batch-editor {command} … {option} …",
    ),
    "usage.no_value": (
        "Option '{option}' requires an argument: say {option} {metavar}.",
        "选项“{option}”缺少值：请写成 {option} {metavar}。",
    ),
    "usage.takes_no_value": (
        "Option '{option}' does not take a value; write it alone.",
        "选项“{option}”不带值，请单独写。",
    ),
    "usage.missing_argument": (
        "Missing argument '{argument}'. {what:sentence}",
        "缺少参数“{argument}”。{what:sentence}",
    ),
    "usage.missing_option": ("Missing option '{option}'. {what:sentence}", "缺少选项“{option}”。{what:sentence}"),
    "usage.argument.sheet": ("name the sheet, such as edits.xlsx", "请写上表格文件，例如 edits.xlsx"),
    "usage.argument.run": (
        "name the run; batch-editor runs lists them",
        "请写上运行编号；batch-editor runs 会列出所有运行",
    ),
    "usage.argument.ids": ("name one clue or several by their ids", "请写上一个或多个线索ID"),
    "usage.argument.file": ("name the file, such as new.xlsx", "请写上文件名，例如 new.xlsx"),
    "usage.argument": ("what it is, the help says", "说明见帮助"),
    "usage.as_in": ("say {example}", "请写成 {example}"),
    "usage.extra": (
        "Got unexpected extra argument ({words}).",
        "多出了无法理解的内容（{words}）。",
    ),
    "usage.extra_of_name": (
        'Got unexpected extra argument ({words}). A name with blanks in it needs quotation marks: "{name}".',
        '多出了无法理解的内容（{words}）。名称中有空格时要加英文引号："{name}"。',
    ),
    "usage.extra_dash": (
        "Got unexpected extra argument ({words}). Its dash is not the one of the keyboard: is it {near}?",
        "多出了无法理解的内容（{words}）。前面的横线不是键盘上的减号，是不是 {near}？",
    ),
    "usage.no_command": (
        "No such command: {word}. The commands are: {known}.",
        "没有命令 {word}。可用的命令：{known}。",
    ),
    "usage.no_command_near": (
        "No such command: {word}. Did you mean {near}?",
        "没有命令 {word}。是不是 {near}？",
    ),
    "usage.no_command_file": (
        "No such command: {word}. To send a sheet:\n  batch-editor run {typed}",
        "没有命令 {word}。要发送表格，请运行：\n  batch-editor run {typed}",
    ),
    "usage.no_command_help": (
        "No such command: {word}. Help: batch-editor --help",
        "没有命令 {word}。查看帮助：batch-editor --help",
    ),
    "usage.missing_command": ("Missing command. The commands are: {known}.", "缺少命令。可用的命令：{known}。"),
    "usage.bad_value": ("Invalid value for '{option}': {reason}.", "“{option}”的值不正确：{reason}。"),
    "usage.choice": ("{value} is not one of {choices}", "写的是 {value}，应为 {choices} 之一"),
    "usage.range": (
        "it is {value}, and must be a number from {least} to {most}",
        "写的是 {value}，应为 {least} 到 {most} 之间的数字",
    ),
    "usage.at_least": ("it is {value}, and must be a number, at least {least}", "写的是 {value}，应为不小于 {least} 的数字"),
    "usage.empty": ("it is empty; leave it out for what holds without it", "值为空；如果不需要，请去掉该选项"),
    "usage.no_column": (
        "it names no column; leave it out to edit every filled column",
        "没有写任何列；如果要修改所有填写的列，请去掉该选项",
    ),
    "usage.foreign_file": (
        "{path} holds something else than what this option writes, and is left alone; name another file",
        "{path} 中是别的内容，不会被覆盖；请换一个文件名",
    ),
    "usage.age": (
        "{value} is not a number of days such as 90d",
        "{value} 不是 90d 这样的天数",
    ),
    "usage.settings": (
        "Say batch-editor settings --example to have the settings shown.",
        "要显示所有设置，请运行 batch-editor settings --example",
    ),
    "usage.fault": (
        "The fault '{fault}' is not understood; known: {known}. What each does: batch-editor sandbox --help",
        "无法识别故障“{fault}”。可用的故障：{known}。各故障的说明见 batch-editor sandbox --help",
    ),
    "sandbox.listens": (
        "The stand-in listens on {url} until Ctrl-C. In another terminal:\n"
        "  WSHOTO_ACCESS_TOKEN={token} batch-editor run SHEET --base-url {url}",
        "模拟 CRM 已在 {url} 启动，按 Ctrl-C 结束。请在另一个终端运行：\n"
        "  WSHOTO_ACCESS_TOKEN={token} batch-editor run SHEET --base-url {url}",
    ),
    "usage.demo_page": (
        "--port and --no-browser belong to the page: type batch-editor demo --page",
        "--port 和 --no-browser 只用于网页演示：请输入 batch-editor demo --page",
    ),
    "usage.port": (
        "Port {port} cannot be used ({reason}); choose another one with --port.",
        "无法使用端口 {port}（{reason}）；请用 --port 换一个。",
    ),
}

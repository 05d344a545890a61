"""What is said of the values of settings: which is wrong, and what may stand there.

What pydantic calls a mistake is below ``setting.`` by its type. Each text in English and Chinese.
"""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
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
    # --- one value
    "setting.missing": ("is missing", "缺少此项"),
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
    "setting.mail_host": (
        "must be the name of a mail server such as smtp.example.com",
        "应为邮件服务器的域名，例如 smtp.example.com",
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

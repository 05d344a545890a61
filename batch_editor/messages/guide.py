"""What is said of the guide. Each text in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "guide.topics": (
        "The guide has these topics. To read one: batch-editor guide TOPIC",
        "使用指南有以下主题。阅读某个主题：batch-editor guide 主题名",
    ),
    "guide.file_written": ("Written: {path}", "已写入：{path}"),
    "guide.file_there": ("{path} is there already, and is left as it is.", "{path} 已经存在，保持不变。"),
    "guide.file_unwritten": (
        "{path} cannot be written: {reason}. Name a folder in which you may write.",
        "无法写入 {path}：{reason}。请指定一个可以写入的文件夹。",
    ),
    "guide.unknown": (
        'The guide has no topic "{topic}". Its topics: {topics}.',
        "使用指南没有主题“{topic}”。现有主题：{topics}。",
    ),
}

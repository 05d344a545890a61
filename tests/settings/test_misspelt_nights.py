"""Settings of nights that are misspelt: none is passed over, and each refusal has the name or the word that was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from batch_editor.errors import SettingsError
from batch_editor.messages import say
from batch_editor.settings.settings import Settings

TARGET = "notify: [{{kind: {kind}, url: 'https://example.com/x', {more}}}]"
MAIL = "notify: [{{kind: email, {host}: a, from: a@b.c, to: [a@b.c], {more}: false}}]"
QUIET = "rate: {{quiet_hours: {{{begins}: '22:00', to: '07:00', {limits}: ['{limit}']}}}}"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("notfy: []", "notify"),
        (TARGET.format(kind="wecm", more="weekly: true"), "wecom"),
        (TARGET.format(kind="wecom", more="weeky: true"), "weekly"),
        (TARGET.format(kind="wecom", more="fromat: text"), "format"),
        (TARGET.format(kind="wecom", more="format: txt"), "text"),
        (TARGET.format(kind="dingtalk", more="secrt: a"), "secret"),
        (TARGET.format(kind="feishu", more="keywrd: a"), "keyword"),
        (MAIL.format(host="hst", more="starttls"), "host"),
        (MAIL.format(host="host", more="starttsl"), "starttls"),
        ("hearbeat: https://example.com/x", "heartbeat"),
        ("guards: {max_ag: 20h}", "max_age"),
        ("guards: {max_age: 20x}", "20h"),
        ("guards: {repat: refuse}", "repeat"),
        ("guards: {repeat: refus}", "refuse"),
        ("guards: {min_edit: 1}", "min_edits"),
        ("guards: {min_filed: {remark: 0.2}}", "min_filled"),
        ("guards: {min_filled: {remrk: 0.2}}", "remark"),
        ("guards: {min_share_of_lst: 0.8}", "min_share_of_last"),
        ("guards: {max_chnged: 100}", "max_changed"),
        ("guards: {ct: refuse}", "cut"),
        ("guards: {cut: refus}", "refuse"),
        ("rate: {quiet_hour: {}}", "quiet_hours"),
        (QUIET.format(begins="form", limits="limits", limit="1/second"), "from"),
        (QUIET.format(begins="from", limits="limit", limit="1/second"), "limits"),
        (QUIET.format(begins="from", limits="limits", limit="1/secnd"), "second"),
        ("result_dir: a", "results_dir"),
        ("kep: 90d", "keep"),
        ("keep: 90", "90d"),
        ("timezon: Asia/Shanghai", "timezone"),
        ("timezone: Asia/Shangai", "Asia/Shanghai"),
        ("api: {ca_fil: x}", "ca_file"),
    ],
)
def test_what_is_misspelt_is_refused_with_what_was_meant(text: str, meant: str, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(text, "utf-8")
    with pytest.raises(SettingsError) as caught:
        Settings.load(tmp_path / "config.yaml")
    for sentence in (say(caught.value.message, "en"), say(caught.value.message, "zh")):
        assert meant in sentence.replace(text, "")

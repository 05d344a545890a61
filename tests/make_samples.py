"""Make the sample sheets of ``sample_data/`` again: ``python tests/make_samples.py``."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font

FOLDER = Path(__file__).parent.parent / "sample_data"

UTF8 = """\
线索ID*,线索名称*,跟进人ID*,备注,性别,生日,邮箱,地区,标签
1591005521987920962,王小明,wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q,"电话已接通，周五回访",男,1990-05-01,wangxm@example.com,湖北省-武汉市-武昌区,
1591005521987920963,李娟,wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q,,女,1988年12月3日,,浙江省/杭州市/西湖区,etvvCXcAAAZHYVzWCdeCCnTcIM2vtRPw、etvvCXcAAAtmV7sEFBGcoKEiZaPXeXWg
1591005521987920964,陈建国,wovvCXcAAAFa-yRtEAUjgQCyjqN9TJ7A,#CLEAR,,19751120,,,
1591005521987920965,赵敏,wovvCXcAAAFa-yRtEAUjgQCyjqN9TJ7A,,,,,,
1591005521987920966,周航,wovvCXcAAAFa-yRtEAUjgQCyjqN9TJ7A,"第一次来电
咨询企业版报价",先生,,,,
1591005521987920967,吴桐,wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q,,女,05/06/1990,wutong@example,,
1591005521987920962,王小明,wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q,周五回访改为周六,,,,,
1591005521987929999,查无此人,wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q,这条线索在 CRM 中不存在,,,,,
"""

GBK = """\
线索id,线索名称,跟进人,企业名称,详细地址,获客渠道,手机号
1591005521987920968,孙丽,wovvCXcAAAFa-yRtEAUjgQCyjqN9TJ7A,上海云帆信息科技有限公司,浦东新区世纪大道100号,广告-巨量引擎-头条,13800000008
1591005521987920969,郑凯,wovvCXcAAAFa-yRtEAUjgQCyjqN9TJ7A,,#clear,,13800000009
1.59101E+18,冯雪,wovvCXcAAAFa-yRtEAUjgQCyjqN9TJ7A,杭州青禾文化有限公司,,,13800000010
"""

TO_MEND = """\
线索ID,线索名称,跟进人ID,性别,生日,客户等级,邮箱,备注
1591005521987920962,王小明,wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q,先生,1990-05-01,A级,wangxm@example.com,周五回访
1591005521987920963,李娟,wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q,女士,1988-12-03,B类,lijuan@example.com,
1591005521987920964,陈建国,wovvCXcAAAFa-yRtEAUjgQCyjqN9TJ7A,先生,05/06/1975,A级,,已寄样品
1591005521987920965,赵敏,wovvCXcAAAFa-yRtEAUjgQCyjqN9TJ7A,女,1991-07-15,A类,zhaomin@example,#CLEAR
1591005521987920966,周航,wovvCXcAAAFa-yRtEAUjgQCyjqN9TJ7A,先生,,B级,,咨询企业版报价
1591005521987920967,吴桐,wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q,女士,05/06/1990,,wutong@example,
1591005521987920968,孙丽,wovvCXcAAAFa-yRtEAUjgQCyjqN9TJ7A,女士,1993-02-10,A级,sunli@example.com,
1591005521987920969,郑凯,wovvCXcAAAFa-yRtEAUjgQCyjqN9TJ7A,先生,1986-11-30,C类,,续费意向强
1591005521987920970,何静,wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q,女,1992-02-29,A类,hejing@example.com,
1591005521987920971,许文,wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q,先生,1992-02-30,B类,,
1591005521987920972,韩雪,wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q,女,,B类,hanxue@example.com,合同待签
1.59101E+18,杨帆,wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q,先生,1989-04-04,A类,,这个ID被 Excel 改成了短写
1591005521987920974,朱琳,wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q,女,1990-10-10,特级,zhulin@example.com,
1591005521987920975,秦岚,wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q,女士,1994-08-08,B类,qinlan@example.com,
1591005521987920962,王小明,wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q,,,,,周五回访改为周六
1591005521987920976,马超,wovvCXcAAAFa-yRtEAUjgQCyjqN9TJ7A,男,1987-01-20,A类,machao@example.com,
1591005521987920977,林芳,wovvCXcAAAFa-yRtEAUjgQCyjqN9TJ7A,女,1995-06-18,B类,,发过报价
1591005521987920978,罗成,wovvCXcAAAFa-yRtEAUjgQCyjqN9TJ7A,先生,1983-09-09,C类,,
1591005521987920979,高敏,wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q,女,1990-03-21,A类,gaomin@example.com,老客户介绍
1591005521987920980,梁宇,wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q,男,1985-05-25,B类,,
1591005521987920981,宋佳,wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q,女,1996-12-12,B级,songjia@example.com,
1591005521987920982,唐磊,wovvCXcAAAFa-yRtEAUjgQCyjqN9TJ7A,男,1982-07-07,A类,,下周面谈
1591005521987920983,冯璐,wovvCXcAAAFa-yRtEAUjgQCyjqN9TJ7A,女,1998-01-01,C类,fenglu@example.com,
1591005521987920984,曹阳,wovvCXcAAAFa-yRtEAUjgQCyjqN9TJ7A,男,1979-11-11,A类,,
"""


def write_workbook(path: Path) -> None:
    """An .xlsx as a colleague would send it: a title above the headings, ids as text, dates as dates, a few bad cells."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "线索"
    sheet.append(["11 月线索更新（销售一部）"])
    headings = ["线索ID", "线索名称", "跟进人ID", "客户等级", "意向产品", "下次跟进", "生日", "是否加密", "备注"]
    sheet.append(headings)
    owner = "wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q"
    rows: list[list[object]] = [
        [
            "1591005521987920970",
            "何静",
            owner,
            "A类",
            "企业版、培训服务",
            date(2026, 12, 1),
            date(1992, 2, 29),
            "否",
            "续费意向强",
        ],
        ["1591005521987920971", "许文", owner, "B类", None, date(2026, 12, 15), None, None, None],
        ["1591005521987920972", "韩雪", owner, None, "#CLEAR", None, None, "是", "=合同待签"],
        [1591005521987920973, "杨帆", owner, "A类", None, None, None, None, "这个ID存成了数字，被 Excel 四舍五入"],
        ["1591005521987920974", "朱琳", owner, "特级", None, None, None, None, "客户等级里没有“特级”"],
        ["1591005521987920975", "秦岚", owner, None, None, None, None, None, "#N/A"],
    ]
    for row in rows:
        sheet.append(row)
    for cells in sheet.iter_rows(min_row=3):
        cells[0].number_format = "@"
        if isinstance(cells[0].value, int):
            cells[0].value = 1591005521987920000  # what Excel makes of it
        if isinstance(cells[8].value, str) and cells[8].value.startswith("="):
            cells[8].data_type = "s"
    for cell in sheet[2]:
        cell.font = Font(bold=True)
    for column, width in zip("ABCDEFGHI", (24, 12, 38, 10, 20, 14, 14, 10, 30), strict=True):
        sheet.column_dimensions[column].width = width
    sheet.freeze_panes = "A3"
    notes = book.create_sheet("说明")
    for line in ("空白单元格：保持原值不变", "#CLEAR：清空该字段", "标签会整体替换"):
        notes.append([line])
    book.save(path)


def main() -> None:
    """Write all sample sheets."""
    assert list(csv.reader(UTF8.splitlines()))
    (FOLDER / "clues_utf8.csv").write_bytes(UTF8.replace("\n", "\r\n").encode("utf-8-sig"))
    (FOLDER / "clues_gbk.csv").write_bytes(GBK.replace("\n", "\r\n").encode("gb18030"))
    (FOLDER / "clues_to_mend.csv").write_bytes(TO_MEND.replace("\n", "\r\n").encode("utf-8-sig"))
    write_workbook(FOLDER / "clues.xlsx")


if __name__ == "__main__":
    main()

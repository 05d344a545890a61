"""The samples of the platform's pages, as they go over the wire."""

from __future__ import annotations

#: crm/clueInfo, whole.
CLUE_INFO = """\
{"code": 0, "msg": "请求成功", "data": {
  "clue_id": 1539169150405479425, "clue_name": "黄杉少女", "mobile_phone": "15827238888",
  "clue_corp_name": "日月光封装测试(上海)有限公司", "state": 1,
  "merge_user_id": null, "recovery_num": 0, "recovery_remark": null, "recovery_remark_type": "1",
  "recovery_remark_input_text": "用户填写的退回原因文本内容",
  "create_user_id": "wovvCXcAAAFa-yRtEAUjgQCyjqN9TJ7A", "gmt_create": 1655801496,
  "follow_user_id": "wovvCXcAAAFa-yRtEAUjgQCyjqN9TJ7A",
  "clue_pool_id": 1522843564091630593, "clue_pool_name": "默认线索池",
  "tag_list": [{"tag_id": "etvvCXcAAAZHYVzWCdeCCnTcIM2vtRPw", "tag_name": "小学"}],
  "access_customer_channel": "广告-巨量引擎-头条", "gender": "男", "birthday": 1655136000,
  "email": "xxxx@qq.com", "area": "湖北省-武汉市-洪山区", "address": "详细地址测试", "description": "这是描述",
  "field_map": {
    "mf_clue_52": [{"name": "选项1", "id": "1539179902926138370"}, {"name": "选项2", "id": "1539179902926138371"}],
    "mf_clue_51": [{"name": "选项2", "id": "1539179902561233923"}],
    "mf_clue_1": "3234",
    "mf_clue_53": [{"name": "分类1", "id": "1539179903198768129"}, {"name": "分类1", "id": "1539179903202962433"}],
    "mf_clue_102": "2022-06-22 00:00:00", "mf_clue_101": "2022-06-21"},
  "business_tags": {"group_id": "sttFmKWgAAVTx9AZV2oSegA2yLjeSqPQ", "group_name": "范围222", "tag_name": "666",
    "tag_id": "sttFmKWgAAHPu3UqphM2zjPOI7aLt-BQ", "type": 3, "strategy_id": 2, "manage_group_name": "管理组222"}}}"""

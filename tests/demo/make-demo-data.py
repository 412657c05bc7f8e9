#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fictional demo data: OUT.jsonl for `huijianctl import`, OUT.accounts.json for whoever makes the accounts.

Nobody in it exists. Names are placeholders (张三, 李四, 甲, 乙), firms and centres say that they are fictional, identity
cards carry area 440101, which no registration district has. Check digits are right. The same day gives the same bytes; another
day gives another version of the same records, since some times are told from today. docs/demo.md tells who shows what.
"""

import argparse
import datetime
import hashlib
import json
import pathlib
import sys

SOURCE = "demo"
ZONE = datetime.timezone(datetime.timedelta(hours=8))
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"

CENTRES = [
    ("440100111", "广州市示范第一看守所（虚构）", "Guangzhou Demo No. 1 Detention Centre (fictional)"),
    ("440100121", "广州市示范第二看守所（虚构）", "Guangzhou Demo No. 2 Detention Centre (fictional)"),
]
ONE, TWO = CENTRES[0][0], CENTRES[1][0]
NUMERALS = "一二三"
FIRMS = [
    "广东示例律师事务所（虚构）",
    "广东样本律师事务所（虚构）",
    "广东演示律师事务所（虚构）",
    "广州范例律师事务所（虚构）",
    "广州法律援助示范律师事务所（虚构）",
]

# account, name, sex, licensed in, firm, kind, what the persona shows
LAWYERS = [
    ("chen", "陈甲", "f", 2009, 0, "full_time", "the ordinary lawyer: three clients, every paper in order"),
    ("lin", "林乙", "m", 2012, 0, "full_time", "licence suspended since ten days ago"),
    ("he", "何丙", "m", 2015, 1, "full_time", "no authority to act any more: it was revoked"),
    ("huang", "黄丁", "f", 2011, 1, "full_time", "one client without a firm letter, one in order"),
    ("liang", "梁戊", "m", 2008, 2, "full_time", "a power of attorney for an earlier stage only, one in order"),
    ("luo", "罗己", "f", 2016, 2, "full_time", "defends two co-defendants of one case"),
    ("xie", "谢庚", "m", 2014, 3, "part_time", "defends persons of two linked cases"),
    ("feng", "冯辛", "f", 2010, 3, "full_time", "a state-security case in investigation without permission"),
    ("deng", "邓壬", "m", 2013, 3, "full_time", "one client released, one out at court, one foreigner"),
    ("zeng", "曾癸", "f", 2007, 4, "legal_aid", "legal aid and duty lawyer; one client also has a retained lawyer"),
    ("zhou", "周子", "m", 2018, 1, "full_time", "the second lawyer of 张三: chen can have zhou take part by licence number"),
]
CATEGORY = {"full_time": 1, "part_time": 2, "legal_aid": 8}

STAFF = [
    ("desk", "desk", "示范一所值班台", [ONE], "the desk of centre No. 1: today's list and check-in"),
    ("desk2", "desk", "示范二所值班台", [TWO], "the desk of centre No. 2"),
    ("admin", "administrator", "平台管理员", [ONE, TWO], "centres, rooms, kiosks, people"),
    ("supervisor", "supervisor", "驻所检察官", [ONE, TWO], "who meets whom, live; never what is said"),
]

# name, sex, born, id_kind, number when it is no identity card
PERSONS = [
    ("张三", "m", "1988-03-12", "id_card", None),
    ("李四", "m", "1979-11-02", "id_card", None),
    ("王五", "m", "1992-06-30", "id_card", None),
    ("赵六", "f", "1985-01-19", "id_card", None),
    ("钱七", "m", "1999-09-09", "id_card", None),
    ("孙八", "f", "1981-04-25", "id_card", None),
    ("周九", "m", "1990-12-05", "id_card", None),
    ("吴十", "m", "1994-02-14", "id_card", None),
    ("郑十一", "f", "1987-07-21", "id_card", None),
    ("冯十二", "m", "1976-10-08", "id_card", None),
    ("陈十三", "m", "1983-05-17", "id_card", None),
    ("褚十四", "f", "1978-08-28", "id_card", None),
    ("卫十五", "m", "2001-03-03", "id_card", None),
    ("蒋十六", "m", "1972-12-24", "id_card", None),
    ("沈十七", "m", "1996-05-11", "id_card", None),
    ("韩十八", "m", "1969-02-06", "id_card", None),
    ("杨十九", "m", "1984-09-18", "id_card", None),
    ("朱二十", "f", "1991-01-31", "id_card", None),
    ("秦廿一", "m", "1980-06-16", "id_card", None),
    ("DEMO, John (虚构)", "m", "1990-04-01", "passport", "DEMO00001"),
    ("尤某（自报姓名）", "m", None, "unknown", None),
    ("许廿二", "m", 17, "id_card", None),
]

# charge, stage, permission required, persons, centre, admission (days before a fixed day), linked cases
CASES = [
    ("盗窃罪", "investigation", False, ["张三"], ONE, 9, []),
    ("诈骗罪", "prosecution", False, ["李四"], TWO, 70, []),
    ("故意伤害罪", "investigation", False, ["王五"], ONE, 21, []),
    ("合同诈骗罪", "investigation", False, ["赵六"], ONE, 40, []),
    ("寻衅滋事罪", "investigation", False, ["钱七"], ONE, 14, []),
    ("职务侵占罪", "prosecution", False, ["孙八"], TWO, 95, []),
    ("开设赌场罪", "investigation", False, ["周九", "吴十", "郑十一"], ONE, 30, []),
    ("洗钱罪", "investigation", False, ["冯十二"], TWO, 26, [7]),
    ("为境外非法提供国家秘密罪", "investigation", True, ["陈十三"], ONE, 12, []),
    ("为境外窃取国家秘密罪", "prosecution", True, ["褚十四"], TWO, 150, []),
    ("抢劫罪", "first_instance", False, ["卫十五"], ONE, 200, []),
    ("贩卖毒品罪", "first_instance", False, ["蒋十六"], ONE, 210, []),
    ("故意杀人罪", "first_instance", False, ["沈十七"], ONE, 260, []),
    ("受贿罪", "second_instance", False, ["韩十八"], TWO, 400, []),
    ("运输毒品罪", "death_review", False, ["杨十九"], ONE, 700, []),
    ("非法吸收公众存款罪", "prosecution", False, ["朱二十"], ONE, 120, []),
    ("交通肇事罪", "investigation", False, ["秦廿一"], TWO, 18, []),
    ("走私普通货物罪", "investigation", False, ["DEMO, John (虚构)"], TWO, 25, []),
    ("盗窃罪", "investigation", False, ["尤某（自报姓名）"], ONE, 4, []),
    ("聚众斗殴罪", "investigation", False, ["许廿二"], TWO, 6, []),
]
STAGES = ["investigation", "prosecution", "first_instance", "second_instance", "death_review"]

RETAINED = ("licence", "firm_letter", "power_of_attorney")
ASSIGNED = ("licence", "firm_letter", "legal_aid_letter")

# lawyer, person, kind, days ago of signing, stages (None: the case's own), papers, days ago of revocation
AUTHORITIES = [
    ("chen", "张三", "retained_by_self", 7, None, RETAINED, None),
    ("chen", "李四", "retained_by_relative", 60, ["investigation", "prosecution"], RETAINED, None),
    ("chen", "赵六", "retained_by_relative", 20, None, RETAINED, None),
    ("lin", "王五", "retained_by_self", 19, None, RETAINED, None),
    ("he", "赵六", "retained_by_relative", 38, None, RETAINED, 20),
    ("huang", "钱七", "retained_by_self", 10, None, ("licence", "power_of_attorney"), None),
    ("huang", "沈十七", "retained_by_relative", 30, None, RETAINED, None),
    ("liang", "孙八", "retained_by_self", 90, ["investigation"], RETAINED, None),
    ("liang", "韩十八", "retained_by_self", 45, None, RETAINED, None),
    ("luo", "周九", "retained_by_relative", 28, None, RETAINED, None),
    ("luo", "吴十", "retained_by_relative", 12, None, RETAINED, None),
    ("luo", "朱二十", "retained_by_self", 100, ["investigation", "prosecution"], RETAINED, None),
    ("xie", "郑十一", "retained_by_self", 27, None, RETAINED, None),
    ("xie", "冯十二", "retained_by_self", 15, None, RETAINED, None),
    ("xie", "秦廿一", "retained_by_relative", 16, None, RETAINED, None),
    ("feng", "陈十三", "retained_by_relative", 8, None, RETAINED, None),
    ("feng", "褚十四", "retained_by_relative", 140, ["investigation", "prosecution"], RETAINED, None),
    ("deng", "卫十五", "retained_by_self", 80, None, RETAINED, None),
    ("deng", "蒋十六", "retained_by_self", 85, None, RETAINED, None),
    ("deng", "DEMO, John (虚构)", "retained_by_self", 20, None, RETAINED, None),
    ("zeng", "沈十七", "legal_aid", 50, None, ASSIGNED, None),
    ("zeng", "杨十九", "legal_aid", 60, None, ASSIGNED, None),
    ("zeng", "许廿二", "legal_aid", 5, None, ASSIGNED, None),
    ("zeng", "尤某（自报姓名）", "duty", 3, None, ("licence", "firm_letter"), None),
    ("zhou", "张三", "retained_by_relative", 5, None, RETAINED, None),
]

# person, kind, days ago, hour, place; the transfer is as old as the stay that it leads to
EVENTS = [
    ("张三", "CELL_MOVED", 3, 9, "二监区"),
    ("李四", "STAGE_HANDOVER", 30, 10, None),
    ("卫十五", "TEMP_OUT", 20, 8, "广州市示范人民法院（虚构）"),
    ("卫十五", "RETURNED", 20, 17, None),
    ("卫十五", "RELEASED", 3, 11, None),
    ("蒋十六", "TEMP_OUT", 0, 0, "广州市示范人民法院（虚构）"),
    ("秦廿一", "MEDICAL_ISOLATION", 2, 15, None),
    ("朱二十", "TRANSFERRED", None, None, "广州市示范第二看守所（虚构）"),
]


def card(born, sex, n):
    """GB 11643-1999."""
    digits = "440101" + born.replace("-", "") + "%03d" % (n * 2 + (1 if sex == "m" else 0))
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return digits + "10X98765432"[sum(w * int(d) for w, d in zip(weights, digits)) % 11]


def firm_code(n):
    """GB 32100-2015 with an organisation code of GB 11714 inside; 31: a law practice."""
    organisation = "MDEM%04d" % (n + 1)
    values = [int(c, 36) for c in organisation]
    check = -sum(w * v for w, v in zip((3, 7, 9, 10, 5, 8, 4, 2), values)) % 11
    code = "31440000" + organisation + ("X" if check == 10 else str(check))
    total = sum(pow(3, i, 31) * ALPHABET.index(c) for i, c in enumerate(code))
    return code + ALPHABET[-total % 31]


def licence(n):
    _, _, sex, year, _, kind, _ = LAWYERS[n]
    return "14401%d%d%d%06d" % (year, CATEGORY[kind], 1 if sex == "f" else 0, 900001 + n)


def moment_us(day, hour):
    return int(datetime.datetime.combine(day, datetime.time(hour), ZONE).timestamp()) * 1000000


class Writer:
    def __init__(self, today):
        self.today = today
        self.version = today.toordinal()
        self.lines = []

    def day(self, days_ago):
        return self.today - datetime.timedelta(days=days_ago)

    def admission(self, days):
        """Counted from a fixed day: the day stands in the detainee code, by which the same stay is known tomorrow."""
        return min(self.today, datetime.date(2025, 12, 31)) - datetime.timedelta(days=days)

    def at_us(self, days_ago, hour=10):
        return moment_us(self.day(days_ago), hour)

    def add(self, kind, key, /, **data):
        data = {name: value for name, value in data.items() if value is not None}
        record = {"kind": kind, "key": key, "source": SOURCE, "version": self.version, "data": data}
        self.lines.append(json.dumps(record, ensure_ascii=False, separators=(",", ":")))


def add_places(out):
    for code, zh, en in CENTRES:
        out.add("centre", code, name={"zh": zh, "en": en}, zone="Asia/Shanghai")
    for code, _, _ in CENTRES:
        for n in range(3):
            name = {"zh": "远程会见%s室" % NUMERALS[n], "en": "Remote meeting room %d" % (n + 1)}
            out.add("room", "%s/%d" % (code, n + 1), centre=code, name=name, open=True)


def add_lawyers(out):
    for n, name in enumerate(FIRMS):
        out.add("firm", firm_code(n), name=name)
    for n, (account, name, sex, year, firm, kind, _) in enumerate(LAWYERS):
        licensed = datetime.datetime(year, 7, 1, tzinfo=ZONE)
        statuses = [{"status": "practising", "from_us": int(licensed.timestamp()) * 1000000}]
        if account == "lin":
            statuses.append({"status": "suspended", "from_us": out.at_us(10, 0), "to_us": out.at_us(-80, 0)})
        number = card("%d-05-%02d" % (year - 26, n + 1), sex, 100 + n)
        out.add("lawyer", licence(n), name=name, firm=firm_code(firm), kind=kind, id_number=number, statuses=statuses)


def person_key(name):
    return "P%03d" % (1 + [row[0] for row in PERSONS].index(name))


def add_persons(out):
    for n, (name, sex, born, id_kind, number) in enumerate(PERSONS):
        if isinstance(born, int):
            born = "%d-01-15" % (out.today.year - born)
        if id_kind == "id_card":
            number = card(born, sex, n + 1)
        out.add("person", person_key(name), name=name, sex=sex, born=born, id_kind=id_kind, id_number=number)


def case_key(n):
    return "GZ-DEMO-%03d" % (n + 1)


def identifiers(out, n, stage, admitted):
    """One number for each stage that the case has been through."""
    reached = STAGES.index(stage)
    year, month = out.admission(admitted).year, out.admission(admitted).month
    now = out.today.year
    rows = [("police", "A440101000000%04d%02d%04d" % (year, month, n + 1), "广州市示范公安局（虚构）")]
    if reached >= 1:
        rows.append(("procuratorate", "穗示检刑诉〔%d〕Z%d号" % (max(year, now - 1), n + 1), "广州市示范人民检察院（虚构）"))
    if reached >= 2:
        rows.append(("first_instance", "（%d）粤0101刑初%d号" % (max(year, now - 1), n + 1), "广州市示范人民法院（虚构）"))
    if reached >= 3:
        rows.append(("second_instance", "（%d）粤01刑终%d号" % (now, n + 1), "广州市示范中级人民法院（虚构）"))
    if reached >= 4:
        rows.append(("review", "（%d）最高法刑核%08d号" % (now, 10000000 + n), "最高人民法院"))
    return [{"kind": kind, "number": number, "org": org} for kind, number, org in rows]


def add_cases(out):
    for n, (charge, stage, permission, persons, _, admitted, links) in enumerate(CASES):
        out.add(
            "case",
            case_key(n),
            charge=charge,
            stage=stage,
            unit="广州市示范公安局（虚构）",
            permission_required=permission,
            identifiers=identifiers(out, n, stage, admitted),
            persons=[person_key(name) for name in persons],
            links=[case_key(number - 1) for number in links],
        )


def detainee_code(out, centre, admitted, n):
    return centre + out.admission(admitted).strftime("%Y%m%d") + "%04d" % n


def stays(out):
    """Person -> [detainee code]; the first stay first."""
    codes = {}
    for _, _, _, persons, centre, admitted, _ in CASES:
        for name in persons:
            codes[name] = [(detainee_code(out, centre, admitted, len(codes) + 1), centre, admitted)]
    codes["朱二十"].append((detainee_code(out, TWO, 0, 90), TWO, 0))
    return codes


def add_custody(out, codes):
    for n, (_, _, _, persons, _, _, _) in enumerate(CASES):
        for name in persons:
            for code, centre, admitted in codes[name]:
                out.add(
                    "detainee",
                    code,
                    person=person_key(name),
                    centre=centre,
                    case=case_key(n),
                    admitted_at_us=moment_us(out.admission(admitted), 16 if admitted else 0),
                )
    # Newest first: the order of arrival must not matter.
    for n, (name, kind, days_ago, hour, place) in reversed(list(enumerate(EVENTS))):
        out.add(
            "custody_event",
            "E%04d" % (n + 1),
            detainee=codes[name][0][0],
            kind=kind,
            at_us=moment_us(out.admission(0), 0) if kind == "TRANSFERRED" else out.at_us(days_ago, hour),
            place=place,
        )


def paper(out, key, kind, signed):
    row = {
        "kind": kind,
        "number": "%s-%s" % (key, kind),
        "sha256": hashlib.sha256(("%s %s" % (key, kind)).encode()).hexdigest(),
        "issued_on": out.day(signed).isoformat(),
    }
    if kind == "licence":
        row["issued_on"] = "%d-06-01" % (out.day(signed).year - 1)
        row["valid_to"] = out.day(-365).isoformat()
    return row


def add_authorities(out):
    accounts = [row[0] for row in LAWYERS]
    case_of = {name: n for n, row in enumerate(CASES) for name in row[3]}
    for n, (account, name, kind, signed, stages, papers, revoked) in enumerate(AUTHORITIES):
        key = "AUTH-%03d" % (n + 1)
        case = case_of[name]
        by_relative = kind == "retained_by_relative"
        out.add(
            "authority",
            key,
            lawyer=licence(accounts.index(account)),
            person=person_key(name),
            case=case_key(case),
            kind=kind,
            principal="%s的家属（虚构）" % name if by_relative else None,
            relationship="配偶" if by_relative else None,
            signed_at_us=out.at_us(signed),
            revoked_at_us=out.at_us(revoked) if revoked is not None else None,
            stages=stages or [CASES[case][1]],
            papers=[paper(out, key, paper_kind, signed) for paper_kind in papers],
        )
    out.add(
        "permission",
        "PERM-001",
        lawyer=licence(accounts.index("feng")),
        person=person_key("褚十四"),
        case=case_key(case_of["褚十四"]),
        state="granted",
        at_us=out.at_us(130),
    )


def accounts():
    rows = []
    for n, (account, name, _, _, _, _, shows) in enumerate(LAWYERS):
        client = next(row[1] for row in AUTHORITIES if row[0] == account)
        rows.append(
            {"account": account, "role": "lawyer", "licence": licence(n), "display_name": name, "client": client, "shows": shows}
        )
    for account, role, name, centres, shows in STAFF:
        rows.append({"account": account, "role": role, "display_name": name, "centres": centres, "shows": shows})
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", metavar="OUT.jsonl", type=pathlib.Path)
    parser.add_argument("--today", type=datetime.date.fromisoformat, metavar="YYYY-MM-DD")
    options = parser.parse_args()
    out = Writer(options.today or datetime.datetime.now(ZONE).date())
    codes = stays(out)
    add_places(out)
    add_lawyers(out)
    add_persons(out)
    add_cases(out)
    add_custody(out, codes)
    add_authorities(out)
    options.out.write_text("\n".join(out.lines) + "\n", encoding="utf-8")
    people = json.dumps(accounts(), ensure_ascii=False, indent=1) + "\n"
    options.out.with_suffix(".accounts.json").write_text(people, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

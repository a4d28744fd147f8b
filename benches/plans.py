#!/usr/bin/env python3
"""Shows that triage stays flat: the plans of what it asks Postgres, with few tips and with a million.

Called by script/plans. The service runs on a private Postgres with auto_explain on, is asked over HTTP, and the
plans of its very statements are read from Postgres: what is printed is what runs, not a copy of it.
"""

import json
import os
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
import uuid

from lab import BIND, Lab, say

SIZES = (10_000, 1_000_000)
# What one request may read of buffers (8 KiB) with many tips, compared with few, to count as flat; with few tips
# there may be less than a page, so nothing is compared with less than a full page of 50 tips reads.
REACH, PAGE = 3, 1_300
# Whose plans are shown whole, with few tips and with many.
SHOWN = ("queue by priority", "claim", "summary", "tip")


def questions(lab):
    """Name, method, path, body of everything that is looked at."""
    tip = lab.sql("select tip_id from tip_states where flood_id is not null limit 1")[0]
    ask = urllib.parse.quote
    queue = "/v1/triage/queue?limit=50"
    cursor = {}
    for sort in ("priority", "received", "due"):
        deep = None
        for _ in range(3):
            page = request(lab, "GET", f"{queue}&sort={sort}" + (f"&cursor={ask(deep)}" if deep else ""), None)
            deep = json.loads(page)["next_cursor"]
        cursor[sort] = ask(deep)
    for sort in ("priority", "received", "due"):
        yield f"queue by {sort}", "GET", f"{queue}&sort={sort}", None
        yield f"queue by {sort}, page 4", "GET", f"{queue}&sort={sort}&cursor={cursor[sort]}", None
        for name, value in (("desk", "economic"), ("status", "received"), ("status", "info_requested"), ("priority", "critical"),
                            ("priority", "low"), ("method", "job_task"), ("unit", "03130"), ("indicator", "0900000777"),
                            ("received_from", "2026-11-20T00:00:00Z"), ("received_to", "2026-01-02T00:00:00Z"), ("overdue", "true")):
            yield f"queue by {sort}, {name}={value}", "GET", f"{queue}&sort={sort}&{name}={ask(value)}", None
    yield "queue, several filters", "GET", f"{queue}&desk=cyber&priority=high&method=job_task&unit=03130", None
    yield "queue, collapsed", "GET", f"{queue}&collapse=true", None
    yield "search, rare phrase", "GET", f"{queue}&sort=received&q=" + ask('"phần hiếm"'), None
    yield "summary", "GET", "/v1/triage/summary", None
    yield "tips of a case", "GET", f"/v1/tips?case_id={lab.sql('select case_id from tip_states where case_id is not null limit 1')[0]}", None
    yield "tip", "GET", f"/v1/tips/{tip}", None
    yield "related", "GET", f"/v1/tips/{tip}/related", None
    yield "suggestions", "GET", "/v1/cases/suggestions", None
    yield "claim", "POST", "/v1/triage/claims", {"max": 20}
    yield "claim of a desk", "POST", "/v1/triage/claims", {"max": 20, "desk": "economic"}
    yield "claim by level and method", "POST", "/v1/triage/claims", {"max": 20, "filter": {"priority": "high", "method": "job_task"}}
    flood = lab.sql(f"select flood_id from tip_states where tip_id = '{tip}'")[0]
    for name, wish in (("an indicator", {"indicator": "0900000777"}), ("a text", {"flood": flood}),
                       ("a client", {"client_id": "bench", "received_from": "2026-01-01T00:00:00Z"})):
        yield f"dismissal of {name}, dry run", "POST", "/v1/triage/dismissals", wish | {"reason": "spam", "dry_run": True}
    yield "dismissal of an indicator", "POST", "/v1/triage/dismissals", {"indicator": "0900000777", "reason": "spam"}


def request(lab, method, path, body):
    headers = {"Authorization": f"Bearer {lab.officer}", "Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
    data = None if body is None else json.dumps(body).encode()
    wish = urllib.request.Request(f"http://{BIND}{path}", data, headers, method=method)
    try:
        with urllib.request.urlopen(wish) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        raise SystemExit(f"{method} {path}: {error.code} {error.read().decode()}") from error


def nodes(plan):
    yield plan
    for inner in plan.get("Plans", []):
        yield from nodes(inner)


class Plans:
    """The plans of one request."""

    # Written with every request, or by the background meanwhile.
    ASIDE = re.compile(r"journal|idempotency|pg_|clients|revocations|reprioritise_at <=|unclaimed_told_at|remind_at|announce_at|webhook|"
                       r"expires_at <= now|indicator_public|delete from open_tip|indicator_verdicts where|settings", re.I)

    def __init__(self, text):
        self.all = []
        for found in re.finditer(r"duration: ([0-9.]+) ms  plan:\n\t(\{.*?\n\t\})\n", text, re.S):
            plan = json.loads(found[2].replace("\n\t", "\n"))
            if not self.ASIDE.search(plan["Query Text"]):
                self.all.append(plan | {"ms": float(found[1])})

    def ms(self):
        return sum(plan["ms"] for plan in self.all)

    def buffers(self):
        return sum(plan["Plan"].get("Shared Hit Blocks", 0) + plan["Plan"].get("Shared Read Blocks", 0) for plan in self.all)

    def main(self):
        """The statement that finds the tips, not those that load what is shown of them."""
        finding = [plan for plan in self.all if re.search(r"tip_states|open_tip_counts", plan["Query Text"])] or self.all
        return max(finding, key=lambda plan: plan["Plan"].get("Shared Hit Blocks", 0) + plan["Plan"].get("Shared Read Blocks", 0))

    def scans(self):
        """Relations and indexes of the statement that finds the tips, in the order of the plan."""
        out = []
        for node in nodes(self.main()["Plan"]):
            name = node.get("Index Name") or node.get("Relation Name")
            if name and ("Scan" in node["Node Type"] or node["Node Type"] == "Tid Scan"):
                short = {"Index Scan": "", "Index Only Scan": " (only)", "Bitmap Index Scan": " (bitmap)", "Seq Scan": " (seq)"}
                kind = short.get(node["Node Type"])
                if kind is not None and name + kind not in out:
                    out.append(name + kind)
        return ", ".join(out)

    def outline(self):
        """The plan of that statement, a line a node: rows it gave and buffers it read with all beneath it."""
        def lines(node, depth):
            name = node.get("Index Name") or node.get("Relation Name") or node.get("CTE Name") or ""
            buffers = node.get("Shared Hit Blocks", 0) + node.get("Shared Read Blocks", 0)
            label = f"{'  ' * depth}{node['Node Type']} {name}".rstrip()
            yield f"{label:<58}{node['Actual Rows'] * node['Actual Loops']:>8,}{buffers:>9,}"
            for inner in node.get("Plans", []):
                yield from lines(inner, depth + 1)
        return "\n".join(lines(self.main()["Plan"], 0))

    def passed_over(self):
        """Rows that a scan read and threw away."""
        return sum(node.get("Rows Removed by Filter", 0) * node.get("Actual Loops", 1)
                   for plan in self.all for node in nodes(plan["Plan"]))

    def sorted_rows(self):
        return max((node.get("Plans", [{}])[0].get("Actual Rows", 0) for plan in self.all for node in nodes(plan["Plan"])
                    if node["Node Type"] == "Sort"), default=0)


def measure(lab, full):
    found = {}
    for name, method, path, body in list(questions(lab)):
        for _ in range(2):  # the second time everything is in memory
            lab.sql("select pg_stat_force_next_flush()")
            before = os.path.getsize(lab.postgres_log)
            request(lab, method, path, body)
        with open(lab.postgres_log, encoding="utf-8") as log:
            log.seek(before)
            plans = Plans(log.read())
        if not plans.all:
            raise SystemExit(f"no plan was logged for {name}")
        found[name] = plans
        if full and re.search(full, name):
            print(f"== {name}", json.dumps(plans.main(), indent=1, ensure_ascii=False), sep="\n")
    return found


def main():
    full = sys.argv[1] if len(sys.argv) > 1 else None
    sizes = [int(size) for size in os.environ["SIZES"].split(",")] if "SIZES" in os.environ else SIZES
    by_size = {}
    lab = Lab(os.environ["TINBAO"], os.environ["PGBENCH"], os.environ.get("LAB"))
    try:
        lab.officer = lab.token("tips:read tips:triage cases:read", "plans")
        for size in sizes:
            if lab.sql("select count(*) from tips") != [str(size)]:
                say(f"{size:,} tips are stored")
                lab.sql("alter database tinbao reset all")
                lab.sql(file="seed/tips.sql", tips=size)
                lab.sql(file="seed/mixed.sql", tips=size)
            lab.explain()
            by_size[size] = measure(lab, full)
    finally:
        lab.close()
    few, many = by_size[sizes[0]], by_size[sizes[-1]]
    print(f"| request | buffers at {sizes[0]:,} | at {sizes[-1]:,} | ms | rows passed over | sorted | read by | flat |")
    print("|---|---|---|---|---|---|---|---|")
    for name, plans in many.items():
        flat = plans.buffers() <= REACH * max(few[name].buffers(), PAGE)
        print(f"| {name} | {few[name].buffers():,} | {plans.buffers():,} | {plans.ms():.1f} | {plans.passed_over():,} "
              f"| {plans.sorted_rows():,} | {plans.scans()} | {'yes' if flat else '**no**'} |")
    for name in SHOWN:
        for size in (sizes[0], sizes[-1]):
            heading = f"{name}, {size:,} tips"
            print(f"\n{heading:<58}{'rows':>8}{'buffers':>9}", by_size[size][name].outline(), sep="\n")


if __name__ == "__main__":
    main()

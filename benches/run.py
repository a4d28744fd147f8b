#!/usr/bin/env python3
"""Runs the rows of the table of docs/scaling.md on a private Postgres, prints it and writes RESULTS.md.

Called by script/bench. Yardstick and work alternate round by round; medians are compared.
"""

import datetime
import os
import random
import subprocess
import sys
import time

import reads
from lab import BIND, HERE, Lab, Rows, say

ROUNDS = {"quick": 3, "full": 5}
SECONDS = {"quick": 3, "full": 10}
SIZES = {"quick": (10_000, 100_000), "full": (100_000, 1_000_000)}
INDICATORS = {"quick": 200_000, "full": 2_000_000}


class Table:
    """The rows as they are printed."""

    def __init__(self):
        self.rows = []

    def add(self, work, measured, yardstick, value, reach, met):
        """`met` is None where the row has no reach, and "unclear" where its rounds lie on both sides of it."""
        mark = {None: "", True: "yes", False: "**no**"}.get(met, met)
        self.rows.append(f"| {work} | {measured} | {yardstick} | {value} | {reach} | {mark} |")
        say(f"{work}: {value}  (reach {reach or '–'})")

    def text(self):
        head = "| work | measured | yardstick | result | reach | met |\n|---|---|---|---|---|---|\n"
        return head + "\n".join(self.rows)


def intake(lab, table, rounds, seconds):
    """The rows of POST /v1/tips."""
    rows, errors = Rows(), 0

    # The background work on the tips of one measurement would slow the next.
    def yardstick(script, clients):
        lab.rest()
        return lab.pgbench(script, clients, seconds)

    def work(connections, hot):
        lab.rest()
        return lab.load(connections, seconds, "post_tips.lua", HOT=hot)

    lab.load(32, 2, "post_tips.lua", HOT=0)
    lab.pgbench("one_statement.sql", 8, 2)
    lab.forget_peak()
    for _ in range(rounds):
        for clients in (1, 8):
            rows.add(f"pgbench {clients}", yardstick("one_statement.sql", clients))
            result = work(clients, hot=0)
            rows.add(f"tips {clients}", result[0])
            rows.add(f"p50 {clients}", result[1])
        rows.add("pgbench 32", yardstick("one_statement.sql", 32))
        rate, p50, p99, failed = work(128, hot=0)
        rows.add("tips 128", rate)
        rows.add("p50 128", p50)
        rows.add("p99 128", p99)
        errors += failed
        rows.add("pgbench hot", yardstick("one_statement_hot.sql", 32))
        rows.add("hot 128", work(128, hot=1)[0])
    peak = lab.memory("VmHWM")
    best = max(("pgbench 1", "pgbench 8", "pgbench 32"), key=rows.median)

    def ratio(work, name, base, reach):
        value = rows.ratio(name, base)
        table.add(work, f"{rows.spread(name)} tips/s", f"{rows.spread(base)} tips/s, {base} clients".replace("hot clients", "32 clients, one counter"),
                  value, f"≥ {reach}", value.at_least(reach))

    ratio(f"intake, 128 connections (p50 {rows.median('p50 128'):.1f} ms, p99 {rows.median('p99 128'):.1f} ms, {errors:.0f} errors)",
          "tips 128", best, 1.5)
    ratio("intake, one viral indicator, 128 connections", "hot 128", "pgbench hot", 8)
    for clients in (1, 8):
        ratio(f"intake, {clients} connection{'s' * (clients > 1)} (p50 {rows.median(f'p50 {clients}'):.2f} ms)",
              f"tips {clients}", f"pgbench {clients}", 0.7)
    table.add("resident memory under 128 connections", f"{peak:.0f} MiB at most", "", f"{peak:.0f} MiB", "≤ 48 MiB", peak <= 48)
    return rows.median("tips 128")


def checks(lab, table, rounds, seconds, count):
    """The rows of the public check against an endpoint that does nothing."""
    before = lab.memory()
    lab.sql(file="seed/checks.sql", indicators=count)
    probe = lab.file("probe", [lab.token("check:read")])
    known = f"/v1/check?value=%2B84{300000000 + count}&kind=phone"
    begun = time.time()
    while True:
        seen = subprocess.run(["curl", "-s", "-H", f"Authorization: Bearer {open(probe).read().strip()}",
                               f"http://{BIND}{known}"], capture_output=True, text=True).stdout
        if '"reported"' in seen or time.time() - begun > 60:
            break
        time.sleep(0.1)
    loaded = time.time() - begun
    # What memory the allocator gave back meanwhile is none of the index.
    grown = max(0, (lab.memory() - before) * 1024 * 1024 / count)
    paths = {
        "nothing": ["/v1/check/nothing"],
        "check": [f"/v1/check?value=%2B84{300000000 + random.randrange(1, 2 * count)}&kind=phone" for _ in range(5_000)],
        "hashes": [f"/v1/check/hashes/{random.randrange(1 << 20):05x}" for _ in range(5_000)],
    }
    rows = Rows()
    for _ in range(rounds):
        for name, all_paths in paths.items():
            rows.add(name, lab.load(64, seconds, PATHS=lab.file(name, all_paths), TOKENS=probe)[0])
    for name, path in (("check", "GET /v1/check"), ("hashes", "GET /v1/check/hashes/{prefix}")):
        value = rows.ratio(name, "nothing")
        table.add(f"{path}, {count:,} indicators, 64 connections", f"{rows.spread(name)} /s", f"{rows.spread('nothing')} /s, an empty handler",
                  value, "≥ 0.85", value.at_least(0.85))
    table.add(f"check index, {count:,} indicators (loaded in {loaded:.1f} s)", f"{grown:.0f} bytes an indicator", "",
              f"{grown:.0f} B", "≤ 16 B", grown <= 16)


def alongside(lab, table, seconds):
    """What an intake takes alone, and while exports, searches and claims run."""
    submit = {"script": "post_tips.lua", "HOT": 0, "PAUSE_MS": 80}
    lab.rest()
    rows = Rows()
    rows.add_latency("alone", [lab.load(4, seconds, **submit) for _ in range(3)])
    export = lab.token("exchange:read")
    search = lab.file("searchers", [lab.token("tips:read", f"s{n}") for n in range(5)])
    claim = lab.file("claimers", [lab.token("tips:read tips:triage", f"c{n}") for n in range(40)])
    fetch = f"while true; do curl -sf -o /dev/null -H 'Authorization: Bearer {export}' http://{BIND}/v1/exports/tips.ndjson; done"
    exports = [subprocess.Popen(["bash", "-c", fetch], start_new_session=True) for _ in range(4)]
    try:
        words = lab.file("words", [reads.queue_search(words) for words in reads.SEARCHES.values()])
        others = [
            lab.load(5, seconds * 3 + 2, wait=False, PATHS=words, TOKENS=search, PAUSE_MS=100),
            lab.load(2, seconds * 3 + 2, wait=False, PATHS=lab.file("claims", ["/v1/triage/claims"]), TOKENS=claim, METHOD="POST",
                     BODY='{"max": 1}', PAUSE_MS=100),
        ]
        time.sleep(1)
        busy = rows.add_latency("busy", [lab.load(4, seconds, **submit) for _ in range(3)])
        rates = [lab.result(other) for other in others]
    finally:
        for export in exports:
            os.killpg(export.pid, 15)
    value = rows.ratio("busy p50", "alone p50")
    table.add("intake while 4 exports, 50 searches/s and 20 claims/s run"
              f" (searches {rates[0][0]:.0f}/s, claims {rates[1][0]:.0f}/s, {rates[0][3] + rates[1][3]:.0f} refused, {busy:.0f} tips refused)",
              rows.latency("busy"), f"{rows.latency('alone')}, alone", value, "≤ 2.0", value.at_most(2.0))


def exports(lab, table, rounds, tips):
    """Exports against psql's copy of the same columns and format."""
    with open(f"{HERE}/export/tips.sql", encoding="utf-8") as file:
        whole = " ".join(line.strip() for line in file if not line.startswith("--"))
    token = lab.token("exchange:read")
    psql = ["psql", "-q", "-X", "-h", lab.socket, "-p", "54320", "-U", "tinbao", "tinbao", "-c"]
    fetch = ["curl", "-fs", "-H", f"Authorization: Bearer {token}", f"http://{BIND}/v1/exports/tips."]
    head = subprocess.run(fetch[:-1] + [fetch[-1] + "csv"], stdout=subprocess.PIPE, check=True).stdout.split(b"\n")[0].rstrip(b"\r")
    theirs = subprocess.run(psql + [f"\\copy ({whole} limit 1) to stdout csv header"], capture_output=True, check=True).stdout
    # The yardstick is one only while it reads the same columns.
    if head.removeprefix(b"\xef\xbb\xbf").removesuffix(b",cursor") != theirs.split(b"\n")[0]:
        raise SystemExit("benches/export/tips.sql reads other columns than the export")
    # COPY's text format would double the backslashes of JSON.
    commands = {
        "psql csv": psql + [f"\\copy ({whole}) to stdout csv header"],
        "csv": fetch[:-1] + [fetch[-1] + "csv"],
        "psql ndjson": psql + [f"\\copy (select row_to_json(x) from ({whole}) x) to stdout csv quote E'\\x01' delimiter E'\\x02'"],
        "ndjson": fetch[:-1] + [fetch[-1] + "ndjson"],
    }
    rows = Rows()
    lab.forget_peak()
    for _ in range(rounds):
        for name, command in commands.items():
            begun = time.time()
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
            rows.add(name, tips / (time.time() - begun))
    peak = lab.memory("VmHWM")
    for name in ("csv", "ndjson"):
        value = rows.ratio(name, f"psql {name}")
        table.add(f"export of {tips:,} tips as {name.upper()} ({peak:.0f} MiB at most)", f"{rows.spread(name)} rows/s",
                  f"{rows.spread(f'psql {name}')} rows/s, psql \\copy", value, "≥ 1.0", value.at_least(1.0))


def checks_alone():
    """Only the rows of the public check, at the size that is asked for; prints them."""
    table, lab = Table(), Lab(os.environ["TINBAO"], os.environ["PGBENCH"])
    try:
        lab.sql(file="seed/tips.sql", tips=1_000)
        lab.rest()
        checks(lab, table, ROUNDS["full"], SECONDS["quick"], INDICATORS["full"])
    finally:
        lab.close()
    print(table.text())


def measured(lab, sizes, seconds):
    """The rows of reads and claims at each size; the last size stays stored."""
    points = {}
    for tips in sizes:
        say(f"seeding {tips:,} tips")
        lab.sql(file="seed/tips.sql", tips=tips)
        lab.rest()
        points[tips] = reads.points(lab, seconds)
    return points


def reads_alone(sizes):
    """Only reads, claims and searches, at the full sizes; prints them."""
    table, lab = Table(), Lab(os.environ["TINBAO"], os.environ["PGBENCH"])
    try:
        reads.compare(table, measured(lab, sizes, SECONDS["full"]), sizes)
        reads.searches(lab, table, SECONDS["full"])
    finally:
        lab.close()
    print(table.text())


def main():
    if "--checks" in sys.argv:
        return checks_alone()
    mode = "quick" if "--quick" in sys.argv else "full"
    rounds, seconds, sizes = ROUNDS[mode], SECONDS[mode], SIZES[mode]
    if "--tips" in sys.argv:
        sizes = (sizes[0], int(sys.argv[sys.argv.index("--tips") + 1]))
    if "--reads" in sys.argv:
        return reads_alone(sizes)
    # Of what does not write, two seconds tell as much as three.
    reading = 2 if mode == "quick" else seconds
    begun, table = time.time(), Table()
    loads = [f"{os.getloadavg()[0]:.1f}"]
    lab = Lab(os.environ["TINBAO"], os.environ["PGBENCH"])
    try:
        say("intake")
        empty = intake(lab, table, rounds, seconds)
        loads.append(f"{os.getloadavg()[0]:.1f}")
        points = measured(lab, sizes, max(1, seconds // 3) if mode == "quick" else seconds)
        reads.compare(table, points, sizes)
        reads.searches(lab, table, reading)
        say("exports")
        exports(lab, table, rounds if mode == "full" else 2, sizes[1])
        say("side by side")
        alongside(lab, table, seconds)
        lab.rest()
        filled = lab.load(128, seconds * 2, "post_tips.lua", HOT=0)[0]
        value = filled / empty
        table.add(f"intake rate with {sizes[1]:,} tips stored", f"{filled:.0f} tips/s", f"{empty:.0f} tips/s, with none", f"{value:.2f} ×", "≥ 0.8", value >= 0.8)
        say("checks")
        lab.sql(file="seed/tips.sql", tips=1_000)
        lab.rest()
        checks(lab, table, rounds, reading, INDICATORS[mode])
        loads.append(f"{os.getloadavg()[0]:.1f}")
    finally:
        lab.close()
    today = datetime.datetime.now(datetime.timezone.utc)
    scale = "" if mode == "full" else (f" Smaller than what is asked: {sizes[0]:,} against {sizes[1]:,} tips for 100 thousand against 10 million,"
                                       f" {INDICATORS[mode]:,} indicators for 2 million, {rounds} rounds for 5.")
    if mode == "full":
        scale = f" {sizes[0]:,} against {sizes[1]:,} tips stand for 100 thousand against 10 million (--tips 10000000, with 60 GB free)."
    head = (f"script/bench{' --quick' if mode == 'quick' else ''}, {today:%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, load average at start, after intake"
            f" and at the end {', '.join(loads)}; the generators run on the same cores. {time.time() - begun:.0f} s.{scale}")
    print(f"{head}\n\n{table.text()}")
    notes = f"{HERE}/NOTES.md"
    with open(f"{HERE}/RESULTS.md", "w", encoding="utf-8") as out:
        out.write(f"# What `script/bench` measured last\n\n{head}\n\n{table.text()}\n")
        if os.path.exists(notes):
            out.write("\n" + open(notes, encoding="utf-8").read())


main()

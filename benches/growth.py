#!/usr/bin/env python3
"""How tables grow with the tips: `tinbao demo` through the real intake, then rows and bytes a tip.

TINBAO=target/release/tinbao PGBENCH=pgbench benches/growth.py [TIPS…]
"""

import os
import subprocess
import sys

from lab import Lab, say

GROUPS = {
    "the tip: text, state, submission, receipt, number": ("tips", "tip_states", "submissions", "receipts", "register", "reporter_identities", "reporter_blind_indexes"),
    "correlation: indicators and edges": ("indicators", "tip_indicators"),
    "correlation: figures and reporters": ("indicator_figures", "indicator_reporters", "indicator_public"),
    "correlation: signatures of texts": ("tip_texts",),
    "search documents": ("tip_search",),
    "journal": ("journal", "journal_checkpoints"),
}


def measure(lab):
    tips = int(lab.sql("select count(*) from tips")[0])
    rows = []
    for name, tables in GROUPS.items():
        count = sum(int(lab.sql(f"select count(*) from {table}")[0]) for table in tables)
        size = sum(int(lab.sql(f"select pg_total_relation_size('{table}')")[0]) for table in tables)
        rows.append((name, count / tips, size / tips))
    hottest = lab.sql("select count(*) from tip_indicators where indicator_key is not null group by indicator_key order by 1 desc limit 1")
    return tips, rows, int(hottest[0])


def main():
    sizes = [int(size) for size in sys.argv[1:]] or [10_000, 100_000]
    lab = Lab(os.environ["TINBAO"], os.environ.get("PGBENCH", "pgbench"))
    measured = []
    try:
        have = 0
        for size in sizes:
            say(f"{size:,} tips")
            subprocess.run([lab.tinbao, "demo", "--tips", str(size - have)], env=lab.env, check=True, stdout=subprocess.DEVNULL)
            have = size
            lab.rest(600)
            measured.append(measure(lab))
    finally:
        lab.close()
    print("| a tip | " + " | ".join(f"{tips:,} tips: rows | bytes" for tips, _, _ in measured) + " |")
    print("|---|" + "---|---|" * len(measured))
    for number, (name, _, _) in enumerate(measured[0][1]):
        cells = " | ".join(f"{rows[number][1]:.2f} | {rows[number][2]:,.0f}" for _, rows, _ in measured)
        print(f"| {name} | {cells} |")
    print("| the most tips that one indicator is in | " + " | ".join(f"{hottest:,} |" for _, _, hottest in measured) + " |")


main()

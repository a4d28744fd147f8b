"""Reads and claims: p99 at two sizes, and searches by how much they find."""

from urllib.parse import quote

from lab import Rows

# What benches/seed/tips.sql puts into the narratives.
SEARCHES = {
    "one narrative, a word": "12345",
    "1 of 5,000, a phrase": '"phần hiếm"',
    "1 %, a phrase": '"phần một"',
    "2 %, a phrase": '"phần hai"',
    "5 %, a phrase": '"phần năm"',
    "10 %, a phrase": '"phần mười"',
    "5 %, typed without accents": "phan nam",
    "all, a phrase": '"cong an"',
}


# Of each read and of claims, at each size.
ROUNDS = 3


def queue_search(words):
    return f"/v1/triage/queue?sort=received&limit=20&q={quote(words)}"


def points(lab, seconds):
    """p99 of each kind of read, and of claims, at the size that is stored."""
    readers = lab.file("readers", [lab.token("tips:read cases:read indicators:read", f"r{n}") for n in range(5)])
    claimers = lab.file("claimers", [lab.token("tips:read tips:triage", f"c{n}") for n in range(40)])
    some = {
        "queue page": ["/v1/triage/queue", "/v1/triage/queue?sort=due", "/v1/triage/queue?desk=cyber"],
        "tip view": [f"/v1/tips/{id}" for id in lab.sql("select id from tips tablesample bernoulli (10) limit 2000")],
        "indicator view": [f"/v1/indicators/{id}" for id in lab.sql(
            "select id from indicators where key in (select indicator_key from tip_indicators limit 20000) limit 2000")],
        "case view": [f"/v1/cases/{id}" for id in lab.sql("select id from cases limit 2000")],
    }
    rows = Rows()
    for name, paths in some.items():
        lab.load(2, 1, PATHS=lab.file("paths", paths), TOKENS=readers)
        rows.add_latency(name, [lab.load(4, seconds, PATHS=lab.file("paths", paths), TOKENS=readers) for _ in range(ROUNDS)])
    # Slow enough that ten thousand waiting tips are not used up, long enough that a p99 is more than a few claims.
    claims = {"PATHS": lab.file("paths", ["/v1/triage/claims"]), "TOKENS": claimers, "METHOD": "POST", "BODY": '{"max": 1}', "PAUSE_MS": 5}
    rows.add_latency("triage claim", [lab.load(2, max(seconds, 3), **claims) for _ in range(ROUNDS)])
    return rows


def compare(table, points, sizes):
    small, large = (points[size] for size in sizes)
    for name, reach in (("triage claim", 1.3), ("queue page", 1.5), ("tip view", 1.5), ("indicator view", 1.5), ("case view", 1.5)):
        both = Rows()
        both.figures = {"large": large.figures[f"{name} p99"], "small": small.figures[f"{name} p99"]}
        value = both.ratio("large", "small")
        errors = sum(large.figures[f"{name} failed"]) + sum(small.figures[f"{name} failed"])
        table.add(f"{name}, {sizes[1]:,} tips" + (f" ({errors:.0f} errors)" if errors else ""), large.latency(name), f"{small.latency(name)} at {sizes[0]:,}", value, f"≤ {reach}", value.at_most(reach))


def searches(lab, table, seconds):
    readers = lab.file("readers", [lab.token("tips:read", f"r{n}") for n in range(5)])
    rows = Rows()
    for name, words in SEARCHES.items():
        result = lab.load(2, seconds, PATHS=lab.file("paths", [queue_search(words)]), TOKENS=readers)
        rows.add(name, result[1])
        table.add(f"search, {name}", f"p50 {result[1]:.1f}, p99 {result[2]:.1f} ms", "", f"{result[2]:.0f} ms", "50 ms", result[2] <= 50)
    value = rows.median("2 %, a phrase") / rows.median("1 of 5,000, a phrase")
    table.add("search, a phrase in 2 % against a rare one, p50", "", "", f"{value:.1f} ×", "≤ 20", value <= 20)

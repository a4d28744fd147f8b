#!/usr/bin/env python3
"""Kills Postgres and the server with -9 under full load, again and again, and looks for what was promised.

Two `tinbao serve` share one Postgres, as in production: owner and service apart, flushing on. Clients send tips
with keys, also in batches, and send again what failed, to whichever replica. No acknowledged tip may be missing,
no key may have made two, each receipt must open, the journal must be intact and the register without a gap.

script/bench --crash, or: TINBAO=target/debug/tinbao POSTGRES_BIN=… benches/crash.py [--kills 15] [--clients 64]
"""

import argparse
import collections
import http.client
import json
import multiprocessing
import os
import pwd
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import crash_load
from lab import LIMITS, say

PORTS = (18090, 18091)
# A client process's threads share one core.
PROCESSES = 4
KILLS = ("postgres", "one backend", "one server", "both servers", "everything")


class Site:
    """A Postgres cluster and two servers, each a process that may die alone."""

    def __init__(self, tinbao, bin_dir, unsafe):
        self.tinbao, self.bin, self.unsafe = tinbao, bin_dir, unsafe
        self.dir = tempfile.mkdtemp(prefix="tinbao-crash.", dir="/tmp")
        os.chmod(self.dir, 0o755)
        # PostgreSQL refuses to run as root.
        owner = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        self.as_owner = {"user": owner, "group": pwd.getpwnam(owner).pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
        self.data = f"{self.dir}/pg"
        os.mkdir(self.data)
        shutil.chown(self.data, owner)
        subprocess.run([f"{bin_dir}/initdb", "-D", f"{self.data}/data", "-U", "owner", "-A", "trust", "-E", "UTF8",
                        "--locale=C.UTF-8", "--data-checksums"], check=True, capture_output=True, cwd="/", **self.as_owner)
        self.env = dict(os.environ, TINBAO_DATA_DIR=self.dir, TINBAO_METRICS_BIND="off", TINBAO_LOG="error", TINBAO_LIMITS=LIMITS)
        self.log = open(f"{self.dir}/log", "ab")
        self.servers = [None] * len(PORTS)
        self.start_postgres()
        self.psql("create database tinbao", database="postgres")
        self.run("migrate", DATABASE_URL=self.url("owner"))
        self.psql("create role web login in role tinbao_service")
        self.env["DATABASE_URL"] = self.url("web")
        self.run("keys", "new", f"{self.dir}/keys")
        for server in range(len(PORTS)):
            self.start_server(server)

    def url(self, role):
        return f"postgres://{role}@{quote(self.data, safe='')}:5432/tinbao"

    def run(self, *arguments, **env):
        done = subprocess.run([self.tinbao, *arguments], env=dict(self.env, **env), capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"tinbao {arguments[0]}: {done.stdout}{done.stderr}")
        return done.stdout.strip()

    def token(self, scope):
        return self.run("token", "--sub", "crash", "--ttl", "12h", "--scope", scope)

    def psql(self, query, database="tinbao"):
        done = subprocess.run(["psql", "-q", "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", self.data, "-U", "owner", "-c", query, database],
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(done.stderr)
        return done.stdout.split("\n")[:-1]

    def start_postgres(self):
        # A group of its own, so that all its processes can be killed at once.
        self.postgres = subprocess.Popen(
            [f"{self.bin}/postgres", "-D", f"{self.data}/data", "-k", self.data, "-c", "listen_addresses=", "-c", "max_connections=60",
             "-c", f"synchronous_commit={'off' if self.unsafe else 'on'}"],
            stdout=self.log, stderr=self.log, cwd="/", start_new_session=True, **self.as_owner)
        self.wait_for(lambda: subprocess.run([f"{self.bin}/pg_isready", "-q", "-h", self.data]).returncode == 0, "Postgres does not start")

    def start_server(self, server):
        env = dict(self.env, TINBAO_BIND=f"127.0.0.1:{PORTS[server]}")
        self.servers[server] = subprocess.Popen([self.tinbao, "serve"], env=env, stdout=self.log, stderr=self.log)

    def wait_for(self, holds, otherwise, seconds=120):
        end = time.time() + seconds
        while not holds():
            if time.time() > end:
                raise SystemExit(f"{otherwise}; see {self.dir}/log")
            time.sleep(0.05)

    def kill_server(self, server):
        self.servers[server].kill()
        self.servers[server].wait()

    def kill_postgres(self):
        os.killpg(self.postgres.pid, signal.SIGKILL)
        self.postgres.wait()

    def kill_backend(self):
        """One of the processes that work for a server: Postgres then ends all others and recovers."""
        workers = self.psql("select pid from pg_stat_activity where usename = 'web' and state = 'active'") \
            or self.psql("select pid from pg_stat_activity where usename = 'web'")
        os.kill(int(random.choice(workers)), signal.SIGKILL)

    def crash(self, kind):
        """Kills, leaves it dead for a moment, starts again what does not start by itself."""
        servers = {"one server": [random.randrange(len(PORTS))], "both servers": range(len(PORTS)), "everything": range(len(PORTS))}.get(kind, [])
        if kind == "one backend":
            self.kill_backend()
        for server in servers:
            self.kill_server(server)
        if kind in ("postgres", "everything"):
            self.kill_postgres()
            time.sleep(random.uniform(0, 1))
            self.start_postgres()
        for server in servers:
            self.start_server(server)

    def stop(self):
        for server in filter(None, self.servers):
            server.terminate()
            server.wait(60)
        self.postgres.send_signal(signal.SIGINT)
        self.postgres.wait(60)


def opens(receipt):
    """Whether the receipt is answered."""
    connection = http.client.HTTPConnection("127.0.0.1", random.choice(PORTS), timeout=30)
    connection.request("GET", "/v1/receipt", headers={"Tip-Receipt": receipt})
    answer = connection.getresponse()
    status = json.loads(answer.read()).get("status")
    connection.close()
    return answer.status == 200 and status == "received"


def verify(site, promises, broken):
    """What was lost, doubled or damaged, as lines."""
    caught_up = ["select not exists (select from journal_pending)", "select (select count(*) from register) = (select count(*) from tips)",
                 "select (select min(position) from journal_consumers) = (select max(position) from journal)"]
    site.wait_for(lambda: all(site.psql(query) == ["t"] for query in caught_up), "the background work does not catch up")
    wrong = list(broken)
    stored = dict(row.split("|") for row in site.psql("select id, narrative from tips"))
    wrong += [f"acknowledged, and missing: {tip}" for key, tip, _ in promises if stored.get(tip) != crash_load.narrative(key)]
    wrong += [f"two tips of one key: {row}" for row in site.psql("select narrative from tips group by 1 having count(*) > 1")]
    wrong += [f"one key was promised two tips: {key}" for key, tips in by_key(promises).items() if len(tips) > 1]
    with ThreadPoolExecutor(16) as pool:
        receipts = [receipt for _, _, receipt in promises]
        wrong += [f"a receipt does not open (tip {promises[n][1]})" for n, fine in enumerate(pool.map(opens, receipts)) if not fine]
    for what, query in {
        "numbers are missing from the register": "select year from register group by 1 having min(seq) <> 1 or max(seq) <> count(*)",
        "a tip has no number, or two": "select t.id from tips t left join register r on r.tip_id = t.id group by 1 having count(r.seq) <> 1",
        "the register is not in the order of the journal":
            "select seq from (select r.year, r.seq, lag(r.seq) over (partition by r.year order by j.position) as before from register r"
            " join journal j on j.subject_id = r.tip_id and j.type = 'tip.received') x where before > seq",
        "a tip was not received once": "select t.id from tips t left join journal j on j.subject_id = t.id and j.type = 'tip.received' group by 1 having count(j.id) <> 1",
        "an event is of no tip": "select j.subject_id from journal j left join tips t on t.id = j.subject_id where j.type = 'tip.received' and t.id is null",
        "a tip is not searched for": "select t.id from tips t left join tip_search s on s.tip_id = t.id where s.tip_id is null",
        "an indicator was not counted once a tip":
            "select encode(key, 'hex') from (select indicator_key as key, count(distinct tip_id) as named from tip_indicators where indicator_key is not null group by 1) n"
            " left join indicator_figures f using (key) where f.tips is distinct from n.named",
        "a tip lacks its state": "select t.id from tips t left join tip_states s on s.tip_id = t.id where s.tip_id is null",
    }.items():
        wrong += [f"{what}: {row}" for row in site.psql(query)]
    verdict = subprocess.run([site.tinbao, "audit", "verify"], env=site.env, capture_output=True, text=True)
    say(verdict.stdout.strip())
    if verdict.returncode != 0:
        wrong.append(f"tinbao audit verify: {verdict.stdout}{verdict.stderr}")
    return wrong, len(stored)


def by_key(promises):
    tips = {}
    for key, tip, _ in promises:
        tips.setdefault(key, set()).add(tip)
    return tips


def under_load(site, kills, number):
    """Kills so often under the load of so many clients; what they were promised, and what broke a promise at once."""
    stop, acknowledged, results = multiprocessing.Event(), multiprocessing.Value("i", 0), multiprocessing.Queue()
    load = [multiprocessing.Process(target=crash_load.clients, daemon=True,
                                    args=(number // PROCESSES, PORTS, site.token("tips:submit"), stop, acknowledged, results))
            for _ in range(PROCESSES)]
    for process in load:
        process.start()
    away = []
    for kill in range(kills):
        seen = acknowledged.value
        site.wait_for(lambda: acknowledged.value >= seen + 5 * number, "no load comes through")
        time.sleep(random.uniform(0.5, 3))
        kind = KILLS[kill % len(KILLS)]
        killed = time.time()
        site.crash(kind)
        seen = acknowledged.value
        site.wait_for(lambda: acknowledged.value > seen, "nothing is received any more")
        away.append(time.time() - killed)
        say(f"{kill + 1:2}. killed {kind} after {seen:,} acknowledged tips; the next one after {away[-1]:.1f} s")
    time.sleep(2)
    stop.set()
    promises, met, broken = [], collections.Counter(), []
    for told, statuses, wrong in (results.get(timeout=120) for _ in load):
        promises += told
        broken += wrong
        met.update(statuses)
    say("answers: " + ", ".join(f"{status} × {count}" for status, count in sorted(met.items(), key=str)))
    return promises, broken, away


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("--kills", type=int, default=15, help="how many; the kinds take turns")
    options.add_argument("--clients", type=int, default=64)
    options.add_argument("--unsafe", action="store_true", help="let Postgres answer before it has written: shows that a loss is found")
    wish = options.parse_args()
    site = Site(os.environ["TINBAO"], os.environ["POSTGRES_BIN"], wish.unsafe)
    try:
        begun = time.time()
        promises, broken, away = under_load(site, wish.kills, wish.clients)
        took = time.time() - begun
        wrong, stored = verify(site, promises, broken)
    finally:
        site.stop()
    for line in wrong[:50]:
        print(line)
    print(f"{wish.kills} kills with -9 in {took:.0f} s under {wish.clients} clients: {len(promises):,} tips acknowledged, {stored:,} stored,"
          f" receiving again after {statistics.median(away):.1f} s (at most {max(away):.1f} s); {len(wrong)} lost, doubled or damaged.")
    if wrong:
        # It stays, for whoever wants to know why.
        print(f"The database lies in {site.data}.")
        sys.exit(1)
    shutil.rmtree(site.dir, ignore_errors=True)


if __name__ == "__main__":
    main()

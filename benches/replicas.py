#!/usr/bin/env python3
"""Three `tinbao serve` on one Postgres, as behind a proxy that spreads requests: what must hold across them.

TINBAO=target/release/tinbao benches/replicas.py
"""

import http.client
import json
import os
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

from lab import Lab, say

PORTS = (18080, 18081, 18082)


def call(port, method, path, token, body=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    headers["Authorization"] = f"Bearer {token}"
    if body is not None:
        headers["Content-Type"] = "application/json"
    connection.request(method, path, None if body is None else json.dumps(body), headers)
    answer = connection.getresponse()
    text = answer.read()
    replayed = answer.getheader("Idempotency-Replayed") == "true"
    return answer.status, json.loads(text) if text else None, replayed


def events(port, token, after, wanted):
    """Ids of tips that come as live events after a position, and the last position."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", "/v1/triage/events", headers={"Authorization": f"Bearer {token}", "Last-Event-ID": str(after)})
    answer, tips, last = connection.getresponse(), [], after
    kind = None
    while len(tips) < wanted:
        line = answer.readline().decode().strip()
        if line.startswith("id: "):
            last = int(line[4:])
        elif line.startswith("event: "):
            kind = line[7:]
        elif line.startswith("data: ") and kind == "tip.received":
            tips.append(json.loads(line[6:])["subject"].split("/")[-1])
    connection.close()
    return tips, last


def main():
    lab = Lab(os.environ["TINBAO"], "pgbench")
    others = []
    try:
        database = f"postgres://tinbao_app@{quote(lab.socket, safe='')}:54320/tinbao"
        for port in PORTS[1:]:
            # The same data folder: the same keys.
            env = dict(lab.env, DATABASE_URL=database, TINBAO_BIND=f"127.0.0.1:{port}")
            others.append(subprocess.Popen([lab.tinbao, "serve"], env=env, stdout=lab.log, stderr=lab.log))
            for _ in range(100):
                if subprocess.run([lab.tinbao, "health"], env=env, capture_output=True).returncode == 0:
                    break
                time.sleep(0.1)
            else:
                raise SystemExit(open(lab.log.name).read())
        citizen, officer = lab.token("tips:submit"), lab.token("tips:read")
        with ThreadPoolExecutor(24) as pool:
            say("60 keys, each sent to all three replicas at once")
            tips = [(f"key-{n}", {"narrative": f"Bị lừa chuyển tiền {n}"}) for n in range(60)]
            sent = [pool.submit(call, port, "POST", "/v1/tips", citizen, tip, Idempotency_Key=key) for key, tip in tips for port in PORTS]
            answers = [future.result() for future in sent]
            assert all(status == 201 for status, _, _ in answers), {status for status, _, _ in answers}
            ids = [body["id"] for _, body, _ in answers]
            for n in range(60):
                assert len(set(ids[3 * n:3 * n + 3])) == 1, "one key, one tip"
            assert sum(not replayed for _, _, replayed in answers) == 60, "one first answer a key"
            stored = int(lab.sql("select count(*) from tips")[0])
            assert stored == 60, stored
            say("live events: half of them at one replica, the rest at another")
            first, last = events(PORTS[0], officer, 0, 30)
            rest, _ = events(PORTS[1], officer, last, 30)
            assert sorted(first + rest) == sorted(set(ids)), "no event is lost or doubled"
            say("30 officers at three replicas claim at once")
            claims = [pool.submit(call, PORTS[n % 3], "POST", "/v1/triage/claims", lab.token("tips:triage tips:read", f"o{n}"), {"max": 2})
                      for n in range(30)]
            given = [tip["id"] for future in claims for tip in future.result()[1]["items"]]
            assert len(given) == len(set(given)) == 60, (len(given), len(set(given)))
        numbers = lab.sql("select count(*), min(seq), max(seq) from register")[0]
        assert numbers == "60|1|60", numbers
        print("One tip a key, one officer a tip, every event once, numbers without a gap: three replicas answer as one.")
    finally:
        for other in others:
            other.terminate()
        for other in others:
            other.wait(30)
        lab.close()


main()

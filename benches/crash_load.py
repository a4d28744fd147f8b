"""Clients that send tips while servers and databases die under them, and remember what was acknowledged.

Every tip has a key of its own, which its narrative tells again: so the database can say what became of each key.
"""

import collections
import http.client
import json
import random
import threading
import time
import uuid

# What a client may be answered while something is down, and then sends again.
AGAIN = {409, 429, 503}
ABANDONED, BATCH, TWICE = 0.02, 0.1, 0.1


# Digits in a narrative may be masked, as they are where a citizen types a password.
LETTERS = str.maketrans("0123456789", "ghijklmnop")


def narrative(key):
    return key.translate(LETTERS)


def tip(key):
    return {"narrative": narrative(key), "channel": "call",
            "indicators": [{"kind": "phone", "value": f"09{random.randrange(10**8):08}", "role": "contacted_me"},
                           {"kind": "bank_account", "value": f"{random.randrange(50):013}", "bank": "VCB"}]}


class Client(threading.Thread):
    """One connection at a time; keeps at a key until it is acknowledged, at whichever replica."""

    def __init__(self, ports, token, stop, acknowledged):
        super().__init__(daemon=True)
        self.ports, self.token, self.stop, self.count = ports, token, stop, acknowledged
        self.connection = None
        # What was promised, as key, id and receipt; statuses and failures met; keys whose replay told otherwise.
        self.promises, self.met, self.broken = [], collections.Counter(), []

    def send(self, path, body, key=None):
        """Status and answer; None where the connection failed or the answer was cut off."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", random.choice(self.ports), timeout=20)
            self.connection.request("POST", path, json.dumps(body), headers)
            if key and random.random() < ABANDONED:
                self.hang_up()
                return "left", None
            answer = self.connection.getresponse()
            status, text = answer.status, answer.read()
            if status >= 500:
                self.hang_up()
            return status, json.loads(text)
        except (OSError, http.client.HTTPException, ValueError) as failure:
            self.hang_up()
            return type(failure).__name__, None

    def hang_up(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def until_answered(self, path, body, key=None):
        """Sends the same again until the answer is one; None where the client itself gave up."""
        while True:
            status, answer = self.send(path, body, key)
            self.met[status] += 1
            if status in (200, 201):
                return answer
            if status == "left":
                return None
            if answer is not None and status not in AGAIN:
                self.broken.append(f"{path}: {status} {answer}")
                return None
            time.sleep(random.uniform(0.05, 0.3))

    def promised(self, key, answer):
        self.promises.append((key, answer["id"], answer["receipt"]))
        with self.count.get_lock():
            self.count.value += 1

    def one(self):
        key = str(uuid.uuid4())
        body = tip(key)
        answer = self.until_answered("/v1/tips", body, key)
        if answer is None:
            return
        self.promised(key, answer)
        if random.random() < TWICE:
            again = self.until_answered("/v1/tips", body, key)
            if again and (again["id"], again["receipt"]) != (answer["id"], answer["receipt"]):
                self.broken.append(f"key {key} was answered with {answer['id']}, then with {again['id']}")

    def batch(self):
        left = {key: {"client_reference": key, "tip": tip(key)} for key in (str(uuid.uuid4()) for _ in range(random.randrange(2, 9)))}
        while left:
            answer = self.until_answered("/v1/tips/batch", {"tips": list(left.values())})
            if answer is None:
                return
            for result in answer["results"]:
                self.met[f"batch {result['status']}"] += 1
                if result["status"] == 201:
                    del left[result["client_reference"]]
                    self.promised(result["client_reference"], result["tip"])
                elif result["status"] not in AGAIN:
                    self.broken.append(f"batch: {result}")
                    return
            if left:
                time.sleep(random.uniform(0.05, 0.3))

    def run(self):
        while not self.stop.is_set():
            if random.random() < BATCH:
                self.batch()
            else:
                self.one()
        self.hang_up()


def clients(number, ports, token, stop, acknowledged, results):
    """So many clients as threads of one process; their memories go to the queue at the end."""
    threads = [Client(ports, token, stop, acknowledged) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    met = collections.Counter()
    for thread in threads:
        met.update(thread.met)
    results.put(([one for thread in threads for one in thread.promises], met, [one for thread in threads for one in thread.broken]))

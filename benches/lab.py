"""What the rows of the table share: a private server and its Postgres, load generators, the table."""

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BIND = os.environ.get("BENCH_BIND", "127.0.0.1:18080")
# On, so that what counting costs is measured, but far above any load.
LIMITS = "client=1000000/s:1000000,check=1000000/s:1000000,address=1000000/s:1000000"


def say(text):
    print(f"\033[1m{text}\033[0m", file=sys.stderr, flush=True)


class Lab:
    """A server with a private Postgres in a folder of its own, gone at the end unless it was named."""

    def __init__(self, tinbao, pgbench, folder=None):
        self.tinbao, self.pgbench_program, self.keep = tinbao, pgbench, folder is not None
        self.dir = folder or tempfile.mkdtemp(prefix="tinbao-bench.", dir="/tmp")
        os.makedirs(self.dir, exist_ok=True)
        os.chmod(self.dir, 0o755)
        self.env = dict(os.environ, TINBAO_DATA_DIR=self.dir, TINBAO_BIND=BIND, TINBAO_METRICS_BIND="off",
                        TINBAO_LOG="error", TINBAO_LIMITS=LIMITS)
        self.start()
        elsewhere = f"{self.dir}/postgres/elsewhere"
        self.socket = f"{self.dir}/postgres/run" if os.path.exists(f"{self.dir}/postgres/run") \
            else f"{os.path.realpath(elsewhere)}/run"
        self.postgres_log = f"{self.dir}/postgres/postgres.log"
        self.env["TOKEN"] = self.token("tips:submit")

    def start(self):
        self.log = open(f"{self.dir}/log", "wb")
        self.server = subprocess.Popen([self.tinbao, "serve", "--embedded"], env=self.env, stdout=self.log, stderr=self.log)
        for _ in range(150):
            # Another one may be at the same address.
            if self.server.poll() is not None:
                raise SystemExit(f"the server ended: {open(self.log.name).read()}")
            if subprocess.run([self.tinbao, "health"], env=self.env, capture_output=True).returncode == 0:
                break
            time.sleep(0.2)
        else:
            raise SystemExit(f"the server did not start: {open(self.log.name).read()}")

    def stop(self):
        self.server.terminate()
        self.server.wait(60)

    def close(self):
        self.stop()
        if not self.keep:
            shutil.rmtree(self.dir, ignore_errors=True)

    def explain(self):
        """Has Postgres write the plan of every statement of the server to its log, as it ran."""
        for setting in ("session_preload_libraries = auto_explain", "auto_explain.log_min_duration = 0", "auto_explain.log_analyze = on",
                        "auto_explain.log_buffers = on", "auto_explain.log_timing = off", "auto_explain.log_format = json"):
            self.sql(f"alter database tinbao set {setting}")
        # The connections that are open know nothing of it.
        self.stop()
        self.start()

    def token(self, scope, sub="bench"):
        command = [self.tinbao, "token", "--sub", sub, "--client-id", "bench", "--ttl", "12h", "--scope", scope]
        return subprocess.run(command, env=self.env, capture_output=True, text=True, check=True).stdout.strip()

    def file(self, name, lines):
        path = f"{self.dir}/{name}"
        with open(path, "w", encoding="utf-8") as out:
            out.write("\n".join(lines) + "\n")
        return path

    def sql(self, text=None, file=None, **variables):
        command = ["psql", "-q", "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", self.socket, "-p", "54320", "-U", "tinbao"]
        for name, value in variables.items():
            command += ["-v", f"{name}={value}"]
        command += ["-f", f"{HERE}/{file}"] if file else ["-c", text]
        for _ in range(10):
            done = subprocess.run(command + ["tinbao"], capture_output=True, text=True)
            # Emptying tables may meet the background work half-way.
            if "deadlock detected" not in done.stderr:
                break
        if done.returncode != 0:
            raise SystemExit(done.stderr)
        return done.stdout.split("\n")[:-1]

    def pgbench(self, script, clients, seconds):
        narrative = "Có người gọi tự xưng công an, bắt tôi chuyển tiền. " * 12
        command = [self.pgbench_program, "-h", self.socket, "-p", "54320", "-U", "tinbao", "-n", "-M", "prepared",
                   "-c", str(clients), "-j", str(min(clients, 2)), "-T", str(seconds), "-D", f"narrative={narrative}",
                   "-f", f"{HERE}/intake/{script}", "tinbao"]
        out = subprocess.run(command, capture_output=True, text=True)
        rate = re.search(r"^tps = ([0-9.]+)", out.stdout, re.M)
        if not rate:
            raise SystemExit(out.stderr)
        return float(rate[1])

    def wrk_command(self, script, connections, seconds):
        return ["wrk", "-t", "1", "-c", str(connections), "-d", f"{seconds}s", "--timeout", "10s",
                "-s", f"{HERE}/load/{script}", f"http://{BIND}"]

    def load(self, connections, seconds, script="requests.lua", wait=True, **env):
        """Rate, p50 and p99 in milliseconds, errors; with wait=False the running process."""
        env = dict(self.env, **{name: str(value) for name, value in env.items()})
        running = subprocess.Popen(self.wrk_command(script, connections, seconds), env=env, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return self.result(running) if wait else running

    @staticmethod
    def result(running):
        out, errors = running.communicate()
        found = re.search(r"^RESULT (\S+) (\S+) (\S+) (\d+)", out, re.M)
        if not found:
            raise SystemExit(out + errors)
        return [float(figure) for figure in found.groups()]

    def memory(self, what="VmRSS"):
        """MiB of the server."""
        with open(f"/proc/{self.server.pid}/status", encoding="ascii") as status:
            return int(re.search(rf"^{what}:\s*(\d+)", status.read(), re.M)[1]) / 1024

    def forget_peak(self):
        with open(f"/proc/{self.server.pid}/clear_refs", "w", encoding="ascii") as clear:
            clear.write("5")

    def rest(self, most=15):
        """Waits until the background work has caught up, or for so many seconds."""
        end = time.time() + most
        lag = "select (select count(*) from journal_pending) + coalesce((select max(position) from journal), 0) - coalesce((select min(position) from journal_consumers), 0)"
        while time.time() < end and int(self.sql(lag)[0]) > 200:
            time.sleep(0.5)


class Ratio:
    """A ratio and how far its rounds lie apart."""

    def __init__(self, value, low, high):
        self.value, self.low, self.high = value, low, high

    def __str__(self):
        return f"{self.value:.2f} × ({self.low:.2f}–{self.high:.2f})" if self.low < self.high else f"{self.value:.2f} ×"

    def at_least(self, reach):
        return self.judged(self.low >= reach, self.high < reach)

    def at_most(self, reach):
        return self.judged(self.high <= reach, self.low > reach)

    @staticmethod
    def judged(met, missed):
        """Met or missed by every round; "unclear" where the rounds do not agree."""
        return True if met else False if missed else "unclear"


class Rows:
    """Figures by name, as they come."""

    def __init__(self):
        self.figures = {}

    def add(self, name, value):
        self.figures.setdefault(name, []).append(value)

    def add_latency(self, name, results):
        """p50 and p99 of some rounds, as `load` gives them; returns how many failed."""
        for _, p50, p99, failed in results:
            for what, value in (("p50", p50), ("p99", p99), ("failed", failed)):
                self.add(f"{name} {what}", value)
        return sum(self.figures[f"{name} failed"])

    def latency(self, name):
        return f"p50 {self.median(f'{name} p50'):.2f}, p99 {self.median(f'{name} p99'):.1f} ms"

    def median(self, name):
        return statistics.median(self.figures[name])

    def ratio(self, name, base):
        """The ratio of the medians, and the least and the greatest of the rounds."""
        rounds = [mine / theirs for mine, theirs in zip(self.figures[name], self.figures[base])]
        return Ratio(self.median(name) / self.median(base), min(rounds), max(rounds))

    def spread(self, name):
        figures = self.figures[name]
        low, mid, high = min(figures), statistics.median(figures), max(figures)
        digits = 0 if mid >= 100 else 2
        if len(figures) == 1:
            return f"{mid:.{digits}f}"
        return f"{mid:.{digits}f} ({low:.{digits}f}–{high:.{digits}f})"

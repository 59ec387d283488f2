"""Python's Requests, as a client of the bench: `python_requests.py SCENARIO BASE_URL CA_FILE COUNT quick|full CORE|-`.

See harness/src/lib.rs for what a client is asked to do. It takes part where its CPU time is what is compared.
"""

import os
import sys
import time

UNABLE = 3
PATHS = {"get": "/small", "tls": "/small", "64k": "/bytes/65536", "connect": "/close", "tls-connect": "/close"}
ORDER = {
    "id": 4711,
    "customer": "Ada Lovelace",
    "email": "ada@example.org",
    "express": True,
    "total": 129.95,
    "items": [
        {"sku": "A-1001", "name": "difference engine, small", "count": 1, "price": 99.95},
        {"sku": "B-2002", "name": "punched cards, 100", "count": 3, "price": 10.0},
    ],
    "note": "leave it with the neighbour",
}


def main(scenario, base, authority, count, _speed, core):
    if core != "-":
        os.sched_setaffinity(0, {int(core)})
    if scenario not in (*PATHS, "json", "start", "start-tls"):
        sys.exit(UNABLE)
    import requests

    session = requests.Session()
    session.trust_env = False
    session.verify = authority
    if scenario.startswith("start"):
        assert len(session.get(base + "/small").content) == 200
        return
    if scenario == "json":
        work = lambda: session.post(base + "/json", json=ORDER).json() == ORDER
    else:
        work = lambda: session.get(base + PATHS[scenario]).content
    for _ in range(10):
        assert work()
    wall, cpu = time.perf_counter_ns(), time.process_time_ns()
    for _ in range(int(count)):
        assert work()
    print(time.perf_counter_ns() - wall, time.process_time_ns() - cpu)


main(*sys.argv[1:])

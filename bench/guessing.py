"""`python -m bench.guessing PORT one|many`: ten clients that guess passwords as fast as they are
answered, until stdin is closed; from one address, or each time from another."""

import http.client
import json
import sys
from collections import Counter
from contextlib import closing
from itertools import count
from threading import Event, Thread

CLIENTS = 10


def guess(port: int, number: int, address: str) -> int:
    with closing(
        http.client.HTTPConnection("127.0.0.1", port, timeout=60, source_address=(address, 0))
    ) as connection:
        body = json.dumps({"login": f"nobody-{number}", "password": "a guess at a password"})
        connection.request("POST", "/api/v1/session", body, {"Content-Type": "application/json"})
        return connection.getresponse().status


def main() -> None:
    port, many = int(sys.argv[1]), sys.argv[2] == "many"
    numbers, over, answered = count(), Event(), Counter[int]()

    def client() -> None:
        while not over.is_set():
            number = next(numbers)
            address = f"127.{number // 62500 % 250}.{number // 250 % 250}.{number % 250 + 1}"
            try:
                answered[guess(port, number, address if many else "127.0.0.1")] += 1
            except OSError:
                answered[0] += 1

    clients = [Thread(target=client) for _ in range(CLIENTS)]
    for each in clients:
        each.start()
    sys.stdin.read()
    over.set()
    for each in clients:
        each.join()
    print(json.dumps(answered))


if __name__ == "__main__":
    main()

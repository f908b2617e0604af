"""What a website that runs in a process of its own says of itself."""

import json
import urllib.error
import urllib.request


def health(port: int) -> int:
    """The status of /health; 0 while nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
            json.load(answer)
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        refused.close()
        return refused.code
    except OSError:
        return 0

"""The addresses that messages carry, and the secret in a patient's link."""

import string
from collections.abc import Callable

# Letters and digits alone: in many programs an address that is to be tapped ends before a dash.
TOKEN_SIGNS = string.ascii_letters + string.digits
TOKEN_LENGTH = 22  # 22 of 62 signs are 130 bits; each sign more is one less for the words
EXAMPLE_TOKEN = "k7Qm2xVn8RtB4wZs9LpC3d"  # as long as any: each sign is one unit of an SMS


def draw_token(draw: Callable[[str], str]) -> str:
    """A patient's secret, each of its signs drawn with `draw`."""
    return "".join(draw(TOKEN_SIGNS) for _ in range(TOKEN_LENGTH))


def patient_link(public_url: str, token: str) -> str:
    return f"{public_url}/q/{token}"


def staff_link(public_url: str) -> str:
    return f"{public_url}/staff/"

"""Passwords at the least that argon2 can cost: nearly every story begins with a log-in, and at
production's cost the log-ins took longer than the stories. A test that is about that cost asks for
`SHIPPED` by name."""

from dataclasses import dataclass

from argon2 import PasswordHasher

from proms.actions import passwords


@dataclass(frozen=True)
class Cost:
    """What hashes a password, and the hash that is looked at when nobody has that name."""

    hasher: PasswordHasher
    nobody: str

    def holds(self) -> None:
        """In this process from here on."""
        passwords.hasher, passwords.NOBODY = self.hasher, self.nobody


LEAST = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
SHIPPED = Cost(passwords.hasher, passwords.NOBODY)
QUICK = Cost(LEAST, LEAST.hash("nobody logs in with this"))

"""Identity fields are sealed one by one: AES-256-GCM bound to table, row and column, with the key's
id in front; what must be found again is kept as a digest under the same keys."""

import base64
import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
DIGEST_KEY = b"proms: key of digests"  # a key that seals is used for nothing else


class Unreadable(Exception):
    """A sealed field cannot be opened: its key is missing, or it was moved or altered."""


@dataclass(frozen=True)
class Keyring:
    """The keys by id, the first the current one; and the secret that tokens are hashed under."""

    keys: Mapping[str, bytes] = field(repr=False)
    secret: str = field(repr=False)

    @property
    def current(self) -> str:
        """The id of the key that seals and digests now."""
        return next(iter(self.keys))

    def seal(self, text: str, *, place: str) -> str:
        """The text encrypted for one place, `table.row.column`."""
        name, key = self.current, self.keys[self.current]
        nonce = os.urandom(NONCE_BYTES)
        body = nonce + AESGCM(key).encrypt(nonce, text.encode(), place.encode())
        return f"{name}:{base64.b64encode(body).decode()}"

    def unseal(self, sealed: str, *, place: str) -> str:
        """The text again; raises Unreadable when the key is absent or the place is another."""
        name, _, body = sealed.partition(":")
        if name not in self.keys:
            raise Unreadable(f"key {name} is not in the key ring")
        raw = base64.b64decode(body)
        nonce, encrypted = raw[:NONCE_BYTES], raw[NONCE_BYTES:]
        try:
            text = AESGCM(self.keys[name]).decrypt(nonce, encrypted, place.encode())
        except InvalidTag as error:
            raise Unreadable(f"{place} does not open with key {name}") from error
        return text.decode()

    def digests(self, text: str, *, purpose: str) -> list[str]:
        """As what a text may stand that is looked up and not read: HMAC-SHA-256 under every key,
        the current one first.

        A new one is stored under the current key; an old one is found as long as its key is kept.
        """
        said = f"{purpose}:{text}".encode(errors="surrogatepass")  # whatever was typed
        found = []
        for key in self.keys.values():
            own = hmac.digest(key, DIGEST_KEY, "sha256")
            found.append(hmac.new(own, said, hashlib.sha256).hexdigest())
        return found

    def hashed(self, token: str) -> str:
        """What is stored of a token: HMAC-SHA-256 under the installation's secret."""
        return hmac.new(self.secret.encode(), token.encode(), hashlib.sha256).hexdigest()

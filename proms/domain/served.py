"""What an installation sends to: a contact of another kind, or a number of another country, is
refused where it is typed."""

from dataclasses import dataclass

from proms.domain.person import EVERY_KIND, ContactKind
from proms.domain.telephone import HOME_CODES


@dataclass(frozen=True)
class Served:
    """The kinds of contact that there is a provider for, and the countries, by the code that their
    numbers begin with, to which texts go."""

    kinds: frozenset[ContactKind] = EVERY_KIND
    countries: frozenset[str] = HOME_CODES


DUTCH = Served()

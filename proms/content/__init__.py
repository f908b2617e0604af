"""Content: questionnaires, rules and protocols, read once, refused with file, line and reason when
unsound."""

from proms.content.library import Library, NotLicensed, check, load
from proms.content.shelf import Shelf
from proms.content.source import UnsoundContent

__all__ = ["Library", "NotLicensed", "Shelf", "UnsoundContent", "check", "load"]

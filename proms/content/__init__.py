"""Content: questionnaires, rules and protocols, read once, refused with file, line and reason when unsound."""

from proms.content.library import Library, check, load
from proms.content.source import UnsoundContent

__all__ = ["Library", "UnsoundContent", "check", "load"]

"""The rule of VSPW, which is the measure's default."""

from ..measures.semantic import SemanticRule

VSPW = SemanticRule()

"""The error of the readers under the names that the evaluators use."""

from gvseg.formats.errors import InputError, MissingInputError

BadInputError = InputError

__all__ = ['BadInputError', 'MissingInputError']

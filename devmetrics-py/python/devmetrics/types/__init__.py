"""Shapes of arguments and of results, for type checkers: at run time they are plain lists and dicts.

Instants are RFC 3339 texts in UTC. A duration is in seconds, and the name of a field or the ``unit`` of an answer says so. What
is not known is None, and never 0.
"""

from devmetrics.types.answers import *
from devmetrics.types.arguments import *
from devmetrics.types.collection import *
from devmetrics.types.facts import *
from devmetrics.types.sources import *

"""While developing: the sessions of the embedded Redis are kept in a file from a clean stop to the next start."""

from service.feature import Feature
from service.keeping.restarts import kept

FEATURE = Feature(name="keeping", alongside=kept)

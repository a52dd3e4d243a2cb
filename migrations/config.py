"""Where `aerich` finds the models: the settings of this environment, on the migration tool's own engines."""

from service.core.sql.database import migration_config
from service.settings import load_settings

TORTOISE_ORM = migration_config(load_settings())

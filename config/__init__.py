"""What is wanted: the settings of a stack and the data that every stack shares."""

from config.errors import SettingsError
from config.secrets import SecretKey
from config.settings import Settings, load

__all__ = ["SecretKey", "Settings", "SettingsError", "load"]

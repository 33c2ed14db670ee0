"""herokuclock: Flask projects with scheduled jobs for Heroku."""

from clockdyno import __version__

__all__ = ["__version__"]

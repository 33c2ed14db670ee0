"""herokuclock: Flask projects with scheduled jobs for Heroku."""

__version__ = "0.1.0"

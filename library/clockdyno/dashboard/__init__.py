"""The dashboard: a Flask blueprint that shows what the clock wrote, and steers it.

from clockdyno.dashboard import dashboard
app.register_blueprint(dashboard)
"""

from clockdyno.dashboard.blueprint import dashboard

__all__ = ["dashboard"]

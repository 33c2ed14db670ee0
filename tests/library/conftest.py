"""What the tests of the library stand on: clocks, workers and their databases."""

import support.compiled
import support.writers  # noqa: F401
from support.pages import client, dyno, ledger  # noqa: F401
from support.pooler import pooler  # noqa: F401
from support.receivers import certificate, receiver  # noqa: F401
from support.site import on_postgres, on_sqlite, postgres, site, webhook  # noqa: F401
from support.web import chromium  # noqa: F401
from support.workers import workers  # noqa: F401

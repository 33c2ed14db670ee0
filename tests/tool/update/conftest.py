"""What the tests of updates stand on: made-up versions, and a project of the first of them."""

from support.releases import project, releases, shelf  # noqa: F401

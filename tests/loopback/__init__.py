"""A Heroku on this machine: its API, its git, its builds, its dynos and its databases.

It answers the real `heroku` command and a real `git push`; nothing of it is on the network.
"""

from loopback.failures import Failure, Refusal
from loopback.heroku import Heroku

__all__ = ["Failure", "Heroku", "Refusal"]

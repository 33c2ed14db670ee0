"""Commands of an app's life: its tables, its workers, a trial of its alerts."""

import argparse
import time

from sqlalchemy.exc import OperationalError

from clockdyno import host, procfile
from clockdyno.commands import answers


def setup(options: argparse.Namespace) -> int:
    """Make the tables, or bring them up to date."""
    from clockdyno.clock.inspection import registration

    if not host.has_shared_database():
        # The release phase calls this; an app without a database must deploy, too.
        lines = [f"Warning: {host.NOT_SHARED}.", f"Hint: {host.add_database()}"]
        return answers.give(options, {"tables": "not shared"}, lines)
    # An add-on that has just been made may take a little while to answer.
    for pause in (1, 2, 4, 8, 15, None):
        try:
            with answers.ledger() as engine:
                if procfile.has_workers() and engine.dialect.name == "postgresql":
                    from clockdyno.workers import queue_tables

                    queue_tables.set_up(engine)
                registration.register_tasks(engine)
            break
        except ModuleNotFoundError as error:
            return _refuse_without_extra(error)
        except OperationalError:
            if pause is None:
                raise
            time.sleep(pause)
    return answers.give(options, {"tables": "ready"}, ["The clock's tables are ready."])


def worker(options: argparse.Namespace) -> int:
    """Be a worker until told to stop."""
    try:
        from clockdyno.workers import worker
    except ModuleNotFoundError as error:
        return _refuse_without_extra(error)
    return worker.main()


def alert(options: argparse.Namespace) -> int:
    """Send an alert to each place, and say what became of it."""
    from clockdyno.telling import alerts, trial

    if wrong := alerts.mistakes():
        hint = "python -m clockdyno check names all that is wrong"
        return answers.refuse(f"the config var {wrong[0]}", hint)
    found = trial.send_to_all()
    if not found:
        names = "set ALERT_WEBHOOK_URL, or ALERT_EMAIL and SMTP_URL"
        return answers.refuse("there is no place that alerts go to", names)
    answers.give(options, [one._asdict() for one in found], [one.line for one in found])
    return 0 if all(one.sent for one in found) else 1


def _refuse_without_extra(error: ModuleNotFoundError) -> int:
    return answers.refuse(f"there is no {error.name} here", "pip install 'clockdyno[workers]'")

"""Other programs' schedules fire as those programs say: see support/oracles.py."""

import pytest
from clockdyno.schedule import ScheduleError
from clockdyno.schedule.typed import parse
from support.cases import told_by
from support.fire_times import fires_of
from support.oracles import MOST, digest


@pytest.mark.parametrize("oracle", ["systemd", "aws", "quartz", "celery"])
def test_each_dialect_fires_as_its_own_program_says(oracle: str) -> None:
    different = []
    for text, told in told_by(oracle):
        try:
            found = digest(fires_of(parse(text), MOST))
        except ScheduleError as error:
            found = str(error)
        if found != told:
            different.append(f"{text}: {found} instead of {told}")
    assert different == []

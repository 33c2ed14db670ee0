"""Other programs' schedules fire as those programs say: see support/oracles.py."""

import pytest
from clockdyno.schedule import ScheduleError
from clockdyno.schedule.typed import parse
from support.cases import told_by
from support.fire_times import fires_of
from support.oracles import MOST, digest
from support.rows import rows


@pytest.mark.parametrize("step", rows((1, 3), (3,)))
@pytest.mark.parametrize("oracle", ["systemd", "aws", "quartz", "celery"])
def test_each_dialect_fires_as_its_own_program_says(oracle: str, step: int) -> None:
    different = []
    for text, told in told_by(oracle)[::step]:
        try:
            found = digest(fires_of(parse(text), MOST))
        except ScheduleError as error:
            found = str(error)
        if found != told:
            different.append(f"{text}: {found} instead of {told}")
    assert different == []

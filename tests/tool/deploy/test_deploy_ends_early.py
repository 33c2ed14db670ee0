"""`deploy` that is interrupted or killed, or whose answers are lost; then `deploy` again."""

import signal

import pytest
from loopback import failures
from support import deploy_steps
from support.deployment import MUTATIONS, STEPS, assert_all_is_done
from support.heroku_project import Owner, end


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_wherever_it_is_interrupted_or_killed_the_next_deploy_goes_on(owner: Owner) -> None:
    """Each step is interrupted before Heroku does it; each change is killed while Heroku does it.

    Each deploy stands on what the one before it left, and the last one brings it all to its end.
    """
    owner.heroku.provisioning_seconds = 3600
    for step in STEPS:
        assert "Traceback" not in ended_at(step, owner, signal.SIGINT)
        if step in MUTATIONS:
            ended_at(step, owner, signal.SIGKILL)
        if step == "wait":
            (app,) = owner.heroku.apps.values()
            owner.heroku.provision(app, app.addons[0], 0)

    last = owner.types("deploy", "--yes")

    assert last.returncode == 0, last.stdout + last.stderr
    assert_all_is_done(owner)


def ended_at(step: str, owner: Owner, number: signal.Signals) -> str:
    """End a deploy at a step, and return what it said; killed, Heroku does it all the same.

    One that is interrupted begins with that step, and so need not ask what Heroku has by now.
    """
    held = owner.heroku.hold(*STEPS[step], lost=number is signal.SIGINT)
    words = ("deploy", "--yes")
    if number is signal.SIGINT:
        process = owner.starts(deploy_steps.__file__, *words, step)
    else:
        process = owner.begins(*words)
    while not held.reached.wait(1):
        assert process.poll() is None, process.communicate()[0]
    said = end(process, number)
    held.go_on.set()
    assert held.over.wait(300)
    assert process.returncode == (-9 if number is signal.SIGKILL else 130), said
    owner.output += said
    owner.assert_nothing_leaked()
    return said


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_what_heroku_did_although_its_answers_were_lost_is_not_done_again(owner: Owner) -> None:
    """One change is answered that Heroku is unavailable, the next one's line is cut, and so on."""
    ways = (failures.UNAVAILABLE, None)
    lost = [
        owner.heroku.fail(*STEPS[step], ways[n % 2], 9, after=True)
        for n, step in enumerate(MUTATIONS)
    ]
    said = ""
    # Where trying again makes nothing worse, it does so until it gives up, at most twice.
    for _ in range(3):
        done = owner.types("deploy", "--yes")
        said += done.stdout + done.stderr
        if done.returncode == 0:
            break
        assert "Error: " in done.stderr and "Hint: " in done.stderr
        assert "Traceback" not in done.stderr

    assert done.returncode == 0, said
    assert all(failure.times < 9 for failure in lost)
    assert_all_is_done(owner)

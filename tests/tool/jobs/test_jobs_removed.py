"""A job that is removed from jobs.py: with all that is its own, and nothing that somebody wrote."""

import pytest
from herokuclock.errors import HerokuclockError
from herokuclock.jobs import file as jobs_file
from support.jobs_files import (
    FEW,
    FORMATTED,
    unformatted,
)

EDITS = {
    "another line": ("mail ran", "mail ran twice"),
    "a line more": ('log.info("mail ran")', 'log.info("mail ran")\n    send()'),
    "a statement more": ('log.info("mail ran")', 'log.info("mail ran"); send()'),
    "a comment in it": ('    log.info("mail', '    # soon\n    log.info("mail'),
    "a comment at its end": ('("mail ran")', '("mail ran")  # soon'),
    "a comment below it": ('("mail ran")\n', '("mail ran")\n\n    # soon\n'),
    "a comment at its schedule": ("minutes=15)\ndef mail", "minutes=15)  # often\ndef mail"),
    "a parameter": ("mail()", "mail(scheduled_at)"),
    "another decorator": ("def mail", "@retry\ndef mail"),
    "a longer docstring": ("beside its runs.", "beside its runs.\n\n    More.\n    "),
    "async": ("def mail", "async def mail"),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_edited_job_is_only_removed_with_force(edit):
    source = FORMATTED["template"]
    text = jobs_file.add(source, "mail", [FEW]).replace(*edit)
    with pytest.raises(HerokuclockError, match="mail has been edited") as caught:
        jobs_file.remove(text, "mail")
    assert "--force" in caught.value.hint
    assert jobs_file.remove(text, "mail", force=True) == source


def test_another_schedule_or_description_is_no_edit_of_the_body():
    source = FORMATTED["template"]
    text = jobs_file.add(source, "mail", [FEW])
    text = text.replace("minutes=15)\ndef mail", "minutes = 20, id='mail')\ndef mail")
    text = text.replace("Say what this job does; it is shown beside its runs.", "Send the mail.")
    assert jobs_file.remove(text, "mail") == source


def test_a_file_whose_line_endings_were_changed_since_is_no_edit():
    text = jobs_file.add(FORMATTED["template"], "mail", [FEW]).replace("\n", "\r\n")
    assert jobs_file.remove(text, "mail") == FORMATTED["template"].replace("\n", "\r\n")


def test_a_comment_above_a_job_stays():
    text = jobs_file.add(FORMATTED["template"], "mail", [FEW])
    text = text.replace('@sched.scheduled_job("interval", minutes=15)\ndef mail', "# Mine.\n\\g", 1)
    text = text.replace("\\g", '@sched.scheduled_job("interval", minutes=15)\ndef mail')
    kept = jobs_file.remove(text, "mail")
    assert "# Mine.\n\n\nif __name__" in kept
    assert unformatted([kept]) == []


@pytest.mark.parametrize(
    "use",
    [
        "x = mail",
        "def other():\n    mail()",
        "sched.add_job(mail, 'cron', hour=1)",
        "sched.add_job('jobs:mail', 'cron', hour=1)",
        "sched.pause_job('mail')",
        "def mail():\n    pass",
    ],
)
@pytest.mark.parametrize("force", [False, True])
def test_a_job_that_other_code_uses_is_not_removed(use, force):
    text = jobs_file.add(FORMATTED["template"], "mail", [FEW]) + f"\n\n{use}\n"
    with pytest.raises(HerokuclockError, match="Other code in jobs.py uses mail"):
        jobs_file.remove(text, "mail", force=force)


def test_the_same_word_elsewhere_is_no_use():
    source = FORMATTED["template"] + "\n\ndef other(mail='mail'):\n    return mail\n"
    assert jobs_file.remove(jobs_file.add(source, "mail", [FEW]), "mail") == source


@pytest.mark.parametrize(
    ("source", "name", "message", "hint"),
    [
        (FORMATTED["template"], "helo", "There is no job 'helo'", "Did you mean hello?"),
        (FORMATTED["template"], "xyz", "There is no job 'xyz'", "Jobs in jobs.py: hello."),
        (FORMATTED["no job yet"], "xyz", "There is no job 'xyz'", "Jobs in jobs.py: none."),
        (FORMATTED["template"], "main", "There is no job 'main'", "Did"),
        (FORMATTED["no guard, no blank line"], "tick", "is not a function with a decorator", "6"),
        (
            "if 1:\n    @sched.scheduled_job('cron')\n    def tick():\n        pass\n",
            "tick",
            "at the top level",
            "line 3",
        ),
    ],
)
def test_what_cannot_be_removed_is_named(source, name, message, hint):
    if name == "main":
        source = source.replace("def hello", "def maine")
    with pytest.raises(HerokuclockError, match=message) as caught:
        jobs_file.remove(source, name, force=True)
    assert hint in caught.value.hint


def test_a_job_written_by_hand_is_removed_by_its_id_with_force():
    source = FORMATTED["comments around"].replace("minutes=15)", 'minutes=15, id="ticker")')
    removed = jobs_file.remove(source, "ticker", force=True)
    assert "def tick" not in removed
    assert "# The first job." in removed
    assert "# and that is all" not in removed

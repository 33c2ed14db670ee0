"""The names of apps and jobs: what is refused, why, and what is offered instead."""

import re

import pytest
from herokuclock.names import (
    app_name_problem,
    job_name_problem,
    nearest_app_name,
    nearest_job_name,
)
from hypothesis import given, settings
from hypothesis import strategies as st

HOSTILE = [
    'O\'Brien "x" \\ {{7*7}} {% x %}',
    "{{ cookiecutter.x }}",
    "a\nb",
    "a\n",
    "\N{ROCKET}",
    "\N{RIGHT-TO-LEFT OVERRIDE}app",
    "مرحبا",
    "a\x00b",
    "\ud800",
    "$(rm -rf ~)",
    "; import os",
    "x" * 100_000,
]


@pytest.mark.parametrize("name", ["report", "Report", "send_report2", "hello", "a", "x" * 50])
def test_a_plain_identifier_is_a_job_name(name):
    assert job_name_problem(name) is None
    assert nearest_job_name(name) == name


@pytest.mark.parametrize(
    ("name", "reason", "nearest"),
    [
        ("", "no name", "job"),
        ("send-report", "no job name", "send_report"),
        ("Über report!", "no job name", "Uber_report"),
        ("2nd", "no job name", "job_2nd"),
        ("_private", "no job name", "private"),
        ("__name__", "no job name", "name"),
        ("naïve", "no job name", "naive"),
        ("x" * 51, "longer than 50", "x" * 50),
        ("class", "Python language", "class_job"),
        ("match", "Python language", "match_job"),
        ("print", "Python itself", "print_job"),
        ("sched", "something else", "sched_job"),
        ("log", "something else", "log_job"),
        ("Clock", "something else", "Clock_job"),
        ("test", "something else", "test_job"),
        ("caplog", "something else", "caplog_job"),
    ],
)
def test_a_job_name_is_refused_with_its_reason_and_the_nearest_is_offered(name, reason, nearest):
    assert reason in job_name_problem(name)
    assert nearest_job_name(name) == nearest


def test_a_taken_job_name_gets_a_number():
    assert job_name_problem("report", {"report"}) == "'report' is taken."
    assert nearest_job_name("report", {"report", "report_2"}) == "report_3"
    assert nearest_job_name("x" * 50, {"x" * 50}) == "x" * 48 + "_2"


@pytest.mark.parametrize("name", ["myapp", "my-app", "ab3", "a2c", "x" * 30])
def test_what_heroku_takes_is_an_app_name(name):
    assert app_name_problem(name) is None
    assert nearest_app_name(name) == name


@pytest.mark.parametrize(
    ("name", "reason", "nearest"),
    [
        ("", "no name", "my-app"),
        ("  \t", "no name", "my-app"),
        ("My App", "more than a-z", "my-app"),
        ("my_app", "more than a-z", "my-app"),
        ("Café", "more than a-z", "cafe"),
        ("/tmp/thing", "is a path", "thing"),
        ("C:\\thing", "is a path", "thing"),
        ("~thing", "is a path", "thing"),
        ("..", "leads out", "my-app"),
        ("../thing", "leads out", "thing"),
        ("some/thing", "slash", "thing"),
        ("some\\thing", "slash", "thing"),
        ("class", "Python language", "class-app"),
        ("os", "module of Python", "os-app"),
        ("calendar", "module of Python", "calendar-app"),
        ("clockdyno", "module of the project", "clockdyno-app"),
        ("tests", "module of the project", "tests-app"),
        ("ab", "shorter than 3", "ab-app"),
        ("x" * 40, "longer than 30", "x" * 30),
        ("x" * 29 + "-y", "longer than 30", "x" * 29),
        ("7up", "begin with a letter", "app-7up"),
        ("-app", "begin with a letter", "app-app"),
        ("myapp-", "end with", "myapp"),
        ("myapp\n", "more than a-z", "myapp"),
    ],
)
def test_an_app_name_is_refused_with_its_reason_and_the_nearest_is_offered(name, reason, nearest):
    assert reason in app_name_problem(name)
    assert nearest_app_name(name) == nearest


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_refused_in_one_short_printable_line(name):
    for problem in (app_name_problem(name), job_name_problem(name)):
        assert problem
        assert problem.isprintable()
        assert len(problem) < 120


@settings(derandomize=True, deadline=None)
@given(st.text())
def test_the_nearest_name_is_always_good(text):
    assert app_name_problem(nearest_app_name(text)) is None
    assert job_name_problem(nearest_job_name(text, {"a", "job"}), {"a", "job"}) is None


@settings(derandomize=True, deadline=None)
@given(st.text())
def test_a_name_that_is_let_through_is_what_heroku_and_python_take(text):
    if app_name_problem(text) is None:
        assert re.fullmatch("[a-z][a-z0-9-]{1,28}[a-z0-9]", text)
    if job_name_problem(text) is None:
        assert text.isidentifier()
        assert text.isascii()

"""Where jobs run."""


def test_jobs_run_on_workers():
    from clock import where

    assert "worker" in where.__doc__

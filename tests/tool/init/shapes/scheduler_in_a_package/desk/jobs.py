from desk.extensions import scheduler


@scheduler.scheduled_job("interval", seconds=2)
def dust():
    print("dusted", flush=True)

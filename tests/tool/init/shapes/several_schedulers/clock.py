from apscheduler.schedulers.blocking import BlockingScheduler

sched = BlockingScheduler()


@sched.scheduled_job("interval", seconds=2)
def tick():
    print("tick", flush=True)


sched.start()

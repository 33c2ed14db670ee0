from apscheduler.schedulers.blocking import BlockingScheduler

EVERY = 2
sched = BlockingScheduler()


def mail(to="all"):
    print("mailed", to, flush=True)


sched.add_job(mail, "interval", seconds=EVERY, kwargs={"to": "some"})

if __name__ == "__main__":
    sched.start()

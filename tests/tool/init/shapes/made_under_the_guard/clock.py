from apscheduler.schedulers.blocking import BlockingScheduler


def beat():
    print("beat", flush=True)


if __name__ == '__main__':
    # Every two seconds.
    scheduler = BlockingScheduler()
    scheduler.add_job(beat, 'interval', seconds=2)

    try:
        scheduler.start()
    except (KeyboardInterrupt, SystemExit):
        scheduler.shutdown()

def refresh():
    print("refreshed", flush=True)


def crunch():
    print("crunched", flush=True)

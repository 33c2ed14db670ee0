def refresh():
    print("refreshed", flush=True)

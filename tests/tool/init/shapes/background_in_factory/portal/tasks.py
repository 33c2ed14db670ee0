def sweep():
    print("swept", flush=True)

import sys

print("did", *sys.argv[1:])

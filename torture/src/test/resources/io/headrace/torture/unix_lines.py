# Connects so often and stays, says a name on each, and prints what it hears: path, count.
import socket, sys

sockets = []
for _ in range(int(sys.argv[2])):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(10)
    s.connect(sys.argv[1])
    sockets.append(s)
    try:
        s.sendall(b"Ada\n")
        heard = s.makefile().readline()
    except (BrokenPipeError, ConnectionResetError):
        heard = ""
    print(heard.strip() or "refused")

# Connects and resets: port, count.
import socket, struct, sys

address = ("127.0.0.1", int(sys.argv[1]))
for _ in range(int(sys.argv[2])):
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.connect(address)

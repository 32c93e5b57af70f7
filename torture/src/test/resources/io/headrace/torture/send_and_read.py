# Sends without reading, then reads to the end: port, how often, how many bytes.
import socket, sys

address = ("127.0.0.1", int(sys.argv[1]))
whole = 0
lengths = set()
for _ in range(int(sys.argv[2])):
    with socket.create_connection(address) as s:
        try:
            s.sendall(b"x" * int(sys.argv[3]))
        except (ConnectionResetError, BrokenPipeError):
            pass
        heard = 0
        try:
            while True:
                part = s.recv(65536)
                if not part:
                    whole += 1
                    lengths.add(heard)
                    break
                heard += len(part)
        except ConnectionResetError:
            pass
print(whole, "whole" if len(lengths) == 1 else "of lengths %s" % sorted(lengths))

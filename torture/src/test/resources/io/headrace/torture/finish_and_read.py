# Asks a line and finishes, then reads to the end: port, how often. Two at a time, so that some wait in the queue.
import socket, sys

address = ("127.0.0.1", int(sys.argv[1]))


def asked():
    s = socket.create_connection(address)
    s.sendall(b"question\n")
    s.shutdown(socket.SHUT_WR)
    return s


whole = 0
lengths = set()
for _ in range(int(sys.argv[2]) // 2):
    for s in (asked(), asked()):
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
        s.close()
print(whole, "whole" if len(lengths) == 1 else "of lengths %s" % sorted(lengths))

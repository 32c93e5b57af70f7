# Says lines that carry 1, 2 and 250 descriptors of a file: path, file, how often each.
import os, socket, sys

s = socket.socket(socket.AF_UNIX)
s.settimeout(20)
s.connect(sys.argv[1])
answers = s.makefile()
fds = [os.open(sys.argv[2], os.O_RDONLY) for _ in range(250)]
heard = 0
for count in (1, 2, 250):
    for _ in range(int(sys.argv[3])):
        socket.send_fds(s, [b"x\n"], fds[:count])
        assert answers.readline() == "Hello, x!\n"
        heard += 1
print(heard, "answers")

#!/usr/bin/env bash
# What a request costs the load tool, beside a single-threaded C client (lg.c) on the same C server (epoll_srv.c):
#   bench/cost.sh FOLDER [ROUNDS]      FOLDER has the two sources; 5 rounds, in alternating order, by default
# Both clients run on core 1 and the server on core 0. Compared is processor time of the whole client process, user and
# system, divided by requests. What else runs disturbs that little, but for two things: cold caches cost a JVM more, and
# its compiler, which is counted, too, has to be done within WARMUP (10s).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

lab=${1:?usage: bench/cost.sh FOLDER [ROUNDS]}
rounds=${2:-5}
port=${PORT:-$((20000 + RANDOM % 10000))} # below those that the system gives away
work=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || :; rm -rf "$work"' EXIT

cc -O2 -w -o "$work/lg" "$lab/lg.c"
cc -O2 -w -o "$work/server" "$lab/epoll_srv.c"
: >"$work/ready"
taskset -c 0 "$work/server" "$port" >"$work/ready" &
server=$!
until grep -q ready "$work/ready"; do
    kill -0 "$server" || exit 1
    sleep 0.1
done
./headrace load -h >/dev/null # builds what is missing

# TEXT KEY: the number that follows the first such key
number() {
    rest=${1#*\""$2"\":}
    printf '%s\n' "${rest%%[^0-9]*}"
}

# MODE OPTIONS TARGET: nanoseconds for a request
tool() {
    taskset -c 1 ./headrace load "$@" -t 1 --warmup "${WARMUP:-10s}" -d 4s --quiet --json "$work/report.json" >/dev/null
    report=$(<"$work/report.json")
    echo $(($(number "$report" cpu_ns) / $(number "${report#*\"total\":}" answered)))
}

# MODE HOST PORT OPTIONS: the same of the C client. It does not wait for anything, so its whole life counts.
client() {
    TIMEFORMAT='%3U %3S'
    spent=$({ time taskset -c 1 "$work/lg" "$@" -w 0 -d 4 >"$work/lg.json"; } 2>&1)
    echo "$spent $(number "$(<"$work/lg.json")" ops)" | awk '{ printf "%d\n", ($1 + $2) * 1e9 / $3 }'
}

pair() {
    name=$1
    for round in $(seq "$rounds"); do
        if [ $((round % 2)) = 1 ]; then
            c=$(client "${lg[@]}")
            t=$(tool "${load[@]}")
        else
            t=$(tool "${load[@]}")
            c=$(client "${lg[@]}")
        fi
        awk -v n="$name" -v t="$t" -v c="$c" 'BEGIN { printf "%-9s tool %5d ns, C client %5d ns: drives %.2f of it\n", n, t, c, c / t }' |
            tee -a "$work/$name"
    done
    sed 's/.*drives \([0-9.]*\).*/\1/' "$work/$name" | sort -n |
        awk -v n="$name" '{ a[NR] = $1 } END { printf "%-9s median %.2f, from %.2f to %.2f\n", n, a[int((NR + 1) / 2)], a[1], a[NR] }'
}

stream=$((port + 1))
datagrams=$((port + 2))
lg=(echo 127.0.0.1 "$stream" -c 64) load=(echo -c 64 "tcp://127.0.0.1:$stream")
pair echo
lg=(echo 127.0.0.1 "$stream" -c 64 -p 16) load=(pipeline -c 64 -w 16 "tcp://127.0.0.1:$stream")
pair pipeline
lg=(udp 127.0.0.1 "$datagrams" -c 16 -p 8) load=(udp -c 16 -w 8 "udp://127.0.0.1:$datagrams")
pair udp

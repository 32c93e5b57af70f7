package io.headrace.udp;

import io.headrace.Problems;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** How datagram sockets are set: an immutable value, every method with an argument gives a new one. */
public final class UdpOptions {

    /**
     * One socket for datagrams of up to 1,472 bytes (what fits into an Ethernet frame with IPv4), the system's buffers; 65,536 sessions
     * that live 5 minutes without traffic; 5 s for an answer.
     */
    public static final UdpOptions DEFAULTS = new UdpOptions();

    /** The longest datagram that IPv4 can carry. */
    static final int LONGEST_BYTES = 65_507;

    private static final int MOST_SOCKETS = 1_024;

    private int maxDatagramBytes = 1_472;
    private int receiveBufferBytes;
    private int sendBufferBytes;
    private int sockets = 1;
    private int maxSessions = 65_536;
    private Duration sessionIdle = Duration.ofMinutes(5);
    private Duration answerTimeout = Duration.ofSeconds(5);
    private List<Duration> repeatAfter = List.of();
    private boolean broadcast;
    private boolean socketsPerLoop;
    private boolean spread;
    private boolean reuseAddress;
    private boolean receiveOffload;
    private boolean sendOffload = true;
    private boolean localAddresses;
    private int timeToLive;
    private int multicastTimeToLive;
    private int trafficClass;
    private String multicastInterface;
    private List<MulticastGroup> groups = List.of();
    private MulticastGroups multicast; // Null where groups do not change.

    private UdpOptions() {}

    private UdpOptions(UdpOptions other) {
        maxDatagramBytes = other.maxDatagramBytes;
        receiveBufferBytes = other.receiveBufferBytes;
        sendBufferBytes = other.sendBufferBytes;
        sockets = other.sockets;
        maxSessions = other.maxSessions;
        sessionIdle = other.sessionIdle;
        answerTimeout = other.answerTimeout;
        repeatAfter = other.repeatAfter;
        broadcast = other.broadcast;
        socketsPerLoop = other.socketsPerLoop;
        spread = other.spread;
        reuseAddress = other.reuseAddress;
        receiveOffload = other.receiveOffload;
        sendOffload = other.sendOffload;
        localAddresses = other.localAddresses;
        timeToLive = other.timeToLive;
        multicastTimeToLive = other.multicastTimeToLive;
        trafficClass = other.trafficClass;
        multicastInterface = other.multicastInterface;
        groups = other.groups;
        multicast = other.multicast;
    }

    /** A copy, changed before anybody sees it. */
    private UdpOptions with(Consumer<UdpOptions> change) {
        UdpOptions copy = new UdpOptions(this);
        change.accept(copy);
        return copy;
    }

    /**
     * The longest datagram that is delivered, 1 to 65,507 bytes; a longer one is dropped and counted, never delivered cut. Memory is set
     * aside for up to sixty-four of them per read, and not less than two.
     */
    public UdpOptions maxDatagramBytes(int bytes) {
        return with(copy -> copy.maxDatagramBytes = bytes);
    }

    /** The socket's receive buffer (SO_RCVBUF), or 0 for the system's own choice; what does not fit is dropped by the system. */
    public UdpOptions receiveBufferBytes(int bytes) {
        return with(copy -> copy.receiveBufferBytes = bytes);
    }

    /** The socket's send buffer (SO_SNDBUF), or 0 for the system's own choice. */
    public UdpOptions sendBufferBytes(int bytes) {
        return with(copy -> copy.sendBufferBytes = bytes);
    }

    /**
     * How many sockets share the port of a server (SO_REUSEPORT), each on the next event loop in turn; 1 by default. The system gives all
     * datagrams of one peer's port to one socket, so their order holds. Linux only: elsewhere one socket would get everything.
     */
    public UdpOptions sockets(int sockets) {
        return with(copy -> {
            copy.sockets = sockets;
            copy.socketsPerLoop = false;
        });
    }

    /** As many sockets as the endpoint has event loops, one on each: {@link #sockets(int)} without counting. */
    public UdpOptions socketPerLoop() {
        return with(copy -> {
            copy.sockets = 1;
            copy.socketsPerLoop = true;
        });
    }

    /**
     * One socket of a server, whose datagrams are handled on all event loops: each peer's on one of them, so their order holds. For systems
     * that do not spread datagrams over {@link #sockets(int)}, for multicast, and for handlers that cost more than receiving. Each datagram
     * and each answer changes threads, which costs about as much as a system call for a batch; up to 4,096 may be on their way to a loop, what comes
     * then is dropped as {@code loop_busy}. Channel stages stay on the socket's own loop.
     */
    public UdpOptions spread() {
        return with(copy -> copy.spread = true);
    }

    /**
     * How many sessions a server has at most, on all its sockets and event loops together. A new peer takes the place of the one that has been
     * quiet for longest on the loop that handles it; where that loop has less than its share of them, on the one that has most.
     */
    public UdpOptions maxSessions(int sessions) {
        return with(copy -> copy.maxSessions = sessions);
    }

    /** How long a session lives without traffic in either direction. */
    public UdpOptions sessionIdle(Duration idle) {
        return with(copy -> copy.sessionIdle = idle);
    }

    /** How long a client waits for an answer, all repetitions of the question included. */
    public UdpOptions answerTimeout(Duration timeout) {
        return with(copy -> copy.answerTimeout = timeout);
    }

    /**
     * When a client sends a question once more: after the first wait without an answer, after another one as long as the second, and so on;
     * none by default. The peer may get a question twice, and then answers twice: without a {@link Correlation} the second answer would
     * be taken for the next question's.
     */
    public UdpOptions repeatAfter(Duration... waits) {
        return with(copy -> copy.repeatAfter = List.copyOf(Arrays.asList(waits)));
    }

    /** May send to broadcast addresses (SO_BROADCAST). */
    public UdpOptions broadcast() {
        return with(copy -> copy.broadcast = true);
    }

    /** Others may bind the same address, and each hears what is multicast to it (SO_REUSEADDR). */
    public UdpOptions reuseAddress() {
        return with(copy -> copy.reuseAddress = true);
    }

    /** Hears this multicast group too; several may be joined. The socket leaves them when it closes; to leave earlier, {@link #multicast}. */
    public UdpOptions join(MulticastGroup group) {
        List<MulticastGroup> more = new ArrayList<>(groups);
        more.add(group);
        return with(copy -> copy.groups = List.copyOf(more));
    }

    /** Hears these multicast groups, which are joined and left while the endpoint runs. */
    public UdpOptions multicast(MulticastGroups groups) {
        return with(copy -> copy.multicast = groups);
    }

    /** The network interface, by name, through which multicast datagrams leave. */
    public UdpOptions multicastInterface(String name) {
        return with(copy -> copy.multicastInterface = name);
    }

    /** How many routers a multicast datagram may pass, 1 to 255 (IP_MULTICAST_TTL), or 0 for the system's own choice, which is 1. */
    public UdpOptions multicastTimeToLive(int hops) {
        return with(copy -> copy.multicastTimeToLive = hops);
    }

    /**
     * How many routers any other datagram may pass, 1 to 255 (IP_TTL, IPV6_UNICAST_HOPS), or 0 for the system's own choice. Not on NIO: the
     * JDK has no such option, and start says so.
     */
    public UdpOptions timeToLive(int hops) {
        return with(copy -> copy.timeToLive = hops);
    }

    /** The traffic class of what leaves, 0 to 255: DSCP in the upper six bits (IP_TOS). */
    public UdpOptions trafficClass(int value) {
        return with(copy -> copy.trafficClass = value);
    }

    /**
     * Lets the system glue datagrams of one sender together and take them apart here again (UDP_GRO): less processor for floods of equal
     * datagrams. On epoll only: elsewhere start says so. Takes 64 KiB buffers.
     */
    public UdpOptions receiveOffload() {
        return with(copy -> copy.receiveOffload = true);
    }

    /**
     * Whether equally long datagrams that go to one peer in one batch, three or more, pass through the system as one, which takes them apart
     * (UDP_SEGMENT), and on the wire nothing is different. On by default: it saves a third of the processor where peers have many questions under
     * way, and costs nothing where they have not. Datagrams of up to 1,232 bytes, on epoll, where no Netty handler
     * stands on the line. What the system refuses to take apart leaves one by one, and so do the next 64 datagrams
     * or more, before it is tried again.
     */
    public UdpOptions sendOffload(boolean on) {
        return with(copy -> copy.sendOffload = on);
    }

    public int maxDatagramBytes() {
        return maxDatagramBytes;
    }

    public int receiveBufferBytes() {
        return receiveBufferBytes;
    }

    public int sendBufferBytes() {
        return sendBufferBytes;
    }

    public int sockets() {
        return sockets;
    }

    public int maxSessions() {
        return maxSessions;
    }

    public Duration sessionIdle() {
        return sessionIdle;
    }

    public Duration answerTimeout() {
        return answerTimeout;
    }

    /**
     * Asks the system to which address of ours each datagram came, for {@link DatagramPeer#localAddress()} of a socket that is bound to all
     * (IP_RECVORIGDSTADDR). On epoll only, and not at {@code ::}, because Netty reads them for IPv4 only: start says so.
     */
    public UdpOptions localAddresses() {
        return with(copy -> copy.localAddresses = true);
    }

    /** How many sockets that is on so many loops. */
    int socketsOn(int loops) {
        return socketsPerLoop ? loops : sockets;
    }

    boolean sharesPort() {
        return socketsPerLoop || sockets > 1;
    }

    boolean spreads() {
        return spread;
    }

    boolean asksLocalAddresses() {
        return localAddresses;
    }

    boolean mayBroadcast() {
        return broadcast;
    }

    boolean reusesAddress() {
        return reuseAddress;
    }

    boolean offloadsSending() {
        return sendOffload;
    }

    boolean offloadsReceiving() {
        return receiveOffload;
    }

    public int timeToLive() {
        return timeToLive;
    }

    public int multicastTimeToLive() {
        return multicastTimeToLive;
    }

    public int trafficClass() {
        return trafficClass;
    }

    public String multicastInterface() {
        return multicastInterface;
    }

    public List<MulticastGroup> groups() {
        return groups;
    }

    MulticastGroups changingGroups() {
        return multicast;
    }

    boolean hearsGroups() {
        return multicast != null || !groups.isEmpty();
    }

    public List<Duration> repeatAfter() {
        return repeatAfter;
    }

    private Object sharing() {
        return socketsPerLoop ? "one per loop" : sockets;
    }

    void check(Problems problems) {
        problems.expect(
                maxDatagramBytes >= 1 && maxDatagramBytes <= LONGEST_BYTES,
                "maxDatagramBytes",
                maxDatagramBytes,
                "1 to " + LONGEST_BYTES);
        problems.expect(receiveBufferBytes >= 0, "receiveBufferBytes", receiveBufferBytes, ">= 0");
        problems.expect(sendBufferBytes >= 0, "sendBufferBytes", sendBufferBytes, ">= 0");
        problems.expect(sockets >= 1 && sockets <= MOST_SOCKETS, "sockets", sockets, "1 to " + MOST_SOCKETS);
        problems.expect(
                !sharesPort() || UdpBackend.ON_LINUX,
                "sockets",
                sharing(),
                "1 on this system: only Linux spreads datagrams over the sockets of one port; spread() works everywhere");
        problems.expect(
                !sharesPort() || !spread, "sockets", sharing(), "1 with spread(): it is one socket for all loops");
        problems.expect(maxSessions >= 1, "maxSessions", maxSessions, ">= 1");
        problems.expectPositive("sessionIdle", sessionIdle);
        problems.expectPositive("answerTimeout", answerTimeout);
        problems.expect(timeToLive >= 0 && timeToLive <= 255, "timeToLive", timeToLive, "0 to 255");
        problems.expect(
                multicastTimeToLive >= 0 && multicastTimeToLive <= 255,
                "multicastTimeToLive",
                multicastTimeToLive,
                "0 to 255");
        problems.expect(trafficClass >= 0 && trafficClass <= 255, "trafficClass", trafficClass, "0 to 255");
        problems.expect(
                !hearsGroups() || !sharesPort(),
                "sockets",
                sharing(),
                "1 with join: every socket would hear every multicast datagram; spread() is one socket");
        groups.forEach(group -> group.check(problems));
        repeatAfter.forEach(wait -> problems.expectPositive("repeatAfter", wait));
    }
}

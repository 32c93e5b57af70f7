package io.headrace.bench.load;

import java.util.Locale;

/**
 * What is counted. For requests {@code SENT + UNSENT = ANSWERED + FAILED + UNFINISHED} holds at the end of every run.
 */
enum Count {
    /** Requests that were handed to a socket; in mode connect: connections that were begun. */
    SENT,
    /** Requests that fell due, and found no connection that could take them before they failed or the run ended. */
    UNSENT,
    /** Requests with a whole and right answer. */
    ANSWERED,
    /** Requests that ended in an error. */
    FAILED,
    /** Requests that were open when the run ended. */
    UNFINISHED,
    /** Connections that were opened. */
    OPENED,
    /** Connections that the other side ended first. */
    CLOSED_BY_SERVER,
    /** Connections that we ended first: their ports wait on this side. */
    CLOSED_BY_US,
    /** Bytes of requests. */
    BYTES_SENT,
    /** Bytes of answers. */
    BYTES_RECEIVED,
    /** Datagrams that answered in time and in order. */
    IN_TIME,
    /** Datagrams that answered in time, after the answer to a later request. */
    REORDERED,
    /** Datagrams that answered when their request had failed. */
    LATE,
    /** Datagrams that were not the first answer to their request. */
    DUPLICATE,
    /** Datagrams that were no answer. */
    CORRUPT,
    /** Requests that were sent and never answered: those that failed, less those whose answer came late. Known after the run. */
    LOST;

    /** As JSON and CSV name it. */
    String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}

package io.headrace.bench.load;

/** One connection for as long as a run lasts, whatever happens to its sockets. Event loop only. */
interface Flow {

    /** What the connections of a mode do. */
    interface Kind {
        /** @param index of the connection, in all shards together */
        Flow create(Lane lane, int index);

        /** Whether they ask and are answered; otherwise there are only bytes, and connections, to tell of. */
        default boolean asks() {
            return true;
        }

        /** Whether the connections are opened before the run begins. */
        default boolean opensFirst() {
            return true;
        }
    }

    /** Opens it; the lane is told by {@link Lane#settled} when that has worked or failed. */
    void open();

    /** The run begins. */
    void start();

    /** Looks for requests that have waited too long. Called a few times within the patience. */
    void sweep(long nowNs);

    /**
     * Time is up: nothing new is asked. Called again and again for as long as answers may come late.
     *
     * @return whether nothing is left that could make a difference
     */
    default boolean stop(long nowNs) {
        return true;
    }

    /** The run is over: what is open is unfinished. Nothing is sent any more. */
    void finish(long nowNs);

    boolean isOpen();
}

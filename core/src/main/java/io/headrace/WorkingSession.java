package io.headrace;

/**
 * A session whose every method runs on a worker, one after another.
 *
 * <p>Whether to close when the peer has finished, or the server drains, is answered there too: until then the connection stays open.
 */
final class WorkingSession implements Session<Object> {
    private final Session<Object> session;
    private final Connection<Object> connection;
    private final WorkerStage stage;

    WorkingSession(Session<Object> session, Connection<Object> connection, WorkerStage stage) {
        this.session = session;
        this.connection = connection;
        this.stage = stage;
    }

    private interface Event {
        void happens() throws Exception;
    }

    private void event(Event event) {
        stage.event(connection, () -> {
            try {
                event.happens();
            } catch (Throwable failure) {
                connection.fail(failure);
            }
        });
    }

    @Override
    public void opened() {
        event(session::opened);
    }

    /** On a worker already: the message came with an exchange. */
    @Override
    public void received(Object message) throws Exception {
        session.received(message);
    }

    @Override
    public boolean peerFinished() {
        return closeIf(session::peerFinished, CloseReason.PEER_FINISHED);
    }

    @Override
    public boolean draining() {
        return closeIf(session::draining, CloseReason.DRAINED);
    }

    private boolean closeIf(Answer answer, CloseReason reason) {
        event(() -> {
            if (answer.yes()) {
                connection.close(reason);
            }
        });
        return false;
    }

    private interface Answer {
        boolean yes();
    }

    @Override
    public void closed(CloseReason reason) {
        event(() -> session.closed(reason));
    }
}

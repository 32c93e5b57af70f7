package io.headrace.tcp;

/** The same where a stage stands on every line, so that no greeting takes the short way. */
class GreetingOnALineTest extends GreetingTest {

    @Override
    Lives lives() {
        return Lives.ofEach();
    }

    @Override
    boolean corked() {
        return false;
    }
}

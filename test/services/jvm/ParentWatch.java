import java.io.IOException;

/**
 * Ends this JVM when the test run that started it goes away, however that happens: the run holds the other end of
 * standard input and never writes to it, so the end of that stream means that nobody is left who could stop us.
 */
final class ParentWatch {
    private ParentWatch() {}

    static void start() {
        Thread watch = new Thread(() -> {
            try {
                while (System.in.read() >= 0) {
                    // nothing is ever sent; what comes anyway is ignored
                }
            } catch (IOException e) {
                // the same as the end of the stream
            }
            Runtime.getRuntime().halt(137); // no shutdown hooks: the data is thrown away
        }, "parent-watch");
        watch.setDaemon(true);
        watch.start();
    }
}

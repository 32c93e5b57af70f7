// Runs what the consumer built, in a JVM of its own, with the class path that its pom gives it.
def sep = File.pathSeparator
def classpath = new File(basedir, 'target/classes').path + sep + new File(basedir, 'target/classpath').text.trim()
def java = new File(System.getProperty('java.home'), 'bin/java').path
def log = new File(basedir, 'consumer.log')
def consumer = new ProcessBuilder(java, '-cp', classpath, 'Consumer').redirectErrorStream(true).redirectOutput(log).start()
if (!consumer.waitFor(60, java.util.concurrent.TimeUnit.SECONDS)) {
    consumer.destroyForcibly()
    throw new AssertionError("the consumer did not end within 60 s:\n" + log.text)
}
assert consumer.exitValue() == 0 && log.text.contains('Hello, Ada!') : log.text

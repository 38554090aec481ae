package dev.ccbridge.receptor.backend.pod.cell;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.executor.Sandbox.Program;
import java.io.File;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ProgramImageIT {
  @TempDir Path directory;

  /** Becomes a program in a Java of its own, as ours would be gone. */
  static final class Becoming {
    public static void main(String[] words) {
      BigInteger nofile = words[1].isEmpty() ? null : new BigInteger(words[1]);
      var arguments = List.of(words).subList(3, words.length);
      var program = new Program(words[2], arguments, "", List.of(), "vcap", nofile, "");
      var environment = Map.of("PATH", "/usr/bin:/bin", "ODD", "a 'b' é\n");
      Runtime.getRuntime().halt(ProgramImage.become(program, environment, Path.of(words[0])));
    }
  }

  private record End(int status, String out, String err) {}

  private End become(String nofile, String program, String... arguments) throws Exception {
    var out = directory.resolve("out").toFile();
    var err = directory.resolve("err").toFile();
    var command =
        new java.util.ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Becoming.class.getName(),
                directory.toString(),
                nofile,
                program));
    command.addAll(List.of(arguments));
    var process =
        new ProcessBuilder(command)
            .redirectInput(new File("/dev/null"))
            .redirectOutput(out)
            .redirectError(err)
            .start();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return new End(process.exitValue(), text(out), text(err));
  }

  private static String text(File file) throws Exception {
    return Files.readString(file.toPath(), StandardCharsets.UTF_8);
  }

  @Test
  void programHasItsArgumentsVariablesDirectoryAndLimit() throws Exception {
    var script =
        """
        echo "$1|$ODD|$PWD"
        ulimit -n; ulimit -Hn
        read -r name </proc/$$/comm; echo "$name"
        exit 7
        """;

    var end = become("123", "sh", "-c", script, "sh", "one 'two' é");

    assertThat(end.err()).isEmpty();
    assertThat(end.status()).isEqualTo(7);
    assertThat(end.out())
        .startsWith("one 'two' é|a 'b' é\n|" + directory.toRealPath() + "\n123\n123\n")
        .endsWith("\nsh\n");
  }

  /** Its own three, and the directory that it reads. */
  @Test
  void programHasNoFileOfJavaOpen() throws Exception {
    assertThat(become("", "/bin/ls", "/proc/self/fd").out()).isEqualTo("0\n1\n2\n3\n");
  }

  /** Asked of no shell, which blocks signals of its own accord. */
  @Test
  void programTakesAllSignals() throws Exception {
    assertThat(become("", "/bin/cat", "/proc/self/status").out())
        .contains("\nSigBlk:\t0000000000000000\n");
  }

  @Test
  void whatIsNoProgramIsTold() throws Exception {
    var end = become("", "/tmp/no-such-program");

    assertThat(end.status()).isEqualTo(127);
    assertThat(end.err()).isEqualTo("/tmp/no-such-program: No such file or directory\n");
    assertThat(become("", "no-such-program").status()).isEqualTo(127);
  }

  @Test
  void scriptThatDoesNotSayByWhatIsReadByTheShell() throws Exception {
    var script = Files.writeString(directory.resolve("script"), "echo \"read $1\"\n");
    assertThat(script.toFile().setExecutable(true)).isTrue();

    assertThat(become("", script.toString(), "so").out()).isEqualTo("read so\n");
  }
}

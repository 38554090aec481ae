package dev.ccbridge.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/** Sources and buildpacks that something is wrong with, by the names that bad-input.yaml uses. */
final class BadArchives {
  private static final String DETECT = "#!/bin/sh\necho Pack\n";
  private static final String NOTHING = "#!/bin/sh\n";

  private BadArchives() {}

  static void serve(ArchiveServer server) throws IOException {
    var plain = Map.of("notes.txt", "nothing that a buildpack knows");
    server.serve("plain.tgz", plain);
    server.serve("broken.tgz", "this is no archive\n".getBytes(StandardCharsets.UTF_8));
    var whole = ArchiveServer.pack(plain);
    server.serve("cut-off.tgz", Arrays.copyOf(whole, whole.length / 2));
    server.serve("escaping.tgz", Map.of("../../evil.txt", "outside"));
    server.serve(
        "failing-build.tgz",
        buildpack(
            """
            #!/bin/sh
            echo "using $TOKEN"
            echo "libfoo 1.2 not found" >&2
            exit 3
            """,
            release("sleep 60")));
    server.serve(
        "failing-release.tgz", buildpack(NOTHING, "#!/bin/sh\necho cannot tell >&2\nexit 5\n"));
    server.serve(
        "slow.tgz",
        buildpack("#!/bin/sh\necho resolving dependencies\nsleep 100\n", release("sleep 60")));
    server.serve("deaf.tgz", buildpack(NOTHING, release("sleep 1000")));
    server.serve(
        "crashing.tgz", buildpack(NOTHING, release("echo cannot connect with $TOKEN; exit 7")));
  }

  private static Map<String, String> buildpack(String compile, String release) {
    return Map.of("bin/detect", DETECT, "bin/compile", compile, "bin/release", release);
  }

  private static String release(String command) {
    return "#!/bin/sh\ncat <<'END'\ndefault_process_types:\n  web: %s\nEND\n".formatted(command);
  }
}

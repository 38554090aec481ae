package dev.ccbridge.receptor.backend.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/**
 * A program that needs nothing of what is around it: the only file of an image from scratch. It
 * answers HTTP at {@code $PORT}: {@code /file/<path>} with a file's content, {@code /env/<name>}
 * with a variable, {@code /id} with who it is, {@code /write/<path>} with whether it could make the
 * file. With {@code -port=<number>} it only checks whether somebody listens there.
 */
final class StaticProgram {
  private StaticProgram() {}

  private static final String SOURCE =
      """
      #include <arpa/inet.h>
      #include <fcntl.h>
      #include <stdio.h>
      #include <stdlib.h>
      #include <string.h>
      #include <sys/socket.h>
      #include <unistd.h>
      static void reply(int c, const char *body, size_t n) {
        char head[100];
        sprintf(head, "HTTP/1.0 200 OK\\r\\nContent-Length: %zu\\r\\n\\r\\n", n);
        write(c, head, strlen(head));
        write(c, body, n);
      }
      int main(int argc, char **argv) {
        setvbuf(stdout, 0, _IONBF, 0);
        printf("hello from %s\\n", argc > 1 ? argv[1] : "nobody");
        if (argc > 1 && !strcmp(argv[1], "once")) return 0;
        int s = socket(AF_INET, SOCK_STREAM, 0), on = 1;
        if (argc > 1 && !strncmp(argv[1], "-port=", 6)) {
          struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1] + 6))};
          to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
          return connect(s, (void *)&to, sizeof to) ? 1 : 0;
        }
        setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(atoi(getenv("PORT")))};
        if (bind(s, (void *)&a, sizeof a) || listen(s, 16)) return 3;
        for (;;) {
          static char in[4096], out[65536];
          int c = accept(s, 0, 0);
          ssize_t n = read(c, in, sizeof in - 1);
          in[n < 0 ? 0 : n] = 0;
          char *path = in + 4, *end = strchr(path, ' ');
          if (n > 4 && end) {
            *end = 0;
            if (!strncmp(path, "/file/", 6)) {
              int f = open(path + 5, O_RDONLY);
              n = f < 0 ? sprintf(out, "none") : read(f, out, sizeof out);
              if (f >= 0) close(f);
            } else if (!strncmp(path, "/env/", 5)) {
              n = sprintf(out, "%s", getenv(path + 5) ? getenv(path + 5) : "none");
            } else if (!strncmp(path, "/write/", 7)) {
              int f = open(path + 6, O_WRONLY | O_CREAT, 0644);
              n = sprintf(out, "%s", f < 0 || write(f, "x", 1) < 1 ? "no" : "yes");
              if (f >= 0) close(f);
            } else {
              n = sprintf(out, "%d:%d", getuid(), getgid());
            }
            reply(c, out, n < 0 ? 0 : n);
          }
          close(c);
        }
      }
      """;

  /** Skips the test, and says so, where there is no C compiler. */
  static byte[] compiled(Path directory) throws Exception {
    if (!Files.isExecutable(Path.of("/usr/bin/gcc"))) {
      System.out.println("skipped, as this machine has no C compiler at /usr/bin/gcc");
      Assumptions.abort("no C compiler");
    }
    var source = Files.writeString(directory.resolve("app.c"), SOURCE);
    var program = directory.resolve("app");
    var command = List.of("gcc", "-w", "-O1", "-static", "-o", program.toString(), source + "");
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    return Files.readAllBytes(program);
  }
}

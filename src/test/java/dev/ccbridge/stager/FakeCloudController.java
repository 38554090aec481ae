package dev.ccbridge.stager;

import dev.ccbridge.web.HttpService;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/** Takes what it is told, and answers 200 unless told otherwise. Thread-safe. */
final class FakeCloudController implements AutoCloseable {
  private final List<String> told = new CopyOnWriteArrayList<>();
  private final Queue<Integer> answers = new ConcurrentLinkedQueue<>();
  private final HttpService http =
      HttpService.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), this::answer);

  /** The next answers, one each. */
  void answerNext(Integer... statuses) {
    answers.addAll(List.of(statuses));
  }

  String callback(String guid) {
    return http.uri() + "/internal/staging/" + guid + "/completed";
  }

  /** The bodies, in the order told. */
  List<String> told() {
    return List.copyOf(told);
  }

  private Response answer(Request request) throws IOException {
    told.add(new String(request.body(100_000), StandardCharsets.UTF_8));
    var status = answers.poll();
    return Response.empty(status == null ? 200 : status);
  }

  @Override
  public void close() {
    http.close();
  }
}

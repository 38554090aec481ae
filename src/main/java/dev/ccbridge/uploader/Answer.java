package dev.ccbridge.uploader;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import org.jspecify.annotations.Nullable;

/** What CC said. {@code body}: its first {@value #MAX_BODY_BYTES} bytes; the rest is not read. */
record Answer(int status, HttpHeaders headers, byte[] body) {
  static final int MAX_BODY_BYTES = 1 << 20;

  String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  /** Gathers a body up to the limit. Called by one thread at a time. */
  static final class Body implements BodySubscriber<byte[]> {
    private final CompletableFuture<byte[]> done = new CompletableFuture<>();
    private final ByteArrayOutputStream gathered = new ByteArrayOutputStream();
    private @Nullable Subscription subscription;

    @Override
    public CompletionStage<byte[]> getBody() {
      return done;
    }

    @Override
    public void onSubscribe(Subscription subscription) {
      this.subscription = subscription;
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
      for (var buffer : buffers) {
        var bytes = new byte[Math.min(buffer.remaining(), MAX_BODY_BYTES - gathered.size())];
        buffer.get(bytes);
        gathered.writeBytes(bytes);
      }
      if (gathered.size() == MAX_BODY_BYTES && subscription != null) {
        subscription.cancel();
        onComplete();
      }
    }

    @Override
    public void onError(Throwable error) {
      done.completeExceptionally(error);
    }

    @Override
    public void onComplete() {
      done.complete(gathered.toByteArray());
    }
  }
}

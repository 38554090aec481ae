package dev.ccbridge.uploader;

import dev.ccbridge.uploader.UploadOrder.Kind;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import dev.ccbridge.web.Router;
import java.util.concurrent.Semaphore;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the uploads on a router. Refusals and failures are answered as text, with the original's
 * statuses.
 *
 * <p>A caller that goes away while it sends ends the upload. One that goes away later is not seen,
 * because the JDK's server does not tell; its upload is then bounded by the timeout alone. Source:
 * cc-uploader handlers/upload_droplet, handlers/upload_build_artifacts.
 */
public final class UploaderRoutes implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(UploaderRoutes.class);

  private final UploaderConfig config;
  private final CcConnection cc;
  private final JobPoller jobs;
  private final Semaphore slots;

  public UploaderRoutes(UploaderConfig config) {
    this(config, attempt -> LOG.info("no connection to CC attempt={}", attempt));
  }

  UploaderRoutes(UploaderConfig config, IntConsumer connectFailed) {
    this.config = config;
    this.cc = new CcConnection(config.skipCertVerify(), connectFailed);
    this.jobs = new JobPoller(cc, config);
    this.slots = new Semaphore(config.maxConcurrentUploads());
  }

  /** The guids in the paths are for logs only: the query says where an upload goes. */
  public Router addTo(Router router) {
    return router
        .route("POST", "/v1/droplet/:guid", request -> handle(Kind.DROPLET, request))
        .route(
            "POST", "/v1/build_artifacts/:guid", request -> handle(Kind.BUILD_ARTIFACTS, request));
  }

  private Response handle(Kind kind, Request request) {
    try {
      var order = UploadOrder.from(kind, request);
      if (!slots.tryAcquire()) {
        throw new UploadFailedException(
            503, "too many uploads: " + config.maxConcurrentUploads() + " are under way");
      }
      try {
        transfer(kind, order, request);
      } finally {
        slots.release();
      }
      LOG.info(
          "uploaded path={} bytes={} target={}", request.rawPath(), order.length(), order.target());
      return Response.empty(kind.successStatus());
    } catch (UploadFailedException failed) {
      LOG.warn(
          "upload failed path={} status={} reason={}",
          request.rawPath(),
          failed.status(),
          failed.body().lines().findFirst().orElse(""));
      return answer(failed);
    }
  }

  /** HTTP allows these two no body. */
  private static Response answer(UploadFailedException failed) {
    return failed.status() == 204 || failed.status() == 304
        ? Response.empty(failed.status())
        : Response.text(failed.status(), failed.body());
  }

  private void transfer(Kind kind, UploadOrder order, Request request)
      throws UploadFailedException {
    var deadline = Deadline.in(order.timeout());
    var content = new CallerBody(request.bodyStream(), order.length());
    try {
      var file = new MultipartFile(kind.fileName(), content);
      var answer = cc.upload(order.target(), file, order.contentMd5(), deadline);
      if (answer.status() != 200 && answer.status() != 201) {
        throw new UploadFailedException(
            answer.status(), "status code: " + answer.status() + "\n" + answer.text());
      }
      if (kind == Kind.DROPLET) {
        jobs.awaitFinished(order.target(), answer, deadline);
      }
    } finally {
      content.stop();
    }
  }

  /** Gives up the uploads under way. */
  @Override
  public void close() {
    cc.close();
  }
}

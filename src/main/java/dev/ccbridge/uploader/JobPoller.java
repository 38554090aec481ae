package dev.ccbridge.uploader;

import java.io.IOException;
import java.time.Duration;

/** Waits for the job that an upload started. Thread-safe. Source: ccclient/poller.go. */
final class JobPoller {
  private static final int SHOWN_STATUS_LENGTH = 100;

  private final CcConnection cc;
  private final Duration interval;
  private final Duration communicationTimeout;

  JobPoller(CcConnection cc, UploaderConfig config) {
    this.cc = cc;
    this.interval = config.jobPollingInterval();
    this.communicationTimeout = config.communicationTimeout();
  }

  /**
   * Returns when the job has finished. Each answer says where to ask next; HTTP statuses do not
   * count.
   *
   * @param answer to the upload
   * @throws UploadFailedException 500 when the job failed, cannot be followed, or {@code deadline}
   *     passed
   */
  void awaitFinished(CcUrl uploaded, Answer answer, Deadline deadline)
      throws UploadFailedException {
    var job = parse(answer);
    while (!isFinished(job)) {
      pause(deadline);
      job = parse(cc.get(next(job, uploaded), atMost(communicationTimeout, deadline)));
    }
  }

  private static boolean isFinished(Job job) throws UploadFailedException {
    return switch (job.status()) {
      case "finished" -> true;
      case "queued", "running" -> false;
      case "failed" -> throw new UploadFailedException(500, "upload job failed");
      default -> throw new UploadFailedException(500, "unknown job status: " + shown(job.status()));
    };
  }

  private static String shown(String status) {
    return status.length() <= SHOWN_STATUS_LENGTH
        ? status
        : status.substring(0, SHOWN_STATUS_LENGTH) + "…";
  }

  private static CcUrl next(Job job, CcUrl uploaded) throws UploadFailedException {
    try {
      return CcUrl.parse(job.url()).onHostOf(uploaded);
    } catch (IllegalArgumentException unparsable) {
      throw new UploadFailedException(
          500, "metadata.url of the job: " + unparsable.getMessage(), unparsable);
    }
  }

  private static Job parse(Answer answer) throws UploadFailedException {
    try {
      return Job.parse(answer.body());
    } catch (IOException undecodable) {
      throw new UploadFailedException(
          500,
          "the answer about the job, with status "
              + answer.status()
              + ", is not JSON with metadata.url and entity.status",
          undecodable);
    }
  }

  private void pause(Deadline deadline) throws UploadFailedException {
    try {
      Thread.sleep(atMost(interval, deadline));
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      throw cancelled();
    }
    if (!deadline.remaining().isPositive()) {
      throw cancelled();
    }
  }

  private static UploadFailedException cancelled() {
    return new UploadFailedException(500, "upstream request was cancelled");
  }

  private static Duration atMost(Duration wanted, Deadline deadline) {
    var remaining = deadline.remaining();
    return remaining.compareTo(wanted) < 0 ? remaining : wanted;
  }
}

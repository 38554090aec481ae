package dev.ccbridge.cloudcontroller.fake;

import dev.ccbridge.cloudcontroller.fake.App.Snapshot;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets the bridge know what became of an app. Thread-safe; no lock is held while it talks. */
final class Lifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(Lifecycle.class);

  private final Bridge bridge;
  private final Messages messages;
  private final BlobFiles files;

  Lifecycle(Bridge bridge, Messages messages, BlobFiles files) {
    this.bridge = bridge;
    this.messages = messages;
    this.files = files;
  }

  static String cacheName(String stack, String guid) {
    return "buildpack_cache-" + stack + "-" + guid;
  }

  /**
   * @throws CcError when there is nothing to stage, or the bridge refuses; a refused staging has
   *     failed
   */
  void start(App app) {
    messages.buildpacks(app.snapshot().settings().buildpack());
    app.start();
    run(app);
  }

  /** What ran before goes; the new process starts when it is staged. */
  void restage(App app) {
    messages.buildpacks(app.snapshot().settings().buildpack());
    var before = app.snapshot();
    if (before.started()) {
      end(before);
    }
    app.restage();
    run(app);
  }

  private void run(App app) {
    var now = app.snapshot();
    if (now.runs()) {
      desire(now);
      return;
    }
    try {
      var hasCache = files.exists(cacheName(now.settings().stack(), now.guid()));
      bridge.stage(now, messages.staging(now, hasCache));
    } catch (CcError refused) {
      app.stagingFailed(now.stagingTaskId(), "StagingError", refused.message());
      throw refused;
    }
  }

  void stop(App app) {
    var before = app.snapshot();
    app.stop();
    if (before.started()) {
      end(before);
    }
  }

  private void end(Snapshot before) {
    if (before.isStaging()) {
      bridge.stopStaging(before);
    } else {
      bridge.stop(before.processGuid());
    }
  }

  /** The app is gone from us even when the bridge cannot be told; then the bulker notices. */
  void deleted(Snapshot app) {
    try {
      if (app.started()) {
        end(app);
      }
    } catch (CcError refused) {
      LOG.warn("app not stopped processGuid={} reason={}", app.processGuid(), refused.message());
    }
  }

  /** Nothing is told of an app that does not run. */
  void desire(Snapshot app) {
    if (app.runs()) {
      bridge.desire(app, messages.desire(app));
    }
  }
}

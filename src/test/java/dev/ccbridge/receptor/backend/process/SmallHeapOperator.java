package dev.ccbridge.receptor.backend.process;

import static dev.ccbridge.receptor.backend.Containers.sh;

import dev.ccbridge.receptor.backend.Containers;
import dev.ccbridge.receptor.backend.RecordingListener;
import dev.ccbridge.receptor.model.Action;
import java.nio.file.Path;
import java.util.List;

/** A process with little memory that moves much. */
final class SmallHeapOperator {
  private SmallHeapOperator() {}

  /** Arguments: data directory, URL of the artifacts. */
  public static void main(String[] args) throws Exception {
    var listener = new RecordingListener();
    try (var backend =
        new ProcessBackend(
            ProcessBackendConfig.defaults(Path.of(args[0]))
                .withTiming(ProcessBackendContract.FAST))) {
      backend.start(listener, List.of());
      var task =
          Containers.task(
              Action.serial(
                  List.of(
                      Action.download("", args[1] + "/big", "/tmp/app", "key", "vcap"),
                      sh("mv /tmp/app/big /tmp/droplet"),
                      Action.upload("", "/tmp/droplet", args[1] + "/droplet", "vcap"))));
      backend.run(task);
      System.out.println(listener.awaitEnd(task.guid()));
    }
  }
}

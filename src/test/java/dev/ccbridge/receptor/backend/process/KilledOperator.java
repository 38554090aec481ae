package dev.ccbridge.receptor.backend.process;

import static dev.ccbridge.receptor.backend.Containers.sh;

import dev.ccbridge.receptor.backend.Container;
import dev.ccbridge.receptor.backend.Containers;
import dev.ccbridge.receptor.backend.RecordingListener;
import dev.ccbridge.receptor.model.Action;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A process that holds a backend, to be killed by a test. */
final class KilledOperator {
  private KilledOperator() {}

  static final int TASKS = 10;

  /** The tasks of a test, the same in each life. */
  static List<Container> tasks(String url) {
    var tasks = new ArrayList<Container>();
    for (int i = 0; i < TASKS; i++) {
      tasks.add(renamed(Containers.task(work(url), "/tmp/result"), "task-" + i));
    }
    return tasks;
  }

  private static Action work(String url) {
    var counting =
        "echo start >> trace; for i in 1 2 3 4 5 6; do echo line $i; sleep 0.1; done;"
            + " echo end >> trace";
    return Action.serial(
        List.of(
            Action.download("bits", url + "/bits", "/tmp/bits", "", "vcap"),
            Action.timeout(Duration.ofMinutes(5).toNanos(), sh(counting)),
            sh("cat /tmp/bits/f >> trace; cp trace /tmp/result"),
            Action.upload("droplet", "/tmp/result", url + "/droplet", "vcap")));
  }

  /** An instance that leaves a daemon behind. */
  static Container instance(String marker) {
    return renamed(
        Containers.instance(sh("(setsid sleep " + marker + " &) ; sleep " + marker), null, 0),
        "instance");
  }

  private static Container renamed(Container c, String guid) {
    return new Container(
        guid,
        c.instance(),
        c.domain(),
        c.rootfs(),
        c.env(),
        c.setup(),
        c.action(),
        c.monitor(),
        c.startTimeoutSeconds(),
        c.ports(),
        c.memoryMb(),
        c.diskMb(),
        c.cpuWeight(),
        c.privileged(),
        c.egressRules(),
        c.logGuid(),
        c.logSource(),
        c.resultFile(),
        c.imageCredentials());
  }

  static ProcessBackend backend(Path data, Isolation isolation) {
    return new ProcessBackend(
        ProcessBackendConfig.defaults(data)
            .withIsolation(isolation)
            .withTiming(ProcessBackendContract.FAST));
  }

  /** Arguments: data directory, isolation, URL of the artifacts, marker, seed, first life. */
  public static void main(String[] args) throws Exception {
    var random = new Random(Long.parseLong(args[4]));
    boolean first = Boolean.parseBoolean(args[5]);
    var tasks = tasks(args[2]);
    var backend = backend(Path.of(args[0]), Isolation.valueOf(args[1]));
    backend.start(new RecordingListener(), first ? List.of() : tasks);
    backend.place(instance(args[3]));
    backend.run(instance(args[3]));
    System.out.println("started");
    if (first) {
      for (var task : tasks) {
        Thread.sleep(random.nextInt(100));
        backend.place(task);
        backend.run(task);
      }
    }
    Thread.currentThread().join();
  }
}

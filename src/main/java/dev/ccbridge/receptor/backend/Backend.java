package dev.ccbridge.receptor.backend;

import dev.ccbridge.receptor.model.CellResponse;
import dev.ccbridge.receptor.model.LogLine;
import dev.ccbridge.receptor.model.LogRange;
import dev.ccbridge.receptor.model.TaskProgress;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * Runs containers. The store decides what should run; a backend runs it and tells what became of
 * it. A backend survives the death of this process as far as it can: what it needs to go on with a
 * task, it has stored before it started anything.
 *
 * <p>Methods return quickly and may be called from any thread; what takes time is told to the
 * {@link ContainerListener}.
 */
public interface Backend extends AutoCloseable {

  /**
   * Called once, before anything else, with the containers that the store believes to run since an
   * earlier life. Tasks among them are gone on with from where they were, or, if they had never
   * begun, begun now; one that can be neither ends with {@code cell disappeared before completion}.
   * LRP instances are gone on with where the backend can do that, also those that have ended
   * meanwhile. All others are killed, and nothing of them runs any more when this returns. The
   * listener may hear of those that are gone on with before that.
   *
   * @return the guids of the instances that are gone on with
   */
  Set<String> start(ContainerListener listener, Collection<Container> containers);

  List<CellResponse> cells();

  /**
   * How many calls of {@link #place} it takes at the same time: one where the answer is at hand, so
   * that containers are placed in the order in which they were asked for.
   */
  default int placementsAtATime() {
    return 1;
  }

  /**
   * Reserves room for the container on a cell; {@link #run} or {@link #destroy} follows.
   *
   * @return the id of the cell
   * @throws PlacementException when no cell takes it
   */
  String place(Container container);

  /** Begins to run a placed container. */
  void run(Container container);

  /**
   * Cancels what runs in the container: SIGTERM, after 10 s SIGKILL. {@link
   * ContainerListener#ended} follows, unless the container is unknown.
   */
  void stop(String containerGuid);

  /**
   * Ends the container at once if it runs, without telling the listener, and frees all it had.
   * Unknown guids are no error.
   */
  void destroy(String containerGuid);

  /** The progress of a task's container, {@link TaskProgress#NONE} when unknown. */
  TaskProgress progress(String containerGuid);

  /**
   * Lines of a task's log, oldest first; kept until the task is destroyed. No two lines of a log
   * have the same timestamp, and it rises from line to line.
   */
  List<LogLine> taskLogs(String taskGuid, LogRange range);

  /** The last {@code maxLines} of {@link #taskLogs(String, LogRange)}. */
  default List<LogLine> taskLogs(String taskGuid, int maxLines) {
    return taskLogs(taskGuid, LogRange.last(maxLines));
  }

  /** Lines of one LRP instance's log, oldest first; kept across its restarts. */
  List<LogLine> lrpLogs(String processGuid, int index, LogRange range);

  /** The last {@code maxLines} of {@link #lrpLogs(String, int, LogRange)}. */
  default List<LogLine> lrpLogs(String processGuid, int index, int maxLines) {
    return lrpLogs(processGuid, index, LogRange.last(maxLines));
  }

  /**
   * A place in a task's log.
   *
   * @param from the place; with an {@code after}, the number of lines does not matter
   */
  LogCursor openTaskLog(String taskGuid, LogRange from);

  /** A place in the log of one LRP instance, across its restarts. */
  LogCursor openLrpLog(String processGuid, int index, LogRange from);

  /**
   * The desired LRP is gone, and all its containers: what is still kept for it, its logs, may go.
   */
  void forget(String processGuid);

  /**
   * Process guids of which something is kept after {@link #start} that {@link #forget} drops: it
   * may not have been asked to before the process died.
   */
  default Set<String> kept() {
    return Set.of();
  }

  /**
   * Lets go of everything. What the next {@link #start} can go on with is left as it is: tasks, and
   * with some backends LRP instances. Others are ended, and when this returns nothing of them runs
   * any more.
   */
  @Override
  void close();
}

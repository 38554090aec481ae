package dev.ccbridge.receptor;

import dev.ccbridge.receptor.model.ActualLRPResponse;
import dev.ccbridge.receptor.model.CellResponse;
import dev.ccbridge.receptor.model.DesiredLRPCreateRequest;
import dev.ccbridge.receptor.model.DesiredLRPResponse;
import dev.ccbridge.receptor.model.DesiredLRPSummary;
import dev.ccbridge.receptor.model.DesiredLRPUpdateRequest;
import dev.ccbridge.receptor.model.LogLine;
import dev.ccbridge.receptor.model.LogRange;
import dev.ccbridge.receptor.model.TaskCreateRequest;
import dev.ccbridge.receptor.model.TaskResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Runs tasks and long-running processes: the operations of Receptor API v1. In-process or remote,
 * the same contract suite holds for all implementations.
 *
 * <p>All methods throw {@link dev.ccbridge.receptor.model.ReceptorException} with the name that the
 * wire has for it; of kind UNAVAILABLE when the Receptor could not be reached. All methods may be
 * called from any thread. A domain of {@code ""} stands for all domains.
 */
public interface Receptor extends AutoCloseable {

  /**
   * Stores a task; it is run at most once.
   *
   * @throws dev.ccbridge.receptor.model.ReceptorException InvalidTask, or TaskGuidAlreadyExists for
   *     a guid in use in any state
   */
  void createTask(TaskCreateRequest request);

  /**
   * All tasks of the domain, in no particular order, with their progress where the implementation
   * knows it.
   */
  List<TaskResponse> tasks(String domain);

  Optional<TaskResponse> findTask(String taskGuid);

  /**
   * Fails the task with {@code task was cancelled}. Errors: TaskNotFound; UnknownError when it had
   * finished already.
   */
  void cancelTask(String taskGuid);

  /** Forgets a finished task. Errors: TaskNotFound; TaskNotDeletable when it is not COMPLETED. */
  void deleteTask(String taskGuid);

  /** Errors: InvalidLRP, DesiredLRPAlreadyExists. */
  void createDesiredLRP(DesiredLRPCreateRequest request);

  List<DesiredLRPResponse> desiredLRPs(String domain);

  /**
   * Hands over what tells one desired LRP from the next, of all in the domain, without holding them
   * all: for 100,000 of them, whose full records would take hundreds of megabytes. {@code each} is
   * called on the calling thread; when this throws, it may have had some of them.
   */
  default void summaries(String domain, Consumer<DesiredLRPSummary> each) {
    desiredLRPs(domain).forEach(lrp -> each.accept(DesiredLRPSummary.of(lrp)));
  }

  Optional<DesiredLRPResponse> findDesiredLRP(String processGuid);

  /** Errors: DesiredLRPNotFound; ResourceConflict when somebody else was faster, twice. */
  void updateDesiredLRP(String processGuid, DesiredLRPUpdateRequest update);

  /**
   * Removes the record and asks for the end of its instances, without waiting for it. Errors:
   * DesiredLRPNotFound.
   */
  void deleteDesiredLRP(String processGuid);

  /** One entry per process guid and index. */
  List<ActualLRPResponse> actualLRPs(String domain);

  /** The instances of one LRP; empty also for an unknown guid. */
  List<ActualLRPResponse> actualLRPsOf(String processGuid);

  Optional<ActualLRPResponse> findActualLRP(String processGuid, int index);

  /**
   * Stops one instance; as long as it is wanted, a new one takes its place. Errors:
   * ActualLRPIndexNotFound.
   */
  void killActualLRP(String processGuid, int index);

  List<CellResponse> cells();

  /**
   * Declares the domain's desired LRPs complete for {@code ttl} (whole seconds; zero: for ever).
   */
  void upsertDomain(String domain, Duration ttl);

  /** The domains that are fresh. */
  List<String> domains();

  /**
   * Subscribes to all changes of LRPs from now on; active when this returns. Subscribe first and
   * list afterwards, then no change is missed.
   */
  EventSource subscribeToEvents();

  /**
   * The same, from the event on that came after the one with this id, if it is still known; {@link
   * EventSource#isResumed()} says so. Otherwise from now on: list everything.
   *
   * @param lastEventId what {@link EventSource#lastEventId()} said; any other text is none
   */
  default EventSource subscribeToEvents(String lastEventId) {
    return subscribeToEvents();
  }

  /** Lines of a task's log, oldest first; empty when there are none or it is unknown. */
  List<LogLine> taskLogs(String taskGuid, LogRange range);

  /** The last {@code maxLines} of {@link #taskLogs(String, LogRange)}. */
  default List<LogLine> taskLogs(String taskGuid, int maxLines) {
    return taskLogs(taskGuid, LogRange.last(maxLines));
  }

  /** Lines of one instance's log, oldest first, across its restarts. */
  List<LogLine> lrpLogs(String processGuid, int index, LogRange range);

  /** The last {@code maxLines} of {@link #lrpLogs(String, int, LogRange)}. */
  default List<LogLine> lrpLogs(String processGuid, int index, int maxLines) {
    return lrpLogs(processGuid, index, LogRange.last(maxLines));
  }

  /**
   * Follows a task's log: past lines, then those that come. It is over when the task has ended and
   * its last line was told, or when it is gone. Errors: TaskNotFound.
   *
   * @param from where to begin; with a place to go on from, all lines after it are told
   */
  LogSource followTaskLogs(String taskGuid, LogRange from);

  /**
   * Follows one instance's log across its restarts; also one that there is not yet. It is over when
   * the LRP was deleted and its instances have ended. Errors: DesiredLRPNotFound; InvalidRequest
   * for an index below zero.
   */
  LogSource followLrpLogs(String processGuid, int index, LogRange from);

  /** Releases what this object holds. What runs goes on. */
  @Override
  void close();
}

package dev.ccbridge.operator;

import dev.ccbridge.receptor.EventSource;
import dev.ccbridge.receptor.LogSource;
import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.model.ActualLRPResponse;
import dev.ccbridge.receptor.model.CellResponse;
import dev.ccbridge.receptor.model.DesiredLRPCreateRequest;
import dev.ccbridge.receptor.model.DesiredLRPResponse;
import dev.ccbridge.receptor.model.DesiredLRPSummary;
import dev.ccbridge.receptor.model.DesiredLRPUpdateRequest;
import dev.ccbridge.receptor.model.LogLine;
import dev.ccbridge.receptor.model.LogRange;
import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.receptor.model.TaskCreateRequest;
import dev.ccbridge.receptor.model.TaskResponse;
import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one Receptor of several processes, on each of them: its own while it leads, else that of the
 * leader, over HTTP. While nobody leads every call fails as UNAVAILABLE. Streams end when the
 * leader changes, so that who follows one lists anew. Thread-safe.
 */
final class LedReceptor implements Receptor {
  private static final Logger LOG = LoggerFactory.getLogger(LedReceptor.class);

  private final Function<URI, Receptor> connect;

  /** For whoever closes them; those that nobody holds any more need no end. */
  private final Set<AutoCloseable> streams = Collections.newSetFromMap(new WeakHashMap<>());

  private volatile @Nullable Receptor current;
  private boolean leading;
  private boolean closed;

  /** Where the leader was last said to be; with its credentials, so not for a log. */
  private Optional<URI> leader = Optional.empty();

  /**
   * @param connect to the Receptor of another process
   */
  LedReceptor(Function<URI, Receptor> connect) {
    this.connect = connect;
  }

  /** From now on this process leads. {@code own} is closed by whoever made it. */
  synchronized void lead(Receptor own) {
    leading = true;
    replace(own);
  }

  /** This process leads no more. */
  synchronized void leave() {
    if (leading) {
      leading = false;
      current = null;
      endStreams();
    }
  }

  /** Where another process that leads can be reached; empty: nobody knows. */
  synchronized void follow(Optional<URI> other) {
    if (leading || closed || leader.equals(other)) {
      leader = other;
      return;
    }
    leader = other;
    LOG.info("receptor.leader {}", other.map(URI::getHost).orElse("unknown"));
    replace(other.map(connect).orElse(null));
  }

  private void replace(@Nullable Receptor next) {
    var before = current;
    current = next;
    endStreams();
    if (before != null) {
      before.close();
    }
  }

  private void endStreams() {
    for (var stream : List.copyOf(streams)) {
      try {
        stream.close();
      } catch (Exception failure) {
        LOG.debug("a stream did not close", failure);
      }
    }
    streams.clear();
  }

  private Receptor receptor() {
    var receptor = current;
    if (receptor == null) {
      throw ReceptorException.unavailable("no process leads the Receptor", null);
    }
    return receptor;
  }

  private synchronized <T extends AutoCloseable> T keep(Receptor of, T stream)
      throws ReceptorException {
    if (of != current) {
      closeQuietly(stream);
      throw ReceptorException.unavailable("the Receptor has got another leader", null);
    }
    streams.add(stream);
    return stream;
  }

  private static void closeQuietly(AutoCloseable stream) {
    try {
      stream.close();
    } catch (Exception failure) {
      LOG.debug("a stream did not close", failure);
    }
  }

  @Override
  public void createTask(TaskCreateRequest request) {
    receptor().createTask(request);
  }

  @Override
  public List<TaskResponse> tasks(String domain) {
    return receptor().tasks(domain);
  }

  @Override
  public Optional<TaskResponse> findTask(String taskGuid) {
    return receptor().findTask(taskGuid);
  }

  @Override
  public void cancelTask(String taskGuid) {
    receptor().cancelTask(taskGuid);
  }

  @Override
  public void deleteTask(String taskGuid) {
    receptor().deleteTask(taskGuid);
  }

  @Override
  public void createDesiredLRP(DesiredLRPCreateRequest request) {
    receptor().createDesiredLRP(request);
  }

  @Override
  public List<DesiredLRPResponse> desiredLRPs(String domain) {
    return receptor().desiredLRPs(domain);
  }

  @Override
  public void summaries(String domain, Consumer<DesiredLRPSummary> each) {
    receptor().summaries(domain, each);
  }

  @Override
  public Optional<DesiredLRPResponse> findDesiredLRP(String processGuid) {
    return receptor().findDesiredLRP(processGuid);
  }

  @Override
  public void updateDesiredLRP(String processGuid, DesiredLRPUpdateRequest update) {
    receptor().updateDesiredLRP(processGuid, update);
  }

  @Override
  public void deleteDesiredLRP(String processGuid) {
    receptor().deleteDesiredLRP(processGuid);
  }

  @Override
  public List<ActualLRPResponse> actualLRPs(String domain) {
    return receptor().actualLRPs(domain);
  }

  @Override
  public List<ActualLRPResponse> actualLRPsOf(String processGuid) {
    return receptor().actualLRPsOf(processGuid);
  }

  @Override
  public Optional<ActualLRPResponse> findActualLRP(String processGuid, int index) {
    return receptor().findActualLRP(processGuid, index);
  }

  @Override
  public void killActualLRP(String processGuid, int index) {
    receptor().killActualLRP(processGuid, index);
  }

  @Override
  public List<CellResponse> cells() {
    return receptor().cells();
  }

  @Override
  public void upsertDomain(String domain, Duration ttl) {
    receptor().upsertDomain(domain, ttl);
  }

  @Override
  public List<String> domains() {
    return receptor().domains();
  }

  @Override
  public EventSource subscribeToEvents() {
    var receptor = receptor();
    return keep(receptor, receptor.subscribeToEvents());
  }

  @Override
  public EventSource subscribeToEvents(String lastEventId) {
    var receptor = receptor();
    return keep(receptor, receptor.subscribeToEvents(lastEventId));
  }

  @Override
  public List<LogLine> taskLogs(String taskGuid, LogRange range) {
    return receptor().taskLogs(taskGuid, range);
  }

  @Override
  public List<LogLine> lrpLogs(String processGuid, int index, LogRange range) {
    return receptor().lrpLogs(processGuid, index, range);
  }

  @Override
  public LogSource followTaskLogs(String taskGuid, LogRange from) {
    var receptor = receptor();
    return keep(receptor, receptor.followTaskLogs(taskGuid, from));
  }

  @Override
  public LogSource followLrpLogs(String processGuid, int index, LogRange from) {
    var receptor = receptor();
    return keep(receptor, receptor.followLrpLogs(processGuid, index, from));
  }

  /** A Receptor of its own is left to whoever made it. */
  @Override
  public synchronized void close() {
    closed = true;
    endStreams();
    var receptor = current;
    if (!leading && receptor != null) {
      current = null;
      receptor.close();
    }
  }
}

package dev.ccbridge.receptor.backend.pod;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import dev.ccbridge.receptor.backend.Backend;
import dev.ccbridge.receptor.backend.Container;
import dev.ccbridge.receptor.backend.ContainerListener;
import dev.ccbridge.receptor.backend.LogCursor;
import dev.ccbridge.receptor.model.CellResponse;
import dev.ccbridge.receptor.model.LogLine;
import dev.ccbridge.receptor.model.LogRange;
import dev.ccbridge.receptor.model.SecurityGroupRule;
import dev.ccbridge.receptor.model.TaskProgress;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs containers as Pods, see the package's own words for how. It keeps nothing that does not
 * stand in Kubernetes: containers go on while no operator is there, and the next one finds them
 * again.
 */
public final class PodBackend implements Backend {
  private static final Logger LOG = LoggerFactory.getLogger(PodBackend.class);

  /** Each waits for the scheduler, which answers one Pod after the other. */
  private static final int PLACEMENTS_AT_A_TIME = 32;

  private static final Duration LOOK_INTERVAL = Duration.ofSeconds(2);
  private static final Duration PAUSE = Duration.ofMillis(50);
  private static final Duration END_MARGIN = Duration.ofSeconds(30);

  private final KubernetesClient kubernetes;
  private final PodBackendConfig config;
  private final Clock clock;
  private final PodManifests manifests;
  private final RootfsImages images;
  private final Pods pods;
  private final PodLog log;
  private final PodHealth health;
  private final EgressPolicies egress;
  private final InstanceSecrets secrets;
  private final ConcurrentMap<String, PodContainer> containers = new ConcurrentHashMap<>();

  /** Names of Pods that are on their way out, and whose logs are forgotten already. */
  private final Set<String> discarded = ConcurrentHashMap.newKeySet();

  private final ScheduledExecutorService looks =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("pod-backend").factory());
  private @Nullable ContainerListener listener;
  private volatile @Nullable SharedIndexInformer<Pod> podInformer;
  private volatile @Nullable SharedIndexInformer<Node> nodeInformer;

  /**
   * @param kubernetes is closed with this backend
   */
  public PodBackend(KubernetesClient kubernetes, PodBackendConfig config, Clock clock) {
    this.kubernetes = kubernetes;
    this.config = config;
    this.clock = clock;
    this.manifests = new PodManifests(config);
    this.images = new RootfsImages(config.images());
    this.pods = new Pods(kubernetes, config.namespace(), clock);
    this.log = new PodLog(kubernetes, config.namespace());
    this.health = new PodHealth(kubernetes, config.namespace());
    this.egress = new EgressPolicies(kubernetes, config, clock);
    this.secrets = new InstanceSecrets(kubernetes, config, manifests, pods, clock);
  }

  /**
   * @throws CcBridgeException UNAVAILABLE when what was left cannot be ended in time
   */
  @Override
  public Set<String> start(ContainerListener itsListener, Collection<Container> before) {
    listener = itsListener;
    nodeInformer = kubernetes.nodes().inform();
    var informer =
        kubernetes
            .pods()
            .inNamespace(config.namespace())
            .withLabels(PodMarks.ofCell(config.name()))
            .inform(new Handler());
    podInformer = informer;
    secrets.start();
    var adopted = before.stream().filter(this::canGoOn).toList();
    killLeftovers(adopted);
    known(pod -> PodMarks.isTask(pod) && state(pod) instanceof PodState.Ended)
        .forEach(pod -> pods.deleteSecret(PodManifests.secretName(pod)));
    adopted.forEach(this::goOnWith);
    looks.scheduleWithFixedDelay(
        this::lookAtAll, LOOK_INTERVAL.toMillis(), LOOK_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    return adopted.stream()
        .filter(container -> !container.isTask())
        .map(Container::guid)
        .collect(Collectors.toSet());
  }

  /**
   * A task always: one without a Pod is told to be lost. An instance whose Pod is there, unless
   * somebody has asked it to stop and nobody remembers that.
   */
  private boolean canGoOn(Container container) {
    return container.isTask()
        || pods.find(PodMarks.podName(container.guid()))
            .filter(pod -> !Pods.isStopped(pod))
            .isPresent();
  }

  /** All but those that are gone on with, and logs of instances that have ended anyway. */
  private void killLeftovers(Collection<Container> adopted) {
    var wanted = new HashSet<String>();
    adopted.forEach(container -> wanted.add(PodMarks.podName(container.guid())));
    var leftovers =
        known(pod -> !wanted.contains(name(pod)))
            .filter(pod -> PodMarks.isTask(pod) || !(state(pod) instanceof PodState.Ended))
            .map(PodBackend::name)
            .toList();
    leftovers.forEach(pod -> pods.delete(pod, 1));
    boolean gone =
        await(
            config.lostAfter().plus(END_MARGIN),
            () -> known(pod -> leftovers.contains(name(pod))).noneMatch(this::isLeft));
    if (!gone) {
      throw new CcBridgeException(
          ErrorKind.UNAVAILABLE, "containers of an earlier life do not end: " + leftovers);
    }
  }

  /** A Pod on a node that is away ends for nobody: it is taken away from there. */
  private boolean isLeft(Pod pod) {
    if (!(state(pod) instanceof PodState.Lost)) {
      return true;
    }
    if (discarded.add(name(pod))) {
      pods.delete(name(pod), 0);
    }
    return true;
  }

  private void goOnWith(Container container) {
    var itself = newContainer(container);
    containers.put(container.guid(), itself);
    var known = pods.find(itself.pod());
    if (known.isEmpty()) {
      itself.gone();
      return;
    }
    itself.become(known.get());
    var state = state(known.get());
    if (!(state instanceof PodState.Ended)) {
      giveSecret(container, known.get());
    }
    itself.begin();
    itself.observe(state);
  }

  /** Also if it never had one: then it begins now. */
  private void giveSecret(Container container, Pod pod) {
    if (container.isTask()) {
      pods.create(manifests.taskSecret(container, pod));
    } else {
      secrets.restore(container, PodManifests.secretName(pod));
    }
  }

  private PodContainer newContainer(Container container) {
    var told = listener;
    if (told == null) {
      throw new CcBridgeException(ErrorKind.UNAVAILABLE, "the pod backend is not started");
    }
    return new PodContainer(container, config, pods, log, health, told, clock, this::ended);
  }

  @Override
  public List<CellResponse> cells() {
    var informer = nodeInformer;
    return informer == null
        ? List.of()
        : Nodes.cells(informer.getStore().list(), images.providers());
  }

  /** What no policy can say of a container's rules, in words for people. Pure. */
  public static List<String> egressGaps(List<SecurityGroupRule> rules) {
    return EgressRules.of(rules).notExpressed().stream()
        .map(lost -> "no NetworkPolicy can say: " + lost)
        .toList();
  }

  @Override
  public int placementsAtATime() {
    return PLACEMENTS_AT_A_TIME;
  }

  /**
   * The Pod that this makes is the reservation. A task's waits for {@link #run}; an instance begins
   * as soon as it can, and is told of from {@link #run} on.
   */
  @Override
  public String place(Container container) {
    manifests.requireImage(container);
    var itself = newContainer(container);
    containers.put(container.guid(), itself);
    try {
      egress.ensure(container.egressRules());
      create(manifest(container, itself), itself);
      return itself.awaitNode();
    } catch (TimeoutException e) {
      destroy(container.guid());
      throw new CcBridgeException(
          ErrorKind.UNAVAILABLE, "the scheduler said nothing of pod " + itself.pod(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      destroy(container.guid());
      throw new CcBridgeException(ErrorKind.UNAVAILABLE, "interrupted", e);
    } catch (RuntimeException e) {
      destroy(container.guid());
      throw e;
    }
  }

  private Pod manifest(Container container, PodContainer itself) {
    var attempt = UUID.randomUUID();
    if (container.isTask()) {
      itself.willHave(PodManifests.taskSecret(container, attempt));
    } else {
      secrets.ensure(container, itself::willHave);
    }
    return manifests.pod(container, attempt, itself.secret());
  }

  /** One of that name is one whose creation we were not told of, or one that is being deleted. */
  private void create(Pod manifest, PodContainer itself) throws TimeoutException {
    var attempt = PodMarks.attempt(manifest);
    boolean done =
        await(
            config.placementPatience(),
            () -> {
              var pod = pods.create(manifest).or(() -> made(name(manifest), attempt));
              pod.ifPresent(made -> become(itself, made));
              return pod.isPresent();
            });
    if (!done) {
      throw new TimeoutException("another pod of that name");
    }
    discarded.remove(itself.pod());
  }

  /** What a request has made whose answer was lost. */
  private Optional<Pod> made(String name, String attempt) {
    return pods.find(name).filter(pod -> PodMarks.attempt(pod).equals(attempt));
  }

  /** And takes in what was told of the Pod before it was known whose it is. */
  private void become(PodContainer container, Pod pod) {
    container.become(pod);
    known(container).ifPresent(this::observe);
    var lost = PodMarks.egressNotExpressed(pod);
    if (!lost.isEmpty()) {
      pods.warn(pod, "EgressNotExpressed", "no network policy can say: " + lost);
    }
  }

  @Override
  public void run(Container container) {
    var itself = containers.get(container.guid());
    if (itself == null) {
      throw notPlaced(container);
    }
    if (container.isTask()) {
      letBegin(container, itself);
    }
    itself.begin();
    known(itself).ifPresent(this::observe);
  }

  /** What a task's Pod waits for. */
  private void letBegin(Container task, PodContainer itself) {
    var pod = known(itself).or(() -> pods.find(itself.pod())).orElseThrow(() -> notPlaced(task));
    try {
      pods.create(manifests.taskSecret(task, pod));
    } catch (RuntimeException e) {
      // It may have been created all the same, and must not run when we say that it does not.
      destroy(task.guid());
      throw e;
    }
  }

  private static CcBridgeException notPlaced(Container container) {
    return new CcBridgeException(
        ErrorKind.NOT_FOUND, "container " + container.guid() + " is not placed");
  }

  @Override
  public void stop(String containerGuid) {
    var container = containers.get(containerGuid);
    if (container != null) {
      container.stop();
    }
  }

  @Override
  public void destroy(String containerGuid) {
    var container = containers.remove(containerGuid);
    if (container != null) {
      container.silence();
    }
    discard(PodMarks.podName(containerGuid), 1);
  }

  private void discard(String pod, long graceSeconds) {
    discarded.add(pod);
    pods.delete(pod, graceSeconds);
  }

  /** What it had to do may hold secrets, which need not lie around. */
  private void ended(PodContainer container) {
    var instance = container.container().instance();
    if (instance != null) {
      containers.remove(container.container().guid());
      discardOld(instance);
    } else if (!container.secret().isEmpty()) {
      pods.deleteSecret(container.secret());
    }
  }

  private void discardOld(Container.Instance instance) {
    known(pod -> PodMarks.isInstance(pod, instance.processGuid(), instance.index()))
        .filter(pod -> state(pod) instanceof PodState.Ended)
        .sorted(Comparator.comparing(Pods::creation).reversed())
        .skip(config.endedKept())
        .forEach(pod -> discard(name(pod), 0));
  }

  @Override
  public TaskProgress progress(String containerGuid) {
    var container = containers.get(containerGuid);
    return container == null ? TaskProgress.NONE : container.progress();
  }

  @Override
  public List<LogLine> taskLogs(String taskGuid, LogRange range) {
    return containers.containsKey(taskGuid)
        ? log.lines(PodMarks.podName(taskGuid), 0, range)
        : List.of();
  }

  @Override
  public LogCursor openTaskLog(String taskGuid, LogRange from) {
    return new PodLogCursor(
        range -> taskLogs(taskGuid, range),
        fromNow(from),
        () ->
            known(pod -> PodMarks.guid(pod).equals(taskGuid))
                .anyMatch(pod -> !(state(pod) instanceof PodState.Ended)));
  }

  @Override
  public List<LogLine> lrpLogs(String processGuid, int index, LogRange range) {
    var lines = new ArrayList<LogLine>();
    known(pod -> PodMarks.isInstance(pod, processGuid, index))
        .filter(pod -> !discarded.contains(name(pod)))
        .forEach(pod -> lines.addAll(log.lines(pod, index, range)));
    lines.sort(Comparator.comparingLong(LogLine::timestamp));
    return range.of(lines);
  }

  @Override
  public LogCursor openLrpLog(String processGuid, int index, LogRange from) {
    return new PodLogCursor(range -> lrpLogs(processGuid, index, range), fromNow(from), () -> true);
  }

  /** The end of a log is a moment, as its Pods may change. */
  private LogRange fromNow(LogRange from) {
    return from.isFromTheEnd() && from.lines() == 0
        ? LogRange.after(clock.millis() * 1_000_000, 0)
        : from;
  }

  /** Not those of an LRP of the same guid that came meanwhile and is being placed. */
  @Override
  public void forget(String processGuid) {
    known(
            pod ->
                PodMarks.isOfProcess(pod, processGuid)
                    && (state(pod) instanceof PodState.Ended
                        || !containers.containsKey(PodMarks.guid(pod))))
        .forEach(pod -> discard(name(pod), 1));
    secrets.forget(processGuid);
  }

  @Override
  public Set<String> kept() {
    return known(pod -> !PodMarks.isTask(pod)).map(PodMarks::process).collect(Collectors.toSet());
  }

  @Override
  public void close() {
    containers.values().forEach(PodContainer::silence);
    looks.shutdownNow();
    var informer = podInformer;
    if (informer != null) {
      informer.close();
    }
    var itsNodes = nodeInformer;
    if (itsNodes != null) {
      itsNodes.close();
    }
    pods.close();
    kubernetes.close();
  }

  /** Time alone makes a Pod lost, or an image one that cannot be had. */
  private void lookAtAll() {
    try {
      var seen = new PodsSeen(known(pod -> true).toList(), clock.instant());
      seen.all().forEach(one -> observe(one.pod(), one.state()));
      emptyCordonedNodes(seen);
      seen.goingOn().filter(this::isStray).forEach(pod -> discard(name(pod), 1));
      egress.tidy(seen.egress());
      restoreSecrets(seen);
      var used = seen.secrets();
      secrets.tidy(name -> used.contains(name) || isAwaited(name));
    } catch (RuntimeException e) {
      LOG.error("a look at all pods failed", e);
    }
  }

  private void restoreSecrets(PodsSeen seen) {
    var restored = new HashSet<String>();
    seen.longInStarting()
        .forEach(
            pod -> {
              var itself = containers.get(PodMarks.guid(pod));
              if (itself != null && itself.isToBegin(pod) && restored.add(itself.secret())) {
                giveSecret(itself.container(), pod);
              }
            });
  }

  /** By a container whose Pod is there or about to be. */
  private boolean isAwaited(String secret) {
    return containers.values().stream().anyMatch(container -> container.secret().equals(secret));
  }

  /** It may be told again, and is until an instance has left. */
  private void emptyCordonedNodes(PodsSeen seen) {
    var informer = nodeInformer;
    if (informer == null) {
      return;
    }
    seen.instancesOn(Nodes.cordoned(informer.getStore().list()))
        .map(pod -> containers.get(PodMarks.guid(pod)))
        .filter(Objects::nonNull)
        .forEach(PodContainer::evacuate);
  }

  /** Made by a former operator that did not know yet that we had taken over. */
  private boolean isStray(Pod pod) {
    return !containers.containsKey(PodMarks.guid(pod)) && !discarded.contains(name(pod));
  }

  private void observe(Pod pod) {
    observe(pod, state(pod));
  }

  private void observe(Pod pod, PodState state) {
    var container = containers.get(PodMarks.guid(pod));
    if (container != null && container.is(pod)) {
      container.observe(state);
    }
  }

  private PodState state(Pod pod) {
    return PodState.of(pod, clock.instant());
  }

  private Stream<Pod> known(Predicate<Pod> which) {
    var informer = podInformer;
    return informer == null ? Stream.empty() : informer.getStore().list().stream().filter(which);
  }

  /** Its Pod, as we were told last. */
  private Optional<Pod> known(PodContainer container) {
    var informer = podInformer;
    return Optional.ofNullable(informer)
        .map(cache -> cache.getStore().getByKey(config.namespace() + "/" + container.pod()))
        .filter(container::is);
  }

  private static String name(Pod pod) {
    return pod.getMetadata().getName();
  }

  private static boolean await(Duration time, BooleanSupplier condition) {
    long deadline = System.nanoTime() + time.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline || Thread.currentThread().isInterrupted()) {
        return false;
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
    return true;
  }

  private final class Handler implements ResourceEventHandler<Pod> {
    @Override
    public void onAdd(Pod pod) {
      observe(pod);
    }

    @Override
    public void onUpdate(Pod before, Pod after) {
      observe(after);
    }

    @Override
    public void onDelete(Pod pod, boolean finalStateUnknown) {
      discarded.remove(name(pod));
      egress.released(PodMarks.egress(pod));
      var container = containers.get(PodMarks.guid(pod));
      if (container == null || !container.is(pod)) {
        return;
      }
      if (state(pod) instanceof PodState.Ended ended) {
        container.observe(ended);
      } else {
        container.gone();
      }
    }
  }
}

package dev.ccbridge.receptor;

import static dev.ccbridge.receptor.FakeReceptor.refused;

import dev.ccbridge.receptor.model.ActualLRPResponse;
import dev.ccbridge.receptor.model.ActualLRPState;
import dev.ccbridge.receptor.model.DesiredLRPCreateRequest;
import dev.ccbridge.receptor.model.DesiredLRPResponse;
import dev.ccbridge.receptor.model.DesiredLRPUpdateRequest;
import dev.ccbridge.receptor.model.ModificationTag;
import dev.ccbridge.receptor.model.PortMapping;
import dev.ccbridge.receptor.model.ReceptorErrorName;
import dev.ccbridge.receptor.model.ReceptorEvent;
import dev.ccbridge.receptor.model.ReceptorEvent.ActualLRPChanged;
import dev.ccbridge.receptor.model.ReceptorEvent.ActualLRPCreated;
import dev.ccbridge.receptor.model.ReceptorEvent.ActualLRPRemoved;
import dev.ccbridge.receptor.model.ReceptorEvent.DesiredLRPChanged;
import dev.ccbridge.receptor.model.ReceptorEvent.DesiredLRPCreated;
import dev.ccbridge.receptor.model.ReceptorEvent.DesiredLRPRemoved;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** The LRPs, domains and event streams of a {@link FakeReceptor}. */
final class FakeLRPs {
  private record Key(String processGuid, int index) {}

  private final Clock clock;
  private final Map<String, DesiredLRPResponse> desired = new LinkedHashMap<>();
  private final Map<Key, ActualLRPResponse> actual = new LinkedHashMap<>();
  private final Set<Key> stopping = new LinkedHashSet<>();
  private final Map<String, Instant> domains = new LinkedHashMap<>();
  private final List<DesiredLRPCreateRequest> created = new ArrayList<>();
  private final Set<Subscription> subscriptions = new LinkedHashSet<>();
  private boolean stopsSlowly;
  private boolean eventsLost;
  private int nextHostPort = 61001;

  FakeLRPs(Clock clock) {
    this.clock = clock;
  }

  synchronized List<DesiredLRPCreateRequest> created() {
    return List.copyOf(created);
  }

  synchronized List<DesiredLRPResponse> desired(String domain) {
    return desired.values().stream()
        .filter(d -> domain.isEmpty() || d.domain().equals(domain))
        .toList();
  }

  synchronized Optional<DesiredLRPResponse> find(String guid) {
    return Optional.ofNullable(desired.get(guid));
  }

  synchronized void create(DesiredLRPCreateRequest request) {
    if (request.action() == null || request.domain().isEmpty()) {
      throw refused(ReceptorErrorName.InvalidLRP, "Invalid field: domain");
    }
    if (desired.containsKey(request.processGuid())) {
      throw refused(ReceptorErrorName.DesiredLRPAlreadyExists, "desired LRP already exists");
    }
    created.add(request);
    var stored = response(request);
    desired.put(request.processGuid(), stored);
    emit(new DesiredLRPCreated(stored));
    converge();
  }

  synchronized void update(String guid, DesiredLRPUpdateRequest update) {
    var before = get(guid);
    var after = updated(before, update);
    desired.put(guid, after);
    emit(new DesiredLRPChanged(before, after));
    converge();
    for (var index = after.instances(); index < before.instances(); index++) {
      retire(new Key(guid, index));
    }
  }

  synchronized void delete(String guid) {
    var removed = get(guid);
    desired.remove(guid);
    emit(new DesiredLRPRemoved(removed));
    keysOf(guid).forEach(this::retire);
  }

  synchronized List<ActualLRPResponse> actual(String domain) {
    return actual.values().stream()
        .filter(a -> domain.isEmpty() || a.domain().equals(domain))
        .toList();
  }

  synchronized List<ActualLRPResponse> actualOf(String guid) {
    return actual.values().stream().filter(a -> a.processGuid().equals(guid)).toList();
  }

  synchronized Optional<ActualLRPResponse> findActual(String guid, int index) {
    return Optional.ofNullable(actual.get(new Key(guid, index)));
  }

  synchronized void kill(String guid, int index) {
    var key = new Key(guid, index);
    if (!actual.containsKey(key)) {
      throw refused(ReceptorErrorName.ActualLRPIndexNotFound, "no such instance");
    }
    retire(key);
  }

  synchronized void converge() {
    for (var lrp : desired.values()) {
      for (var index = 0; index < lrp.instances(); index++) {
        var key = new Key(lrp.processGuid(), index);
        if (!actual.containsKey(key)) {
          var unclaimed = unclaimed(lrp, index);
          actual.put(key, unclaimed);
          emit(new ActualLRPCreated(unclaimed));
        }
      }
    }
  }

  synchronized void claim(String guid, int index, String cellId) {
    change(
        guid,
        index,
        a ->
            with(a, ActualLRPState.CLAIMED)
                .on(UUID.randomUUID().toString(), cellId)
                .at("", List.of())
                .placementError(""));
  }

  synchronized void run(String guid, int index, String address, List<PortMapping> ports) {
    change(
        guid,
        index,
        a ->
            with(a, ActualLRPState.RUNNING)
                .on(
                    a.instanceGuid().isEmpty() ? UUID.randomUUID().toString() : a.instanceGuid(),
                    a.cellId().isEmpty() ? "cell-1" : a.cellId())
                .at(address, ports)
                .since(now())
                .placementError(""));
  }

  synchronized void runAll(String guid) {
    var lrp = get(guid);
    for (var key : keysOf(guid)) {
      var ports = lrp.ports().stream().map(port -> new PortMapping(port, nextHostPort++)).toList();
      run(guid, key.index(), "127.0.0.1", ports);
    }
  }

  synchronized void crash(String guid, int index, String reason, ActualLRPState then) {
    change(
        guid,
        index,
        a ->
            with(a, then)
                .on("", "")
                .at("", List.of())
                .since(now())
                .crashed(a.crashCount() + 1, reason));
  }

  synchronized void failPlacement(String guid, int index, String error) {
    change(guid, index, a -> with(a, ActualLRPState.UNCLAIMED).since(now()).placementError(error));
  }

  synchronized void remove(String guid, int index) {
    var key = new Key(guid, index);
    stopping.remove(key);
    var removed = actual.remove(key);
    if (removed != null) {
      emit(new ActualLRPRemoved(removed));
    }
  }

  synchronized void setStopsSlowly(boolean slowly) {
    stopsSlowly = slowly;
  }

  synchronized void letStop(String guid) {
    for (var key : List.copyOf(stopping)) {
      if (key.processGuid().equals(guid)) {
        remove(guid, key.index());
      }
    }
  }

  synchronized void upsertDomain(String domain, Duration ttl) {
    if (domain.isEmpty()) {
      throw refused(ReceptorErrorName.InvalidDomain, "domain must not be empty");
    }
    domains.put(domain, ttl.isZero() ? Instant.MAX : clock.instant().plus(ttl));
  }

  synchronized List<String> domains() {
    return domains.entrySet().stream()
        .filter(d -> d.getValue().isAfter(clock.instant()))
        .map(Map.Entry::getKey)
        .toList();
  }

  synchronized EventSource subscribe() {
    var subscription = new Subscription();
    subscriptions.add(subscription);
    return subscription;
  }

  synchronized int subscribers() {
    return subscriptions.size();
  }

  synchronized void cutEvents() {
    List.copyOf(subscriptions).forEach(Subscription::close);
  }

  synchronized void setEventsLost(boolean lost) {
    eventsLost = lost;
  }

  synchronized void emit(ReceptorEvent event) {
    if (!eventsLost) {
      subscriptions.forEach(s -> s.queue.add(Optional.of(event)));
    }
  }

  /** One open stream; an empty entry is its end. */
  private final class Subscription implements EventSource {
    private final BlockingQueue<Optional<ReceptorEvent>> queue = new LinkedBlockingQueue<>();

    @Override
    public ReceptorEvent next() throws InterruptedException {
      var event = queue.take();
      if (event.isEmpty()) {
        queue.add(event);
        throw new EventStreamEndedException("the stream was cut", null);
      }
      return event.get();
    }

    @Override
    public void close() {
      synchronized (FakeLRPs.this) {
        subscriptions.remove(this);
      }
      queue.add(Optional.empty());
    }
  }

  private DesiredLRPResponse get(String guid) {
    return find(guid)
        .orElseThrow(
            () ->
                refused(
                    ReceptorErrorName.DesiredLRPNotFound,
                    "Desired LRP with guid '" + guid + "' not found"));
  }

  private List<Key> keysOf(String guid) {
    return actual.keySet().stream().filter(k -> k.processGuid().equals(guid)).toList();
  }

  private void retire(Key key) {
    var instance = actual.get(key);
    if (instance == null) {
      return;
    }
    var onCell =
        instance.state() == ActualLRPState.CLAIMED || instance.state() == ActualLRPState.RUNNING;
    if (onCell && stopsSlowly) {
      stopping.add(key);
      return;
    }
    remove(key.processGuid(), key.index());
  }

  private void change(
      String guid, int index, java.util.function.Function<ActualLRPResponse, Draft> how) {
    var key = new Key(guid, index);
    var before = actual.get(key);
    if (before == null) {
      throw new IllegalStateException("no instance " + key);
    }
    var after = how.apply(before).build();
    actual.put(key, after);
    emit(new ActualLRPChanged(before, after));
  }

  private long now() {
    var now = clock.instant();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }

  private static DesiredLRPResponse response(DesiredLRPCreateRequest request) {
    return new DesiredLRPResponse(
        request.processGuid(),
        request.domain(),
        request.rootfs(),
        request.instances(),
        request.env(),
        request.setup(),
        request.action(),
        request.monitor(),
        request.startTimeout(),
        request.diskMb(),
        request.memoryMb(),
        request.cpuWeight(),
        request.privileged(),
        request.ports() == null ? List.of() : request.ports(),
        request.routes(),
        request.logGuid(),
        request.logSource(),
        request.metricsGuid(),
        request.annotation(),
        request.egressRules(),
        new ModificationTag(UUID.randomUUID().toString(), 0),
        request.imageUsername(),
        request.imagePassword());
  }

  private static DesiredLRPResponse updated(
      DesiredLRPResponse before, DesiredLRPUpdateRequest update) {
    var tag = before.modificationTag();
    return new DesiredLRPResponse(
        before.processGuid(),
        before.domain(),
        before.rootfs(),
        update.instances() == null ? before.instances() : update.instances(),
        before.env(),
        before.setup(),
        before.action(),
        before.monitor(),
        before.startTimeout(),
        before.diskMb(),
        before.memoryMb(),
        before.cpuWeight(),
        before.privileged(),
        before.ports(),
        update.routes() == null ? before.routes() : update.routes(),
        before.logGuid(),
        before.logSource(),
        before.metricsGuid(),
        update.annotation() == null ? before.annotation() : update.annotation(),
        before.egressRules(),
        new ModificationTag(tag.epoch(), tag.index() + 1),
        before.imageUsername(),
        before.imagePassword());
  }

  private ActualLRPResponse unclaimed(DesiredLRPResponse lrp, int index) {
    return new ActualLRPResponse(
        lrp.processGuid(),
        "",
        "",
        lrp.domain(),
        index,
        "",
        null,
        ActualLRPState.UNCLAIMED,
        0,
        "",
        "",
        now(),
        false,
        new ModificationTag(UUID.randomUUID().toString(), 0));
  }

  private static Draft with(ActualLRPResponse before, ActualLRPState state) {
    return new Draft(before, state);
  }

  /** A changed instance in the making. */
  private static final class Draft {
    private final ActualLRPResponse before;
    private final ActualLRPState state;
    private String instanceGuid;
    private String cellId;
    private String address;
    private List<PortMapping> ports;
    private int crashCount;
    private String crashReason;
    private String placementError;
    private long since;

    Draft(ActualLRPResponse before, ActualLRPState state) {
      this.before = before;
      this.state = state;
      instanceGuid = before.instanceGuid();
      cellId = before.cellId();
      address = before.address();
      ports = before.ports();
      crashCount = before.crashCount();
      crashReason = before.crashReason();
      placementError = before.placementError();
      since = before.since();
    }

    Draft on(String guid, String cell) {
      instanceGuid = guid;
      cellId = cell;
      return this;
    }

    Draft at(String host, List<PortMapping> mappings) {
      address = host;
      ports = mappings;
      return this;
    }

    Draft crashed(int count, String reason) {
      crashCount = count;
      crashReason = reason;
      return this;
    }

    Draft placementError(String error) {
      placementError = error;
      return this;
    }

    Draft since(long time) {
      since = time;
      return this;
    }

    ActualLRPResponse build() {
      var tag = before.modificationTag();
      return new ActualLRPResponse(
          before.processGuid(),
          instanceGuid,
          cellId,
          before.domain(),
          before.index(),
          address,
          ports,
          state,
          crashCount,
          crashReason,
          placementError,
          since,
          false,
          new ModificationTag(tag.epoch(), tag.index() + 1));
    }
  }
}

package dev.ccbridge.receptor.store.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.kubernetes.RealApiServer;
import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.receptor.store.Change;
import dev.ccbridge.receptor.store.Records;
import dev.ccbridge.receptor.store.RecordsContract;
import dev.ccbridge.receptor.store.RecordsException;
import dev.ccbridge.receptor.store.Table;
import dev.ccbridge.receptor.store.kubernetes.FaultyApi.Fault;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The contract on a real API server, and who owns the records there. */
class KubernetesRecordsIT extends RecordsContract {
  private static final Duration SOON = Duration.ofSeconds(20);

  private final OwnNamespace own = new OwnNamespace();
  private final KubernetesRecordsConfig config = own.config();
  private final KubernetesClient kubernetes = own.client();
  private final AtomicInteger lost = new AtomicInteger();

  @AfterEach
  void close() throws Exception {
    own.close();
  }

  @Override
  protected Records open() {
    return open(RealApiServer.shared().client());
  }

  private Records open(KubernetesClient client) {
    return own.keep(KubernetesRecords.open(client, config, lost::incrementAndGet));
  }

  @Test
  void endsAFormerOwnerThatDoesNotKnowThatItIsOne() {
    var former = open();
    put(former, "a", 1);
    var owner = open();
    assertThat(lost).hasValue(0);

    refusedAsLost(() -> put(former, "a", 2));
    assertThat(lost).hasValue(1);
    refusedAsLost(() -> put(former, "b", 2));

    put(owner, "a", 3);
    assertThat(lost).hasValue(1);
    former.close();
    owner.close();
    assertThat(reopened()).isEqualTo(Map.of("a", 3L));
  }

  @Test
  void tellsNobodyOfARecordThatWasMadeTooLate() {
    var former = open();
    open();
    refusedAsLost(() -> put(former, "new", 1));
    assertThat(lost).hasValue(1);
  }

  @Test
  void lateChangesOfAFormerOwnerFail() {
    put(open(), "a", 1);
    var late = secrets();
    var seen = late.list().getFirst();
    open();
    var entries = Map.of("record", change("a", 2).encoded());

    assertConflict(() -> late.update(domain("a"), entries, seen.epoch(), seen.version()));
    assertConflict(() -> late.delete(seen.name(), seen.version()));
    assertThat(reopened()).isEqualTo(Map.of("a", 1L));
  }

  @Test
  void dropsWhatAFormerOwnerMadeTooLate() {
    put(open(), "a", 1);
    var epoch = secrets().list().getFirst().epoch();
    var owner = open();
    for (var late : List.of("late", "b")) {
      secrets().create(domain(late), Map.of("record", change(late, 9).encoded()), epoch);
    }

    put(owner, "b", 2);

    assertThat(lost).hasValue(0);
    assertThat(reopened()).isEqualTo(Map.of("a", 1L, "b", 2L));
    assertThat(secrets().list()).hasSize(2);
  }

  @Test
  void takesUpWhatADyingTakeOverHadNotFinished() {
    put(open(), "a", 1);
    put(open(), "b", 2);
    var before = secrets().list();
    // Somebody raised the epoch, claimed one of the records, and died.
    var raised = new Epoch(kubernetes, config).raise(0).orElseThrow();
    secrets().claim(before.getFirst().name(), raised.number(), before.getFirst().version());

    assertThat(reopened()).isEqualTo(Map.of("a", 1L, "b", 2L));
  }

  @Test
  void countsOnWhenSomebodyHasRemovedTheEpoch() {
    put(open(), "a", 1);
    put(open(), "b", 1);
    kubernetes
        .secrets()
        .inNamespace(config.namespace())
        .withName(config.name() + "-receptor-epoch")
        .delete();
    var owner = open();
    put(owner, "a", 2);
    assertThat(lost).hasValue(0);
    assertThat(reopened()).isEqualTo(Map.of("a", 2L, "b", 1L));
  }

  @Test
  void ownsNothingOnceSomebodyHasRemovedTheEpoch() {
    var owner = open();
    kubernetes.secrets().inNamespace(config.namespace()).delete();
    refusedAsLost(() -> put(owner, "a", 1));
    assertThat(lost).hasValue(1);
  }

  @Test
  void writesOverWhatPeopleChangeByHand() {
    var owner = open();
    put(owner, "a", 1);
    var name = secrets().name(domain("a"));
    kubernetes
        .secrets()
        .inNamespace(config.namespace())
        .withName(name)
        .edit(secret -> edited(secret));
    put(owner, "a", 2);
    kubernetes.secrets().inNamespace(config.namespace()).withName(name).delete();
    put(owner, "a", 3);
    assertThat(lost).hasValue(0);
    assertThat(reopened()).isEqualTo(Map.of("a", 3L));
  }

  private static Secret edited(Secret secret) {
    secret.getMetadata().getLabels().put("edited", "yes");
    return secret;
  }

  @Test
  void namesARecordThatIsNotOne() {
    put(open(), "a", 1);
    var name = secrets().name(domain("a"));
    kubernetes
        .secrets()
        .inNamespace(config.namespace())
        .withName(name)
        .edit(
            secret -> {
              secret.setData(Map.of("record", "eA=="));
              return secret;
            });
    var owner = open();
    assertThatExceptionOfType(RecordsException.class)
        .isThrownBy(() -> values(owner))
        .withMessageContaining(config.namespace() + "/" + name);
  }

  @Test
  void keepsRecordsWhereOnlyReadersOfSecretsSeeThem() {
    put(open(), "a", 1);
    var stored =
        kubernetes
            .secrets()
            .inNamespace(config.namespace())
            .withName(secrets().name(domain("a")))
            .get();
    assertThat(stored.getType()).isEqualTo(RecordSecrets.TYPE);
    assertThat(stored.getMetadata().getLabels())
        .containsEntry("app.kubernetes.io/managed-by", "cc-bridge")
        .containsEntry("ccbridge.dev/receptor", "cc-bridge")
        .containsEntry("ccbridge.dev/receptor-table", "domains");
  }

  @Test
  void findsItsOwnWhoseAnswerWasLost() throws Exception {
    var api = own.keep(new FaultyApi(RealApiServer.shared()));
    var owner = open(api.client());
    api.next(request -> request.startsWith("POST"), Fault.LOST_ANSWER);
    put(owner, "a", 1);
    assertThat(api.isThrough()).isTrue();
    api.next(request -> request.startsWith("PUT"), Fault.LOST_ANSWER, Fault.LOST_ANSWER);
    put(owner, "a", 2);
    assertThat(api.isThrough()).isTrue();
    put(owner, "b", 2);
    api.next(request -> request.startsWith("DELETE"), Fault.LOST_ANSWER);
    Records.await(owner.write(List.of(Change.remove(Table.DOMAINS, "b"))));
    assertThat(api.isThrough()).isTrue();
    assertThat(lost).hasValue(0);
    assertThat(reopened()).isEqualTo(Map.of("a", 2L));
  }

  @Test
  void triesAgainWhateverGoesWrongAlsoInATakeOver() throws Exception {
    var faults = new Fault[] {Fault.ANSWER_429, Fault.ANSWER_500, Fault.RESET, Fault.LOST_ANSWER};
    put(open(), "a", 1);
    var api = own.keep(new FaultyApi(RealApiServer.shared()));
    for (var verb : List.of("GET", "PATCH", "PUT")) {
      api.next(request -> request.startsWith(verb), faults);
      var owner = open(api.client());
      assertThat(api.isThrough()).as(verb).isTrue();
      api.next(request -> request.startsWith(verb), faults);
      put(owner, "a", 2);
      api.next(request -> true);
      owner.close();
    }
    assertThat(lost).hasValue(0);
    assertThat(reopened()).isEqualTo(Map.of("a", 2L));
  }

  @Test
  void refusesWhileTheServerDoesAndStoresWhatItRefused() throws Exception {
    var api = own.keep(new FaultyApi(RealApiServer.shared()));
    var hasty = config.withPatience(Duration.ofSeconds(1));
    var owner = own.keep(KubernetesRecords.open(api.client(), hasty, lost::incrementAndGet));
    put(owner, "a", 1);
    api.always(Fault.ANSWER_500);

    assertThatExceptionOfType(ReceptorException.class)
        .isThrownBy(() -> put(owner, "a", 2))
        .withMessageContaining("the Kubernetes API answered 500");
    assertThatExceptionOfType(ReceptorException.class)
        .isThrownBy(owner::requireWritable)
        .withMessageContaining("the Kubernetes API answered 500");
    owner.settle(Table.DOMAINS, "a");
    assertThatExceptionOfType(ReceptorException.class)
        .isThrownBy(() -> Records.await(owner.write(List.of())));

    api.always(Fault.NONE);
    await()
        .atMost(SOON)
        .ignoreExceptionsInstanceOf(ReceptorException.class)
        .untilAsserted(
            () -> {
              owner.requireWritable();
              Records.await(owner.write(List.of()));
            });
    assertThat(reopened()).isEqualTo(Map.of("a", 2L));
  }

  /** Whoever dies in between must not leave instances of what nobody has asked for. */
  @Test
  void storesWhatIsDesiredBeforeItsInstances() throws Exception {
    var api = own.keep(new FaultyApi(RealApiServer.shared()));
    var owner = open(api.client());
    var desired = secrets().name(new Bucket(Table.DESIRED_LRPS, "web"));
    api.next(
        request -> request.startsWith("POST"),
        Fault.ANSWER_500,
        Fault.ANSWER_500,
        Fault.ANSWER_500);
    var stored =
        owner.write(
            List.of(
                Change.put(Table.ACTUAL_LRPS, "web/0", Map.of("index", 0)),
                Change.put(Table.DESIRED_LRPS, "web", Map.of("guid", "web"))));
    while (!stored.isDone()) {
      var names = secrets().list().stream().map(RecordSecrets.Stored::name).toList();
      if (!names.isEmpty()) {
        assertThat(names).contains(desired);
      }
    }
    Records.await(stored);
    assertThat(secrets().list()).hasSize(2);
  }

  private static Bucket domain(String name) {
    return new Bucket(Table.DOMAINS, name);
  }

  private RecordSecrets secrets() {
    return new RecordSecrets(kubernetes, config);
  }

  @Test
  void refusesNoRecordWhoseTurnComesLateWhileOthersAreStored() throws Exception {
    var api = own.keep(new FaultyApi(RealApiServer.shared()));
    var patient = config.withPatience(FaultyApi.SLOWNESS.multipliedBy(3));
    var records = own.keep(KubernetesRecords.open(api.client(), patient, lost::incrementAndGet));
    api.always(request -> request.startsWith("POST"), Fault.SLOW);

    // Ten rounds of as many as are written at a time, so the last ones wait longer than that.
    var changes = IntStream.range(0, 160).mapToObj(i -> change("domain-" + i, i)).toList();
    var stored = records.write(changes);

    assertThat(stored).succeedsWithin(SOON);
    assertThat(secrets().list()).hasSize(160);
  }

  private static void refusedAsLost(Runnable write) {
    assertThatExceptionOfType(ReceptorException.class)
        .isThrownBy(write::run)
        .withMessageMatching(".*(somebody else owns the records|lost)");
  }

  private static void assertConflict(Runnable request) {
    assertThatExceptionOfType(KubernetesClientException.class)
        .isThrownBy(request::run)
        .matches(failure -> failure.getCode() == 409);
  }
}

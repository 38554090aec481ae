package dev.ccbridge.receptor.store.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.kubernetes.RealApiServer;
import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.receptor.store.Change;
import dev.ccbridge.receptor.store.Records;
import dev.ccbridge.receptor.store.RecordsException;
import dev.ccbridge.receptor.store.Table;
import dev.ccbridge.receptor.store.kubernetes.FaultyApi.Fault;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Records that share a Secret, on a real API server. */
@Timeout(120)
class BucketsIT {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Bucket BUCKET = Bucket.of(new RecordKey(Table.ACTUAL_LRPS, "web/0"));

  private final OwnNamespace own = new OwnNamespace();
  private final KubernetesRecordsConfig config = own.config();
  private final KubernetesClient kubernetes = own.client();
  private final AtomicInteger lost = new AtomicInteger();
  private FaultyApi api;

  @BeforeEach
  void standBetween() throws IOException {
    api = own.keep(new FaultyApi(RealApiServer.shared()));
  }

  @AfterEach
  void close() throws Exception {
    api.release();
    own.close();
  }

  @Test
  void neighboursThatChangeWhileOneIsStoredAreOneRequest() {
    var owner = open();
    var before = api.count(verb("POST"));
    api.next(verb("POST"), Fault.HELD);
    var first = write(owner, "web/0", 1);
    await().atMost(SOON).until(() -> api.held() == 1);
    var more =
        IntStream.range(0, 200).mapToObj(i -> write(owner, "web/" + i % 32, 100 + i)).toList();
    assertThat(more).noneMatch(CompletableFuture::isDone);
    api.release();

    Records.await(first);
    more.forEach(Records::await);
    assertThat(api.count(verb("POST"))).isEqualTo(before + 1);
    assertThat(api.count(verb("PUT"))).isEqualTo(1);
    owner.close();
    assertThat(reopened()).hasSize(32).containsEntry("web/7", 299L).containsEntry("web/8", 268L);
  }

  @Test
  void oneGoesWhileItsNeighbourChanges() {
    var owner = open();
    put(owner, "web/0", 1);
    put(owner, "web/1", 1);
    put(owner, "web/2", 1);
    api.next(verb("PUT"), Fault.HELD);
    var third = write(owner, "web/2", 2);
    await().atMost(SOON).until(() -> api.held() == 1);
    var removed = owner.write(List.of(Change.remove(Table.ACTUAL_LRPS, "web/0")));
    var changed = write(owner, "web/1", 2);
    api.release();

    List.of(third, removed, changed).forEach(Records::await);
    assertThat(secrets().list()).hasSize(1);
    assertThat(reopened()).isEqualTo(Map.of("web/1", 2L, "web/2", 2L));
  }

  @Test
  void theSecretGoesWithItsLastRecordAndComesAgain() {
    var owner = open();
    put(owner, "web/0", 1);
    put(owner, "web/1", 1);
    remove(owner, "web/0");
    assertThat(secrets().list()).hasSize(1);
    remove(owner, "web/9");
    remove(owner, "web/1");
    assertThat(secrets().list()).isEmpty();

    put(owner, "web/2", 1);
    api.next(verb("DELETE"), Fault.HELD);
    var removed = owner.write(List.of(Change.remove(Table.ACTUAL_LRPS, "web/2")));
    await().atMost(SOON).until(() -> api.held() == 1);
    var again = write(owner, "web/3", 1);
    api.release();
    Records.await(removed);
    Records.await(again);
    assertThat(reopened()).isEqualTo(Map.of("web/3", 1L));
  }

  @Test
  void whatNeverWasStoredGoesWithoutARequest() {
    var owner = open();
    put(owner, "web/0", 1);
    var before = api.count(verb("PUT")) + api.count(verb("DELETE"));
    remove(owner, "web/1");
    assertThat(api.count(verb("PUT")) + api.count(verb("DELETE"))).isEqualTo(before);
    assertThat(reopened()).isEqualTo(Map.of("web/0", 1L));
  }

  @Test
  void anAnswerThatWasLostIsFoundAsOurOwn() {
    var owner = open();
    api.next(verb("POST"), Fault.LOST_ANSWER);
    Records.await(
        owner.write(
            List.of(
                Change.put(Table.ACTUAL_LRPS, "web/0", 1L),
                Change.put(Table.ACTUAL_LRPS, "web/1", 1L))));
    api.next(verb("PUT"), Fault.LOST_ANSWER, Fault.LOST_ANSWER);
    put(owner, "web/1", 2);
    put(owner, "web/2", 2);
    api.next(verb("PUT"), Fault.LOST_ANSWER);
    remove(owner, "web/0");
    assertThat(api.isThrough()).isTrue();
    assertThat(stored()).containsOnlyKeys("1", "2");

    remove(owner, "web/1");
    api.next(verb("DELETE"), Fault.LOST_ANSWER);
    remove(owner, "web/2");
    assertThat(api.isThrough()).isTrue();
    assertThat(secrets().list()).isEmpty();
    put(owner, "web/3", 3);
    assertThat(lost).hasValue(0);
    assertThat(reopened()).isEqualTo(Map.of("web/3", 3L));
  }

  @Test
  void whoTakesOverBeforeAWriteArrivesHasNothingOfIt() {
    var former = open();
    put(former, "web/0", 1);
    put(former, "web/1", 1);
    api.next(verb("PUT"), Fault.HELD);
    var late = write(former, "web/1", 2);
    await().atMost(SOON).until(() -> api.held() == 1);
    var owner = openWithoutFaults();
    var claimed = stored();
    api.release();

    refusedAsLost(late);
    assertThat(lost).hasValue(1);
    assertThat(stored()).usingRecursiveComparison().isEqualTo(claimed);
    put(owner, "web/2", 3);
    assertThat(reopened()).isEqualTo(Map.of("web/0", 1L, "web/1", 1L, "web/2", 3L));
  }

  /** Nobody is told of it, so it might be dropped as well; but not with its neighbours. */
  @Test
  void whatArrivesBetweenTheListAndTheClaimStaysInTheBucket() {
    var former = openWithoutFaults();
    put(former, "web/0", 1);
    put(former, "web/1", 1);
    api.next(verb("PATCH"), Fault.HELD);
    var opening = CompletableFuture.supplyAsync(this::open, Thread::startVirtualThread);
    await().atMost(SOON).until(() -> api.held() == 1);
    refusedAsLost(write(former, "web/1", 2));
    assertThat(lost).hasValue(1);
    api.release();

    var owner = opening.join();
    put(owner, "web/2", 3);
    assertThat(values(owner)).isEqualTo(Map.of("web/0", 1L, "web/1", 2L));
    assertThat(reopened()).isEqualTo(Map.of("web/0", 1L, "web/1", 2L, "web/2", 3L));
  }

  @Test
  void whatPeopleChangeByHandIsWrittenOverWithItsNeighbours() {
    var owner = open();
    put(owner, "web/0", 1);
    put(owner, "web/1", 1);
    secret()
        .edit(
            secret -> {
              secret.setData(Map.of("0", "eA==", "9", "eA=="));
              return secret;
            });
    put(owner, "web/2", 2);
    assertThat(stored()).containsOnlyKeys("0", "1", "2");
    secret().delete();
    put(owner, "web/1", 3);

    assertThat(lost).hasValue(0);
    assertThat(reopened()).isEqualTo(Map.of("web/0", 1L, "web/1", 3L, "web/2", 2L));
  }

  @Test
  void anEntryThatIsNoRecordIsNamed() {
    put(open(), "web/0", 1);
    var name = secrets().name(BUCKET);
    secret()
        .edit(
            secret -> {
              secret.setData(Map.of("0", secret.getData().get("0"), "32", "eA=="));
              return secret;
            });
    unreadable(name);
  }

  @Test
  void aRecordOfItsOwnSecretIsNotTakenForABucket() {
    open();
    var alone = new Bucket(Table.ACTUAL_LRPS, "web/0");
    var encoded = Change.put(Table.ACTUAL_LRPS, "web/0", 1L).encoded();
    secrets().create(alone, Map.of("record", encoded), 1);
    unreadable(secrets().name(alone));
  }

  private void unreadable(String name) {
    assertThatExceptionOfType(RecordsException.class)
        .isThrownBy(this::open)
        .withMessageContaining(config.namespace() + "/" + name + " is no record of the Receptor")
        .withMessageContaining("restore it, or delete it");
  }

  private Records open() {
    return open(api.client());
  }

  private Records openWithoutFaults() {
    return open(RealApiServer.shared().client());
  }

  private Records open(KubernetesClient client) {
    var records = own.keep(KubernetesRecords.open(client, config, lost::incrementAndGet));
    return records;
  }

  private static CompletableFuture<Void> write(Records records, String key, long value) {
    return records.write(List.of(Change.put(Table.ACTUAL_LRPS, key, value)));
  }

  private static void put(Records records, String key, long value) {
    Records.await(write(records, key, value));
  }

  private static void remove(Records records, String key) {
    Records.await(records.write(List.of(Change.remove(Table.ACTUAL_LRPS, key))));
  }

  /** What another owner finds. */
  private Map<String, Long> reopened() {
    return values(openWithoutFaults());
  }

  private static Map<String, Long> values(Records records) {
    return records.load(Table.ACTUAL_LRPS, Long.class);
  }

  private RecordSecrets secrets() {
    return new RecordSecrets(kubernetes, config);
  }

  private Map<String, byte[]> stored() {
    return secrets().find(secrets().name(BUCKET)).orElseThrow().entries();
  }

  private Resource<Secret> secret() {
    return kubernetes.secrets().inNamespace(config.namespace()).withName(secrets().name(BUCKET));
  }

  private static Predicate<String> verb(String verb) {
    return request -> request.startsWith(verb + " ") && !request.endsWith("-receptor-epoch");
  }

  private static void refusedAsLost(CompletableFuture<Void> write) {
    assertThatExceptionOfType(ReceptorException.class)
        .isThrownBy(() -> Records.await(write))
        .withMessageMatching(".*(somebody else owns the records|lost)");
  }
}

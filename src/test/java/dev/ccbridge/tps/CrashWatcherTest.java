package dev.ccbridge.tps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.receptor.FakeReceptor;
import dev.ccbridge.receptor.Requests;
import dev.ccbridge.receptor.model.ActualLRPResponse;
import dev.ccbridge.receptor.model.ActualLRPState;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The watcher between a Receptor and a CC, both of which fail when they are told to. */
class CrashWatcherTest {
  private final FakeReceptor receptor = new FakeReceptor();
  private final FakeCrashedEndpoint cc = new FakeCrashedEndpoint();
  private final MemoryLedger ledger = new MemoryLedger();
  private final List<CrashWatcher> watchers = new ArrayList<>();

  @AfterEach
  void close() {
    watchers.forEach(CrashWatcher::close);
    cc.close();
  }

  @Test
  void everyCrashIsToldOnceHoweverOftenAllIsListed() {
    desire("web", 2);
    var watcher = watch();
    var guid = instanceGuid("web", 1);
    for (var crash = 1; crash <= 5; crash++) {
      crash("web", 1);
      receptor.run("web", 1, "10.0.0.1", List.of());
    }
    crash("web", 0);
    awaitTold(watcher, 6);
    awaitLists(5);
    assertThat(cc.counts("web", 1)).containsExactly(1, 2, 3, 4, 5);
    assertThat(cc.counts("web", 0)).containsExactly(1);
    assertThat(cc.told().stream().filter(t -> t.index() == 1 && t.crashCount() == 1))
        .extracting(FakeCrashedEndpoint.Told::instance)
        .containsExactly(guid);
    assertThat(cc.requests()).isEqualTo(6);
  }

  @Test
  void whatHappensUnseenIsToldOnceWithTheCurrentCount() {
    desire("web", 1);
    var watcher = watch();
    receptor.setEventsLost(true);
    crash("web", 0);
    crash("web", 0);
    crash("web", 0);
    patiently().until(() -> cc.counts("web", 0).contains(3) && watcher.untold() == 0);
    awaitLists(5);
    assertThat(cc.counts("web", 0)).doesNotHaveDuplicates().last().isEqualTo(3);
  }

  @Test
  void aStreamThatIsCutAndAReceptorThatIsAwayLoseNothing() {
    desire("web", 1);
    var watcher = watch();
    receptor.setReachable(false);
    receptor.cutEvents();
    crash("web", 0);
    awaitNoSubscriber();
    receptor.setReachable(true);
    awaitTold(watcher, 1);
    awaitSubscriber();
    crash("web", 0);
    awaitTold(watcher, 2);
    awaitLists(3);
    assertThat(cc.counts("web", 0)).containsExactly(1, 2);
  }

  @Test
  void aCloudControllerThatIsAwayHearsOfEachCrashInOrderWhenItIsBack() {
    desire("web", 1);
    cc.setStatus(503);
    var watcher = watch();
    crash("web", 0);
    crash("web", 0);
    crash("web", 0);
    patiently().until(() -> cc.requests() >= 3);
    assertThat(watcher.untold()).isEqualTo(3);
    cc.setStatus(200);
    awaitTold(watcher, 3);
    assertThat(cc.counts("web", 0)).containsExactly(1, 2, 3);
  }

  @Test
  void aBacklogOfOneInstanceIsBoundedAndEndsWithTheLatestCrash() {
    desire("web", 1);
    cc.setStatus(500);
    var watcher = watch();
    for (var crash = 1; crash <= 100; crash++) {
      crash("web", 0);
    }
    patiently().until(() -> watcher.untold() == 16);
    cc.setStatus(200);
    patiently().until(() -> watcher.untold() == 0);
    assertThat(cc.counts("web", 0)).hasSize(16).last().isEqualTo(100);
    awaitLists(3);
    assertThat(cc.counts("web", 0)).hasSize(16);
  }

  @Test
  void whatCloudControllerRefusesForGoodIsNotToldAgain() {
    desire("web", 1);
    cc.setStatus(404);
    var watcher = watch();
    crash("web", 0);
    patiently().until(() -> cc.requests() > 0 && watcher.untold() == 0);
    cc.setStatus(200);
    awaitLists(3);
    assertThat(cc.told()).isEmpty();
    assertThat(cc.requests()).isEqualTo(1);
  }

  @Test
  void theNextWatcherTellsWhatTheFirstCouldNotAndNothingTwice() {
    desire("web", 2);
    var first = watch();
    crash("web", 0);
    awaitTold(first, 1);
    patiently().until(() -> ledger.told().size() == 1);
    cc.setStatus(503);
    crash("web", 1);
    patiently().until(() -> first.untold() == 1);
    first.close();
    cc.setStatus(200);
    var second = watch();
    awaitTold(second, 2);
    awaitLists(3);
    assertThat(cc.counts("web", 0)).containsExactly(1);
    assertThat(cc.counts("web", 1)).containsExactly(1);
  }

  @Test
  void dyingBetweenTellingAndRecordingRepeatsAndLosesNothing() {
    desire("web", 1);
    var first = watch();
    ledger.setReachable(false);
    crash("web", 0);
    awaitTold(first, 1);
    first.close();
    ledger.setReachable(true);
    assertThat(ledger.told()).isEmpty();
    var second = watch();
    awaitTold(second, 2);
    patiently().until(() -> ledger.told().size() == 1);
    awaitLists(3);
    assertThat(cc.counts("web", 0)).containsExactly(1, 1);
  }

  @Test
  void aLedgerThatIsBackIsToldWhatItMissed() {
    desire("web", 1);
    var watcher = watch();
    ledger.setReachable(false);
    crash("web", 0);
    awaitTold(watcher, 1);
    ledger.setReachable(true);
    patiently().until(() -> ledger.told().containsKey(new CrashKey("web", 0)));
    assertThat(cc.counts("web", 0)).containsExactly(1);
  }

  @Test
  void withoutTheLedgerNothingIsDecidedFromAList() {
    desire("web", 1);
    crash("web", 0);
    ledger.setReachable(false);
    var watcher = watch();
    awaitLists(4);
    assertThat(cc.requests()).isZero();
    ledger.setReachable(true);
    awaitTold(watcher, 1);
  }

  @Test
  void aRecordThatBeginsAnewCrashesAnew() {
    desire("web", 1);
    var watcher = watch();
    crash("web", 0);
    awaitTold(watcher, 1);
    receptor.killActualLRP("web", 0);
    receptor.converge();
    receptor.setEventsLost(true);
    receptor.run("web", 0, "10.0.0.1", List.of());
    crash("web", 0);
    awaitTold(watcher, 2);
    awaitLists(3);
    assertThat(cc.counts("web", 0)).containsExactly(1, 1);
  }

  @Test
  void otherDomainsAreNotToldOf() {
    receptor.createDesiredLRP(Requests.lrp("other", "k8s-apps", 1));
    desire("web", 1);
    var watcher = watch();
    receptor.crash("other", 0, "boom", ActualLRPState.CRASHED);
    crash("web", 0);
    awaitTold(watcher, 1);
    awaitLists(3);
    assertThat(cc.told()).extracting(FakeCrashedEndpoint.Told::processGuid).containsExactly("web");
  }

  @Test
  void aThousandInstancesThatCrashAtOnceAreToldAtMostSoManyAtATime() {
    desire("web", 1000);
    cc.setPauseMillis(20);
    var watcher = watch();
    IntStream.range(0, 1000).forEach(index -> crash("web", index));
    awaitTold(watcher, 1000);
    assertThat(cc.told()).extracting(FakeCrashedEndpoint.Told::index).doesNotHaveDuplicates();
    assertThat(cc.mostAtATime()).isBetween(2, 50);
    patiently().until(() -> ledger.told().size() == 1000);
  }

  // ---- what the tests say ----

  private void desire(String processGuid, int instances) {
    receptor.createDesiredLRP(Requests.lrp(processGuid, "cf-apps", instances));
    receptor.runAll(processGuid);
  }

  private void crash(String processGuid, int index) {
    receptor.crash(processGuid, index, "boom", ActualLRPState.UNCLAIMED);
  }

  private String instanceGuid(String processGuid, int index) {
    return receptor
        .findActualLRP(processGuid, index)
        .map(ActualLRPResponse::instanceGuid)
        .orElseThrow();
  }

  /** Returns when it is subscribed. */
  private CrashWatcher watch() {
    var config =
        new CrashWatcherConfig(
            Duration.ofMillis(50),
            Duration.ofMillis(20),
            Duration.ofMillis(20),
            Duration.ofMillis(20),
            Duration.ofMillis(100),
            50,
            true);
    var watcher = new CrashWatcher(config, receptor, cc.client, ledger, new SimpleMeterRegistry());
    watchers.add(watcher);
    watcher.start();
    awaitSubscriber();
    return watcher;
  }

  private void awaitSubscriber() {
    patiently().until(() -> receptor.subscribers() == 1);
  }

  private void awaitNoSubscriber() {
    patiently().until(() -> receptor.subscribers() == 0);
  }

  private void awaitTold(CrashWatcher watcher, int crashes) {
    patiently().until(() -> cc.told().size() >= crashes && watcher.untold() == 0);
  }

  /** So many lists have begun from now on; all but the last have been compared. */
  private void awaitLists(int lists) {
    var before = receptor.calls("actualLRPs");
    patiently().until(() -> receptor.calls("actualLRPs") >= before + lists);
  }

  private static ConditionFactory patiently() {
    return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(10));
  }
}

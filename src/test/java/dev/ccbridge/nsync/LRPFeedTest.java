package dev.ccbridge.nsync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.receptor.FakeReceptor;
import dev.ccbridge.receptor.FakeReceptor.When;
import dev.ccbridge.receptor.LRPFeed;
import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.model.Action;
import dev.ccbridge.receptor.model.DesiredLRPCreateRequest;
import dev.ccbridge.receptor.model.ReceptorEvent;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
class LRPFeedTest {
  private static final Duration PAUSE = Duration.ofMillis(10);
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final FakeReceptor receptor = new FakeReceptor();
  private final LRPCache cache = new LRPCache();
  private final Set<LRPCache.Change> changes = ConcurrentHashMap.newKeySet();
  private final AtomicInteger chores = new AtomicInteger();
  private LRPFeed feed;

  @AfterEach
  void close() {
    feed.close();
    assertThat(receptor.subscribers()).isZero();
  }

  @Test
  void listsWhatWasThereBeforeTheSubscriptionAndFollowsTheEvents() {
    receptor.createDesiredLRP(lrp(Lrps.V1));
    start(Duration.ofHours(1));
    await().until(feed::isInStep);
    assertThat(guids()).containsExactly(Lrps.V1);

    receptor.createDesiredLRP(lrp(Lrps.V2));
    await().until(() -> guids().contains(Lrps.V2));
    assertThat(changes).contains(new LRPCache.Change(Lrps.DOMAIN, Lrps.V2));
    assertThat(receptor.calls("desiredLRPs")).isEqualTo(1);
  }

  @Test
  void subscribesAndListsAnewWhenTheStreamWasCut() {
    start(Duration.ofHours(1));
    await().until(feed::isInStep);
    receptor.setEventsLost(true);
    receptor.createDesiredLRP(lrp(Lrps.V1));
    receptor.setReachable(false);
    receptor.cutEvents();
    await().until(() -> !feed.isInStep());

    receptor.setReachable(true);
    await().until(feed::isInStep);
    assertThat(guids()).containsExactly(Lrps.V1);
  }

  @Test
  void theRegularListRepairsALostEvent() {
    start(Duration.ofMillis(50));
    await().until(feed::isInStep);
    receptor.setEventsLost(true);
    receptor.createDesiredLRP(lrp(Lrps.V1));
    await().until(() -> guids().contains(Lrps.V1));
  }

  @Test
  void doubtIsClearedByAListOnly() {
    start(Duration.ofHours(1));
    await().until(feed::isInStep);
    receptor.setReachable(false);
    feed.doubt();
    assertThat(feed.isInStep()).isFalse();
    receptor.setReachable(true);
    await().until(feed::isInStep);
  }

  @Test
  void aListThatFailsIsTriedAgainAndLeavesWhatIsKnown() {
    receptor.failNext("desiredLRPs", When.AFTER);
    start(Duration.ofHours(1));
    await().until(feed::isInStep);
    assertThat(receptor.calls("desiredLRPs")).isEqualTo(2);
    assertThat(chores.get()).isEqualTo(1);
  }

  @Test
  void whoWaitsIsToldAtOnceThatTheReceptorIsAwayAndThatItIsBack() throws Exception {
    receptor.setReachable(false);
    start(Duration.ofHours(1));
    assertThat(feed.awaitInStep(PATIENCE)).isFalse();
    receptor.setReachable(true);
    await().until(() -> feed.awaitInStep(PATIENCE));
    assertThat(feed.awaitInStep(Duration.ZERO)).isTrue();
  }

  @Test
  void aFailingChoreStopsNothing() {
    feed =
        new LRPFeed(
            receptor,
            sink(
                () -> {
                  chores.incrementAndGet();
                  throw new IllegalStateException("chore");
                }),
            Duration.ofMillis(10),
            PAUSE);
    feed.start();
    await().until(() -> chores.get() > 2);
  }

  private void start(Duration compareInterval) {
    feed = new LRPFeed(receptor, sink(chores::incrementAndGet), compareInterval, PAUSE);
    feed.start();
  }

  private List<String> guids() {
    return cache.desired().stream().map(d -> d.processGuid()).toList();
  }

  private LRPFeed.Sink sink(Runnable afterList) {
    return new LRPFeed.Sink() {
      @Override
      public void accept(ReceptorEvent event) {
        cache.accept(event).ifPresent(changes::add);
      }

      @Override
      public void list(Receptor from) {
        changes.addAll(cache.list(from));
      }

      @Override
      public void afterList() {
        afterList.run();
      }
    };
  }

  private static DesiredLRPCreateRequest lrp(String guid) {
    var d = Lrps.desired(guid, 1, "", 0);
    return new DesiredLRPCreateRequest(
        guid,
        Lrps.DOMAIN,
        d.rootfs(),
        1,
        List.of(),
        null,
        Action.run("vcap", "/x", List.of(), List.of(), null, ""),
        null,
        0,
        0,
        0,
        1,
        true,
        List.of(8080),
        Map.of(),
        "",
        "",
        "",
        "",
        List.of(),
        "",
        "");
  }
}

package dev.ccbridge.receptor.store.kubernetes;

import dev.ccbridge.receptor.store.RecordsException;
import dev.ccbridge.receptor.store.kubernetes.RecordSecrets.Stored;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the records get a new owner. When it is done, a former owner can change none of them any
 * more: see the package's own words.
 */
final class TakeOver {
  private static final Logger LOG = LoggerFactory.getLogger(TakeOver.class);
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /**
   * What was taken over.
   *
   * @param epoch ours
   */
  record Taken(long epoch, List<Stored> secrets) {}

  private final KubernetesRecordsConfig config;
  private final RecordSecrets secrets;
  private final Epoch epoch;
  private final Pauses pauses;

  TakeOver(KubernetesRecordsConfig config, RecordSecrets secrets, Epoch epoch, Pauses pauses) {
    this.config = config;
    this.secrets = secrets;
    this.epoch = epoch;
    this.pauses = pauses;
  }

  /**
   * @throws RecordsException when somebody else takes them over at the same time, or the Kubernetes
   *     API does not let us
   */
  Taken run() {
    long above = 0;
    while (true) {
      long floor = above;
      var raised = pauses.persist("raise the epoch", LIMIT, () -> epoch.raise(floor));
      if (raised.isEmpty()) {
        continue;
      }
      var ours = raised.get();
      var found = pauses.persist("list the records", LIMIT, secrets::list);
      above = found.stream().mapToLong(Stored::epoch).max().orElse(0);
      if (above < ours.number()) {
        return takeOver(ours, found);
      }
      // Somebody has removed the epoch's Secret, and the count begins anew above the records.
    }
  }

  private Taken takeOver(Epoch.Numbers ours, List<Stored> found) {
    var kept = new ArrayList<Stored>();
    for (var secret : found) {
      if (secret.epoch() < ours.claimed()) {
        drop(secret);
      } else {
        kept.add(secret);
      }
    }
    var claimed = claim(kept, ours.number());
    confirm(ours);
    return new Taken(ours.number(), claimed);
  }

  /** Made by a former owner after its end: nobody was told of it. */
  private void drop(Stored late) {
    LOG.warn(
        "records that a former owner made too late are dropped secret={} epoch={}",
        late.name(),
        late.epoch());
    try {
      pauses.persist(
          "drop records",
          LIMIT,
          () -> {
            secrets.delete(late.name(), late.version());
            return true;
          });
    } catch (KubernetesClientException changed) {
      LOG.debug("changed meanwhile secret={}", late.name());
    }
  }

  private List<Stored> claim(List<Stored> all, long number) {
    var permits = new Semaphore(config.parallelWrites());
    var claims = new ArrayList<Future<Optional<Stored>>>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var secret : all) {
        claims.add(
            threads.submit(
                () -> {
                  permits.acquire();
                  try {
                    return claim(secret, number);
                  } finally {
                    permits.release();
                  }
                }));
      }
    }
    var claimed = new ArrayList<Stored>();
    for (var claim : claims) {
      try {
        claim.get().ifPresent(claimed::add);
      } catch (ExecutionException failed) {
        throw failed.getCause() instanceof RecordsException refused
            ? refused
            : new RecordsException("cannot claim the records", failed.getCause());
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new RecordsException("interrupted", interrupted);
      }
    }
    return claimed;
  }

  /** Empty for one that the former owner has removed meanwhile. */
  private Optional<Stored> claim(Stored listed, long number) {
    var secret = listed;
    while (true) {
      var seen = secret;
      try {
        var version =
            pauses.persist(
                "claim records", LIMIT, () -> secrets.claim(seen.name(), number, seen.version()));
        return Optional.of(
            new Stored(seen.name(), seen.table(), seen.key(), number, version, seen.entries()));
      } catch (KubernetesClientException changed) {
        var now = pauses.persist("read records", LIMIT, () -> secrets.find(seen.name()));
        if (now.isEmpty()) {
          return now;
        }
        if (now.get().epoch() > number) {
          throw somebodyElse();
        }
        secret = now.get();
      }
    }
  }

  private void confirm(Epoch.Numbers ours) {
    try {
      pauses.persist("confirm the epoch", LIMIT, () -> epoch.claimed(ours));
    } catch (KubernetesClientException changed) {
      var now = pauses.persist("read the epoch", LIMIT, epoch::read);
      // Ours, when the answer to an earlier attempt was lost.
      if (now.filter(seen -> seen.number() == ours.number() && seen.claimed() == ours.number())
          .isEmpty()) {
        throw somebodyElse();
      }
    }
  }

  private RecordsException somebodyElse() {
    return new RecordsException(
        "somebody else takes over the records of "
            + config.name()
            + " in namespace "
            + config.namespace()
            + " at the same time; expected one leader",
        null);
  }
}
